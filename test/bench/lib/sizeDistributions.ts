import { Random } from '../../unit/support/random';

/** Sizes of the batches of a training run, one a line, as `readSizes` takes them. */
export interface SizeTrace {
  readonly name: string;
  readonly batch: number;
  readonly text: string;
}

const batches = 1000;

/** Normal with mean 0 and deviation 1 (Box and Muller 1958). */
const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** Padded lengths: of each batch the longest example; examples log-normal about a median, cut off. */
function lengths(
  name: string,
  seed: number,
  batch: number,
  median: number,
  spread: number,
  least: number,
  most: number,
): SizeTrace {
  const random = new Random(seed);
  const example = (): number =>
    Math.min(most, Math.max(least, Math.round(median * Math.exp(spread * normal(random)))));
  const longest = (): number => Math.max(...Array.from({ length: batch }, example));
  return { name, batch, text: Array.from({ length: batches }, longest).join('\n') };
}

/**
 * Batches, lengths and limits are those of Mimose's scripts for these tasks; that examples are log-normal, and their medians and
 * spreads, is assumed after what the data sets' papers tell of them. Seeded: the same on every machine.
 */
export const textTraces: readonly SizeTrace[] = [
  lengths('SQuAD-like', 1, 12, 150, 0.32, 30, 384),
  lengths('SWAG-like', 2, 16, 28, 0.35, 12, 160),
  lengths('translation-like', 3, 8, 40, 0.75, 21, 512),
];

/** Multi-scale training: the short side one of several, the long one after the picture's format, both in multiples of 32. */
export function imageTrace(batch: number): SizeTrace {
  const random = new Random(4);
  const short = [256, 288, 320, 352, 384, 416, 448, 480];
  const formats = [1, 4 / 3, 3 / 2, 16 / 9];
  const sizes = Array.from({ length: batches }, () => {
    const height = random.pick(short);
    const width = Math.min(640, 32 * Math.round((height * random.pick(formats)) / 32));
    return random.chance(0.75) ? `${height}x${width}` : `${width}x${height}`;
  });
  return { name: 'multi-scale images', batch, text: sizes.join('\n') };
}
