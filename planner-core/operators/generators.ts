import { add, multiply, product, type Dim } from '../graph/dim';
import type { DType } from '../graph/dtype';
import { dtypeOf } from '../formats/onnx/dataTypes';
import { atLeastZero } from './dims';
import { build, folded, stepsBetween } from './folding';
import { badAttribute, mismatch } from './inferenceProblem';
import { freshShape, lengthOf, scalarFrom, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, TensorFacts } from './rule';

/** Element type an attribute names by its ONNX number. Throws InferenceProblem for a number that names none. */
export function typeAttribute(context: InferenceContext, name: string, fallback: DType): DType {
  const code = context.int(name);
  if (code === undefined) return fallback;
  const dtype = dtypeOf(code);
  if (dtype === 'undefined') throw badAttribute(`${name} is ${code}, which is no element type.`);
  return dtype;
}

/** Makes a tensor: no gradient flows to what it is made from. */
const generator = (infer: OperatorRule['infer'], traits: Partial<OperatorRule> = {}): OperatorRule => ({
  differentiable: false,
  infer,
  ...traits,
});

const Shape: OperatorRule = generator(
  (context) => {
    const shape = context.input(0)?.shape;
    if (!shape) return [{ dtype: 'int64' }];
    const bound = (name: string, fallback: number): number => {
      const value = context.int(name, fallback);
      return Math.min(Math.max(value < 0 ? value + shape.length : value, 0), shape.length);
    };
    const elements = shape.slice(bound('start', 0), bound('end', shape.length));
    return [{ dtype: 'int64', shape: [elements.length], elements }];
  },
  { shapeOnlyInputs: [0] },
);

const Size: OperatorRule = generator(
  (context) => {
    const shape = context.input(0)?.shape;
    return [{ dtype: 'int64', shape: [], elements: shape && [product(shape)] }];
  },
  { shapeOnlyInputs: [0] },
);

/** Numbers from start to limit; followed while they are few, or when their count is an expression. */
const Range: OperatorRule = generator(
  (context) => {
    const first = context.input(0);
    if (!first) return [];
    const start = folded(first)?.elements[0];
    const limit = folded(context.input(1))?.elements[0];
    const delta = scalarFrom(context, 2);
    if (delta === 0) throw badAttribute('The step is 0.');
    if (start === undefined || limit === undefined || delta === undefined) {
      return [{ dtype: first.dtype, shape: [context.freshDim('count')] }];
    }
    const count = rangeCount(start, limit, delta);
    if (count === undefined) return [{ dtype: first.dtype, shape: [context.freshDim('count')] }];
    const shape = [count];
    const elements = build(shape, ([i]) => add(start, multiply(i, delta)));
    return [{ dtype: first.dtype, shape, elements }];
  },
  { hostInputs: [0, 1, 2] },
);

function rangeCount(start: Dim, limit: Dim, delta: number): Dim | undefined {
  if (typeof start === 'number' && typeof limit === 'number') {
    const count = Math.max(Math.ceil((limit - start) / delta), 0);
    return Number.isFinite(count) ? count : undefined;
  }
  return Number.isInteger(delta) ? atLeastZero(stepsBetween(start, limit, delta)) : undefined;
}

const ConstantOfShape: OperatorRule = generator(
  (context) => {
    const value = context.tensorAttribute('value');
    const dtype = value?.dtype ?? 'float32';
    const sizes = folded(context.input(0))?.elements;
    if (!sizes) {
      const rank = lengthOf(context.input(0));
      return [{ dtype, shape: rank === undefined ? undefined : freshShape(context, rank) }];
    }
    const fill = value ? value.elements?.[0] : 0;
    return [{ dtype, shape: sizes, elements: build(sizes, () => fill) }];
  },
  { hostInputs: [0] },
);

const EyeLike: OperatorRule = generator(
  (context) => {
    const like = context.input(0);
    if (!like) return [];
    return [{ dtype: typeAttribute(context, 'dtype', like.dtype), shape: like.shape }];
  },
  { shapeOnlyInputs: [0] },
);

/** Random numbers of a given shape. */
const randomOfShape = generator(
  (context) => {
    const shape = context.ints('shape');
    if (!shape) throw badAttribute('Attribute shape is missing.');
    return [{ dtype: typeAttribute(context, 'dtype', 'float32'), shape }];
  },
  { random: true },
);

/** Random numbers in the shape of another tensor. */
const randomLike = generator(
  (context) => {
    const like = context.input(0);
    if (!like) return [];
    return [{ dtype: typeAttribute(context, 'dtype', like.dtype), shape: like.shape }];
  },
  { random: true, shapeOnlyInputs: [0] },
);

const Bernoulli: OperatorRule = { ...randomLike, shapeOnlyInputs: [] };

const Multinomial: OperatorRule = generator(
  (context) => {
    const batch = context.input(0)?.shape?.[0];
    const dtype = typeAttribute(context, 'dtype', 'int32');
    return [{ dtype, shape: batch === undefined ? undefined : [batch, context.int('sample_size', 1)] }];
  },
  { random: true },
);

/** The coefficients of a window of a given length. */
const signalWindow = generator(
  (context) => {
    const size = folded(context.input(0))?.elements[0] ?? context.freshDim('size');
    return [{ dtype: typeAttribute(context, 'output_datatype', 'float32'), shape: [size] }];
  },
  { hostInputs: [0] },
);

const MelWeightMatrix: OperatorRule = generator(
  (context) => {
    const bins = scalarFrom(context, 0);
    const length = scalarFrom(context, 1);
    const rows = length === undefined ? context.freshDim('spectrum') : Math.floor(length / 2) + 1;
    const dtype = typeAttribute(context, 'output_datatype', 'float32');
    return [{ dtype, shape: [rows, bins ?? context.freshDim('bins')] }];
  },
  { hostInputs: [0, 1, 2, 3, 4] },
);

/** Sampling positions of an affine transform: [N, H, W, 2] or [N, D, H, W, 3]. */
const AffineGrid: OperatorRule = {
  hostInputs: [1],
  infer(context): (TensorFacts | undefined)[] {
    const theta = context.input(0);
    const size = folded(context.input(1))?.elements;
    if (!theta) return [];
    if (!size) {
      const rank = lengthOf(context.input(1));
      if (rank === undefined) return [{ dtype: theta.dtype }];
      const batch = theta.shape?.[0] ?? context.freshDim('batch');
      return [{ dtype: theta.dtype, shape: [batch, ...freshShape(context, rank - 2), rank - 2] }];
    }
    if (size.length < 4 || size.length > 5)
      throw mismatch(`A grid over ${size.length} sizes: 4 or 5 are needed.`);
    const shape = [size[0], ...size.slice(2), size.length - 2];
    return [{ dtype: theta.dtype, shape }];
  },
};

/** Tensors made from sizes, seeds and constants. */
export const generatorRules: RuleTable = {
  Shape,
  Size,
  Range,
  ConstantOfShape,
  EyeLike,
  RandomNormal: randomOfShape,
  RandomUniform: randomOfShape,
  RandomNormalLike: randomLike,
  RandomUniformLike: randomLike,
  Bernoulli,
  Multinomial,
  HannWindow: signalWindow,
  HammingWindow: signalWindow,
  BlackmanWindow: signalWindow,
  MelWeightMatrix,
  AffineGrid,
};
