import gifenc, { type Palette } from 'gifenc';
import { PNG } from 'pngjs';

// The package is CommonJS, whose names Node does not see.
const { GIFEncoder } = gifenc;

/** A picture of an animation, and for how long it is shown. */
export interface AnimationFrame {
  readonly png: Buffer;
  readonly showMs: number;
}

/** One index of a GIF's 256 is for what did not change. */
const mostColours = 255;

/** Encodes pictures of one size as an animated GIF without end; of each picture only what changed is stored. */
export function animatedGif(frames: readonly AnimationFrame[]): Uint8Array {
  const pictures = frames.map(({ png }) => PNG.sync.read(png));
  const { width, height } = pictures[0];
  const colours = pictures.map(({ data }) => coloursOf(data));
  const common = commonColours(colours);
  const palette = common.map((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]);
  const unchanged = palette.length;
  const nearest = new Map(common.map((colour, index) => [colour, index]));
  const encoder = GIFEncoder();
  let shown: Uint8Array | undefined;
  colours.forEach((picture, i) => {
    const indices = Uint8Array.from(picture, (colour) => indexOf(colour, palette, nearest));
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

/** 0xRRGGBB of every pixel. */
function coloursOf(rgba: Buffer): Uint32Array {
  return Uint32Array.from({ length: rgba.length / 4 }, (_, i) => rgba.readUInt32BE(4 * i) >>> 8);
}

/** The colours that most pixels have: those of areas as they are, of the edges of letters the most common. */
function commonColours(pictures: readonly Uint32Array[]): number[] {
  const counts = new Map<number, number>();
  for (const picture of pictures)
    for (const colour of picture) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  return [...counts]
    .sort(([a, of], [b, than]) => than - of || a - b)
    .slice(0, mostColours)
    .map(([colour]) => colour);
}

/** Of the colour of the palette that is nearest, which is remembered. */
function indexOf(colour: number, palette: Palette, nearest: Map<number, number>): number {
  const known = nearest.get(colour);
  if (known !== undefined) return known;
  const distances = palette.map(
    ([red, green, blue]) =>
      ((colour >> 16) - red) ** 2 + (((colour >> 8) & 255) - green) ** 2 + ((colour & 255) - blue) ** 2,
  );
  const index = distances.indexOf(Math.min(...distances));
  nearest.set(colour, index);
  return index;
}
