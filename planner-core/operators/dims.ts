import {
  dimText,
  equals,
  floorDivide,
  maximum,
  minimum,
  product,
  subtract,
  type Dim,
  type DimExpression,
} from '../graph/dim';
import type { Shape } from '../graph/modelGraph';
import { mismatch } from './inferenceProblem';

type Interval = readonly [low: number, high: number];
type Atom = DimExpression['terms'][number]['atoms'][number];

const anything: Interval = [-Infinity, Infinity];

/** Marks the names of sizes that depend on data; unlike the sizes of inputs they may be 0. */
export const dataDependentMark = ':';

/** True when a size depends on data (or on an unknown operator) rather than on the model's inputs alone. */
export function dependsOnData(dim: Dim): boolean {
  return typeof dim !== 'number' && dim.text.includes(dataDependentMark);
}

/** Bounds of an expression, with sizes of inputs taken as at least 1 (an empty batch is not a training step). */
function interval(dim: Dim): Interval {
  if (typeof dim === 'number') return [dim, dim];
  let low = 0;
  let high = 0;
  for (const term of dim.terms) {
    const factors = term.atoms.map(atomInterval);
    if (factors.some(([least]) => least < 0)) return anything;
    const least = factors.reduce((value, factor) => value * factor[0], 1);
    const most = factors.reduce((value, factor) => (factor[1] === 0 ? 0 : value * factor[1]), 1);
    low += term.coefficient * (term.coefficient > 0 ? least : most);
    high += term.coefficient * (term.coefficient > 0 ? most : least);
  }
  return Number.isNaN(low) || Number.isNaN(high) ? anything : [low, high];
}

function atomInterval(atom: Atom): Interval {
  if (atom.kind === 'symbol') return [atom.text.includes(dataDependentMark) ? 0 : 1, Infinity];
  const [lowA, highA] = interval(atom.a);
  const [lowB, highB] = interval(atom.b);
  switch (atom.kind) {
    case 'max':
      return [Math.max(lowA, lowB), Math.max(highA, highB)];
    case 'min':
      return [Math.min(lowA, lowB), Math.min(highA, highB)];
    case 'floorDiv':
      if (lowB !== highB || lowB <= 0) return lowA >= 0 && lowB > 0 ? [0, highA] : anything;
      return [Math.floor(lowA / lowB), Math.floor(highA / lowB)];
  }
}

/** Sign of a - b where it is the same for all sizes; undefined otherwise. */
export function compareDims(a: Dim, b: Dim): -1 | 0 | 1 | undefined {
  const [low, high] = interval(subtract(a, b));
  if (low > 0) return 1;
  if (high < 0) return -1;
  return low === 0 && high === 0 ? 0 : undefined;
}

/** True when a size or bound is at least 0 whatever the sizes of the inputs. */
export function isNonNegative(dim: Dim): boolean {
  return interval(dim)[0] >= 0;
}

/** max(dim, 0), without the maximum where it is not needed. */
export function atLeastZero(dim: Dim): Dim {
  const sign = compareDims(dim, 0);
  if (sign === -1) return 0;
  return isNonNegative(dim) ? dim : maximum(dim, 0);
}

/** True when a <= b for all sizes. */
function isAtMost(a: Dim, b: Dim): boolean {
  if (interval(subtract(a, b))[1] <= 0) return true;
  return hasPart(a, 'min', b) || hasPart(b, 'max', a);
}

/** True for min(part, ...) or max(part, ...). */
function hasPart(dim: Dim, kind: 'min' | 'max', part: Dim): boolean {
  if (typeof dim === 'number' || dim.terms.length !== 1) return false;
  const { coefficient, atoms } = dim.terms[0];
  const [atom] = atoms;
  if (coefficient !== 1 || atoms.length !== 1 || atom.kind !== kind) return false;
  return equals(atom.a, part) || equals(atom.b, part);
}

/** The larger one, or max(a, b) where that depends on the sizes. */
export function larger(a: Dim, b: Dim): Dim {
  return isAtMost(b, a) ? a : isAtMost(a, b) ? b : maximum(a, b);
}

/** The smaller one, or min(a, b) where that depends on the sizes. */
export function smaller(a: Dim, b: Dim): Dim {
  return isAtMost(a, b) ? a : isAtMost(b, a) ? b : minimum(a, b);
}

/**
 * The size of two broadcast dimensions. Unequal expressions can only meet when one of them is 1 at run time, so the
 * larger one is right.
 */
function broadcastDim(a: Dim, b: Dim): Dim {
  if (equals(a, b) || b === 1) return a;
  if (a === 1) return b;
  if (typeof a === 'number' && typeof b === 'number') {
    throw mismatch(`Sizes ${a} and ${b} cannot be broadcast together.`);
  }
  if (typeof a === 'number') return a;
  if (typeof b === 'number') return b;
  return larger(a, b);
}

/** NumPy broadcasting. Throws InferenceProblem where sizes cannot go together. */
export function broadcast(shapes: readonly Shape[]): Shape {
  let result: Shape = shapes[0] ?? [];
  for (let i = 1; i < shapes.length; i++) result = broadcastPair(result, shapes[i]);
  return result;
}

function broadcastPair(a: Shape, b: Shape): Shape {
  if (a === b) return a;
  const rank = Math.max(a.length, b.length);
  const shape = new Array<Dim>(rank);
  for (let axis = 0; axis < rank; axis++) {
    shape[axis] = broadcastDim(a[a.length - rank + axis] ?? 1, b[b.length - rank + axis] ?? 1);
  }
  return shape;
}

/** Throws InferenceProblem where two sizes that must agree are different numbers; the better known of them otherwise. */
export function unify(a: Dim, b: Dim, what: string): Dim {
  if (typeof a === 'number' && typeof b === 'number' && a !== b) {
    throw mismatch(`${what}: ${a} and ${b} differ.`);
  }
  return typeof a === 'number' ? a : typeof b === 'number' ? b : dependsOnData(a) ? b : a;
}

/** An axis counted from the front. Throws InferenceProblem when the tensor has no such axis. */
export function axisOf(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw mismatch(`Axis ${axis} does not exist in a tensor of rank ${rank}.`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Axes counted from the front, without duplicates. */
export function axesOf(axes: readonly number[], rank: number): number[] {
  const result = [...new Set(axes.map((axis) => axisOf(axis, rank)))];
  if (result.length !== axes.length) throw mismatch(`Axes ${axes.join(', ')} name an axis twice.`);
  return result;
}

/**
 * The one dimension that keeps the element count when `shape` is seen as `others` plus that dimension. undefined when
 * sizes of 0 leave it open.
 */
export function remainingDim(shape: Shape, others: Shape): Dim | undefined {
  const total = [...shape];
  const divisors: Dim[] = [];
  for (const other of others) {
    const at = total.findIndex((dim) => equals(dim, other));
    if (at < 0 || other === 0) divisors.push(other);
    else total.splice(at, 1);
  }
  const dividend = product(total);
  const divisor = product(divisors);
  if (divisor === 0) return undefined;
  if (typeof dividend === 'number' && typeof divisor === 'number' && dividend % divisor !== 0) {
    throw mismatch(`${shapeText(shape)} cannot be split into [${others.map(dimText).join(', ')}, ...].`);
  }
  return floorDivide(dividend, divisor);
}

export function shapeText(shape: Shape): string {
  return `[${shape.map(dimText).join(', ')}]`;
}

/** Element count of a shape whose sizes are all numbers, or one of them 0; undefined otherwise. */
export function countOf(shape: Shape | undefined): number | undefined {
  if (!shape) return undefined;
  let count = 1;
  let isKnown = true;
  for (const dim of shape) {
    if (typeof dim === 'number') count *= dim;
    else isKnown = false;
  }
  return isKnown || count === 0 ? count : undefined;
}
