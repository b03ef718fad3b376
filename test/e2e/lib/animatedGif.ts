import gifenc, { type Palette } from 'gifenc';
import { PNG } from 'pngjs';

/** A picture of an animation, and for how long it is shown. */
export interface AnimationFrame {
  readonly png: Buffer;
  readonly showMs: number;
}

// The package is CommonJS, whose names Node does not see.
const { applyPalette, GIFEncoder, quantize } = gifenc;

const mostColours = 255;

/** Encodes pictures of one size as an animated GIF without end; of each picture only what changed is stored. */
export function animatedGif(frames: readonly AnimationFrame[]): Uint8Array {
  const pictures = frames.map(({ png }) => PNG.sync.read(png));
  const { width, height } = pictures[0];
  const palette = commonPalette(pictures.map(({ data }) => data));
  const unchanged = palette.length;
  const encoder = GIFEncoder();
  let shown: Uint8Array | undefined;
  pictures.forEach(({ data }, i) => {
    const indices = applyPalette(data, palette);
    const drawn = shown ? indices.map((index, at) => (index === shown![at] ? unchanged : index)) : indices;
    encoder.writeFrame(drawn, width, height, {
      ...(shown ? {} : { palette: [...palette, [0, 0, 0]] }),
      delay: frames[i].showMs,
      transparent: shown !== undefined,
      transparentIndex: unchanged,
      dispose: 1,
    });
    shown = indices;
  });
  encoder.finish();
  return encoder.bytes();
}

/** Colours of pictures from all over the animation. */
function commonPalette(pictures: readonly Buffer[]): Palette {
  const some = [0, 0.25, 0.5, 0.75, 1].map((at) => pictures[Math.round(at * (pictures.length - 1))]);
  return quantize(Buffer.concat(some), mostColours);
}
