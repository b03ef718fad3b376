import type { Size } from '../../plan/sizePlan';

/** Sizes at like distances: `origin[i] + k[i] · stride[i]` with whole `k[i]` of at least 0. */
export interface SizeLattice {
  readonly origin: Size;
  readonly stride: Size;
}

/** The coarsest lattice that has all of the sizes; a dimension that never changes has the stride 0. */
export function latticeOf(sizes: readonly Size[]): SizeLattice {
  const origin = sizes[0].map((_, axis) => Math.min(...sizes.map((size) => size[axis])));
  const stride = origin.map((least, axis) =>
    sizes.reduce((divisor, size) => greatestCommonDivisor(divisor, size[axis] - least), 0),
  );
  return { origin, stride };
}

/** Steps from the origin along each axis; undefined for a size that is not on the lattice. */
export function stepsTo({ origin, stride }: SizeLattice, size: Size): Size | undefined {
  const steps = size.map((x, axis) => (x === origin[axis] ? 0 : (x - origin[axis]) / stride[axis]));
  return steps.every((k) => Number.isInteger(k) && k >= 0) ? steps : undefined;
}

export const sizeAt = ({ origin, stride }: SizeLattice, steps: Size): number[] =>
  origin.map((least, axis) => least + steps[axis] * stride[axis]);

export const sizeKey = (size: Size): string => size.join('×');

/** The first dimension counts most. */
export function compareSizes(a: Size, b: Size): number {
  const axis = a.findIndex((x, i) => x !== b[i]);
  return axis < 0 ? 0 : a[axis] - b[axis];
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}
