import { HeadroomError } from '../../base/errors';
import type { Size, WeightedSize } from '../../plan/sizePlan';
import type { DimensionSample } from './fittedDimensions';
import { compareSizes, sizeKey } from './sizeLattice';

/** Sizes that inputs come in. */
export interface SizeDistribution {
  readonly dimensions: readonly string[];
  /** Ascending, none twice, weights above 0. */
  readonly sizes: readonly WeightedSize[];
  /** Batch after batch, indices into `sizes`; absent where the order is not known. */
  readonly trace?: Int32Array;
  /** What depends on data, where the text has it. */
  readonly samples?: readonly DimensionSample[];
}

/** More different sizes than this are no distribution to plan for: sizes are rounded up before. */
const mostSizes = 20_000;
/** No tensor has a larger axis. */
const largestSize = 2 ** 31;

/** What a text says before it is known to make sense; `line` counts from 1. */
export interface WrittenSize {
  readonly size: Size;
  readonly weight: number;
  readonly line: number;
}

export const badSizes = (what: string, hint = 'docs/input-sizes.md has the forms.'): HeadroomError =>
  new HeadroomError('bad-sizes', what, hint);

/**
 * Puts sizes together; those in the order of batches have a trace. `ranges`: by dimension, what the model was exported
 * for. Throws 'bad-sizes' naming the line of a size that is no positive whole number, is absurd or is out of range, of a
 * weight that is negative, and for sizes that weigh nothing.
 */
export function distributionOf(
  dimensions: readonly string[],
  written: readonly WrittenSize[],
  isTrace: boolean,
  ranges: ReadonlyMap<string, { readonly least: number; readonly most: number }> = new Map(),
): SizeDistribution {
  const weights = new Map<string, { size: Size; weight: number }>();
  for (const { size, weight, line } of written) {
    if (size.length !== dimensions.length)
      throw badSizes(
        `Line ${line} has ${size.length} numbers for ${dimensions.length} dimensions (${dimensions.join(', ')}).`,
      );
    size.forEach((x, axis) => checkSize(x, dimensions[axis], line, ranges));
    if (!Number.isFinite(weight) || weight < 0)
      throw badSizes(
        `Line ${line}: the weight of ${size.join('×')} is ${weight}.`,
        'Give a number of at least 0.',
      );
    const key = sizeKey(size);
    const known = weights.get(key);
    if (known) known.weight += weight;
    else weights.set(key, { size, weight });
  }
  if (weights.size === 0) throw badSizes('There are no sizes.');
  if (weights.size > mostSizes)
    throw badSizes(`There are ${weights.size} different sizes; the limit is ${mostSizes}.`, 'Round them up.');
  const sizes = [...weights.values()]
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => compareSizes(a.size, b.size));
  if (sizes.length === 0) throw badSizes('All weights are 0.');
  const index = new Map(sizes.map(({ size }, i) => [sizeKey(size), i]));
  const trace = isTrace ? Int32Array.from(written, ({ size }) => index.get(sizeKey(size))!) : undefined;
  return { dimensions, sizes, ...(trace ? { trace } : {}) };
}

function checkSize(
  size: number,
  dimension: string,
  line: number,
  ranges: ReadonlyMap<string, { readonly least: number; readonly most: number }>,
): void {
  if (!Number.isInteger(size) || size < 1)
    throw badSizes(`Line ${line}: the size ${size} of ${dimension} is no positive whole number.`);
  if (size > largestSize) throw badSizes(`Line ${line}: the size ${size} of ${dimension} is absurd.`);
  const range = ranges.get(dimension);
  if (range && (size < range.least || size > range.most))
    throw badSizes(
      `Line ${line}: the size ${size} of ${dimension} is outside of what the model was exported for, ${range.least} to ${range.most}.`,
      'Leave it out, or export the model for larger sizes.',
    );
}

export const totalWeight = ({ sizes }: Pick<SizeDistribution, 'sizes'>): number =>
  sizes.reduce((sum, { weight }) => sum + weight, 0);

/** The sizes below which a share of the batches lies, in the order of `sizes`. */
export function percentilesOf(
  distribution: Pick<SizeDistribution, 'sizes'>,
  percents: readonly number[],
): { percent: number; size: Size }[] {
  const total = totalWeight(distribution);
  return percents.map((percent) => {
    let sum = 0;
    const found = distribution.sizes.find(
      ({ weight }) => (sum += weight) >= (percent / 100) * total * (1 - 1e-12),
    );
    return { percent, size: (found ?? distribution.sizes[distribution.sizes.length - 1]).size };
  });
}
