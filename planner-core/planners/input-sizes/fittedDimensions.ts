import { appendTo } from '../../base/groups';
import type { FittedDimension, Size } from '../../plan/sizePlan';
import { evaluate, quadraticFit, type FitPoint } from './quadraticFit';
import { badSizes } from './sizeDistribution';

/** What a dimension that depends on data was in a batch of a size. */
export interface DimensionSample {
  readonly dimension: string;
  readonly size: Size;
  readonly value: number;
}

/** A quadratic needs as many. */
const leastSizes = 3;

/**
 * Dimensions that depend on data as functions of the sizes, by what they were in some batches: least squares, raised until no batch is
 * above it. That is no bound: another batch may be. Throws 'bad-sizes' for fewer than three sizes, or for what is no size.
 */
export function fitDimensions(samples: readonly DimensionSample[]): FittedDimension[] {
  const byDimension = new Map<string, FitPoint[]>();
  for (const { dimension, size, value } of samples) {
    if (!Number.isInteger(value) || value < 0)
      throw badSizes(
        `${dimension} is ${value} at ${size.join('×')}, which is no whole number of at least 0.`,
      );
    appendTo(byDimension, dimension, { x: productOf(size), y: value });
  }
  return [...byDimension].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, points]) => fitOf(name, points));
}

function fitOf(dimension: string, points: readonly FitPoint[]): FittedDimension {
  const sizes = new Set(points.map(({ x }) => x)).size;
  if (sizes < leastSizes)
    throw badSizes(
      `${dimension} depends on data and is known at ${sizes} ${sizes === 1 ? 'size' : 'sizes'}.`,
      `Give it at ${leastSizes} sizes or more: a quadratic needs as many.`,
    );
  const [constant, ...rest] = quadraticFit(points);
  const above = points.map(({ x, y }) => y - evaluate([constant, ...rest], x));
  const coefficients = [constant + Math.max(0, ...above), ...rest];
  const errors = points.map(({ x, y }) => Math.abs(sizeOf(coefficients, x) - y) / Math.max(1, y));
  return { dimension, coefficients, sizes, errorPercent: 100 * Math.max(...errors) };
}

/** The dimensions at a size: whole numbers, and at least 1. */
export const fittedSizes = (fitted: readonly FittedDimension[], size: Size): Record<string, number> =>
  Object.fromEntries(
    fitted.map(({ dimension, coefficients }) => [dimension, sizeOf(coefficients, productOf(size))]),
  );

/** What least squares leave of rounding is no reason to take one more. */
const sizeOf = (coefficients: readonly number[], x: number): number =>
  Math.max(1, Math.ceil(evaluate(coefficients, x) - 1e-6));

const productOf = (size: Size): number => size.reduce((product, x) => product * x, 1);
