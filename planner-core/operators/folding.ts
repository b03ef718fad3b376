import { add, ceilDivide, equals, floorDivide, multiply, subtract, type Dim } from '../graph/dim';
import { isFloat, type DType } from '../graph/dtype';
import type { Shape } from '../graph/modelGraph';
import { compareDims, countOf, larger, smaller } from './dims';
import type { TensorFacts } from './rule';

/** Tensors with more elements are data, not shape arithmetic: their elements are not followed. */
const maxFoldedElements = 64;

/** A tensor whose sizes are numbers and whose elements are known. */
export interface Folded {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly elements: readonly Dim[];
}

/** Sizes as numbers; undefined when one of them is not. */
export function concreteShape(shape: Shape | undefined): readonly number[] | undefined {
  return shape?.every((dim) => typeof dim === 'number') ? (shape as readonly number[]) : undefined;
}

export function folded(facts: TensorFacts | undefined): Folded | undefined {
  const shape = concreteShape(facts?.shape);
  if (!facts?.elements || !shape || countOf(shape) !== facts.elements.length) return undefined;
  return { dtype: facts.dtype, shape, elements: facts.elements };
}

/** The elements when all of them are numbers. */
export function numbersOf(facts: TensorFacts | undefined): readonly number[] | undefined {
  const elements = folded(facts)?.elements;
  return elements?.every((element) => typeof element === 'number')
    ? (elements as readonly number[])
    : undefined;
}

/**
 * Row-major elements of a small tensor, each computed from its index. undefined when the tensor is too large, its shape
 * is not known, or an element is not.
 */
export function build(
  shape: Shape | undefined,
  elementAt: (index: readonly number[]) => Dim | undefined,
): readonly Dim[] | undefined {
  const sizes = concreteShape(shape);
  const count = countOf(sizes);
  if (!sizes || count === undefined || count > maxFoldedElements) return undefined;
  const elements: Dim[] = [];
  const index = sizes.map(() => 0);
  for (let i = 0; i < count; i++) {
    const element = elementAt(index);
    if (element === undefined) return undefined;
    elements.push(element);
    for (let axis = sizes.length - 1; axis >= 0 && ++index[axis] === sizes[axis]; axis--) index[axis] = 0;
  }
  return elements;
}

/** The element of a tensor at an index of the shape it is broadcast to. */
export function at({ shape, elements }: Folded, index: readonly number[]): Dim {
  const lead = index.length - shape.length;
  let flat = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    flat = flat * shape[axis] + (shape[axis] === 1 ? 0 : index[lead + axis]);
  }
  return elements[flat];
}

/** Applies an operation to the elements of broadcast operands, rounding to the result's type. */
export function foldElementwise(
  operands: readonly (TensorFacts | undefined)[],
  shape: Shape | undefined,
  dtype: DType,
  operation: (values: readonly Dim[]) => Dim | undefined,
): readonly Dim[] | undefined {
  const known: Folded[] = [];
  for (const operand of operands) {
    const value = folded(operand);
    if (!value) return undefined;
    known.push(value);
  }
  return build(shape, (index) => {
    const result = operation(known.map((operand) => at(operand, index)));
    if (typeof result !== 'number') return result;
    return Number.isNaN(result) ? undefined : dtype === 'float32' ? Math.fround(result) : result;
  });
}

/** Expressions have integer coefficients: a fraction cannot be part of one. */
const canMix = (a: Dim, b: Dim): boolean =>
  (typeof a === 'number' && typeof b === 'number') ||
  [a, b].every((value) => typeof value !== 'number' || Number.isSafeInteger(value));

const truth = (value: boolean | undefined): Dim | undefined =>
  value === undefined ? undefined : Number(value);

const sign = (a: Dim, b: Dim): -1 | 0 | 1 | undefined =>
  canMix(a, b) ? (equals(a, b) ? 0 : compareDims(a, b)) : undefined;

const mapSign = (a: Dim, b: Dim, test: (order: number) => boolean): Dim | undefined => {
  const order = sign(a, b);
  return order === undefined ? undefined : truth(test(order));
};

type Fold = (a: Dim, b: Dim, dtype: DType) => Dim | undefined;

/** Arithmetic on elements as ONNX defines it; undefined where the result cannot be expressed. */
export const fold = {
  add: (a, b) => (canMix(a, b) ? add(a, b) : undefined),
  subtract: (a, b) => (canMix(a, b) ? subtract(a, b) : undefined),
  multiply: (a, b) => (canMix(a, b) ? multiply(a, b) : undefined),
  divide: (a, b, dtype) => {
    if (!canMix(a, b) || b === 0) return undefined;
    if (typeof a === 'number' && typeof b === 'number') return isFloat(dtype) ? a / b : Math.trunc(a / b);
    const quotient = floorDivide(a, b);
    // Truncation and floor agree on sizes, which are not negative; a fraction cannot be expressed.
    return isFloat(dtype) && !equals(multiply(quotient, b), a) ? undefined : quotient;
  },
  modulo: (a, b) => {
    if (b === 0 || !canMix(a, b)) return undefined;
    if (typeof a === 'number' && typeof b === 'number') return a - b * Math.floor(a / b);
    return subtract(a, multiply(b, floorDivide(a, b)));
  },
  remainder: (a, b) => (typeof a === 'number' && typeof b === 'number' && b !== 0 ? a % b : undefined),
  power: (a, b) => {
    if (typeof b !== 'number') return undefined;
    if (typeof a === 'number') return a ** b;
    return Number.isInteger(b) && b >= 0 && b <= 4
      ? new Array<Dim>(b).fill(a).reduce(multiply, 1)
      : undefined;
  },
  max: (a, b) => (canMix(a, b) ? larger(a, b) : undefined),
  min: (a, b) => (canMix(a, b) ? smaller(a, b) : undefined),
  equal: (a, b) => mapSign(a, b, (order) => order === 0),
  less: (a, b) => mapSign(a, b, (order) => order < 0),
  lessOrEqual: (a, b) => mapSign(a, b, (order) => order <= 0),
  greater: (a, b) => mapSign(a, b, (order) => order > 0),
  greaterOrEqual: (a, b) => mapSign(a, b, (order) => order >= 0),
  and: (a, b) => truth(a === 0 || b === 0 ? false : a === 1 && b === 1 ? true : undefined),
  or: (a, b) => truth(a === 1 || b === 1 ? true : a === 0 && b === 0 ? false : undefined),
  xor: (a, b) => (typeof a === 'number' && typeof b === 'number' ? truth(a !== b) : undefined),
} satisfies Record<string, Fold>;

/** How many numbers start, start + step, ... lie before `limit`; step must be a number other than 0. */
export function stepsBetween(start: Dim, limit: Dim, step: number): Dim {
  const distance = step > 0 ? subtract(limit, start) : subtract(start, limit);
  return ceilDivide(distance, Math.abs(step));
}
