import { product, type Dim } from '../graph/dim';
import type { DType } from '../graph/dtype';
import type { Shape } from '../graph/modelGraph';
import { axesOf, axisOf } from './dims';
import { fold, folded, foldElementwise, numbersOf } from './folding';
import { mismatch } from './inferenceProblem';
import { freshShape, intsFrom, keepsInput, lengthOf, likeInput, scalarFrom, type RuleTable } from './parts';
import type { AutocastClass, InferenceContext, OperatorRule, Saved, StepContext, TensorFacts } from './rule';

/** Shape after reducing `axes` (all when absent), which stay as 1 with keepdims. */
function reducedShape(context: InferenceContext, shape: Shape): Shape | undefined {
  const axes = intsFrom(context, 1, 'axes');
  const keepsRank = context.int('keepdims', 1) !== 0;
  if (axes === 'unknown') {
    const count = lengthOf(context.input(1));
    if (keepsRank) return freshShape(context, shape.length);
    return count === undefined ? undefined : freshShape(context, Math.max(shape.length - count, 0));
  }
  if (axes === 'absent' || axes.length === 0) {
    if (context.int('noop_with_empty_axes', 0)) return shape;
    return keepsRank ? shape.map(() => 1) : [];
  }
  const reduced = axesOf(axes, shape.length);
  return keepsRank
    ? shape.map((dim, axis) => (reduced.includes(axis) ? 1 : dim))
    : shape.filter((_, axis) => !reduced.includes(axis));
}

type Fold = (a: Dim, b: Dim, dtype: DType) => Dim | undefined;

/** A reduction of a small tensor to one element: the number of elements of a shape, its largest size. */
function foldAll(x: TensorFacts, result: Shape | undefined, combine: Fold): readonly Dim[] | undefined {
  const elements = folded(x)?.elements;
  if (!elements?.length || !result?.every((dim) => dim === 1)) return undefined;
  let value: Dim | undefined = elements[0];
  for (const element of elements.slice(1)) {
    if (value === undefined) return undefined;
    value = combine(value, element, x.dtype);
  }
  return value === undefined ? undefined : [value];
}

interface ReductionTraits {
  readonly saves?: (context: StepContext) => Saved;
  readonly autocast?: AutocastClass;
  readonly combine?: Fold;
}

const reduction = ({ combine, ...traits }: ReductionTraits): OperatorRule => ({
  ...traits,
  hostInputs: [1],
  infer(context) {
    const x = context.input(0);
    if (!x?.shape) return [x && { dtype: x.dtype }];
    const shape = reducedShape(context, x.shape);
    return [{ dtype: x.dtype, shape, elements: combine && foldAll(x, shape, combine) }];
  },
});

/** Index of the extreme along one axis. */
const argument: OperatorRule = {
  differentiable: false,
  infer(context) {
    const x = context.input(0);
    if (!x?.shape) return [{ dtype: 'int64' }];
    const axis = axisOf(context.int('axis', 0), x.shape.length);
    const keepsRank = context.int('keepdims', 1) !== 0;
    const shape = keepsRank
      ? x.shape.map((dim, i) => (i === axis ? 1 : dim))
      : x.shape.filter((_, i) => i !== axis);
    return [{ dtype: 'int64', shape }];
  },
};

const cumulative = (saves: (() => Saved) | undefined): OperatorRule => ({
  autocast: 'float',
  hostInputs: [1],
  saves,
  infer: likeInput(),
});

/** Sums along the only axis of a small tensor are followed: positions of pieces in a list of sizes. */
const CumSum: OperatorRule = {
  ...cumulative(undefined),
  infer(context) {
    const x = context.input(0);
    if (!x) return [];
    const plain = context.int('exclusive', 0) === 0 && context.int('reverse', 0) === 0;
    if (!plain || x.shape?.length !== 1) return likeInput()(context);
    let total: Dim | undefined = 0;
    const elements = foldElementwise([x], x.shape, x.dtype, ([element]) => {
      total = total === undefined ? undefined : fold.add(total, element);
      return total;
    });
    return [{ dtype: x.dtype, shape: x.shape, elements }];
  },
};

/** The k largest along an axis, with their int64 indices, which backward needs. */
const TopK: OperatorRule = {
  hostInputs: [1],
  saves: () => ({ outputs: [1] }),
  infer(context) {
    const x = context.input(0);
    if (!x?.shape) return [x && { dtype: x.dtype }, { dtype: 'int64' }];
    const axis = axisOf(context.int('axis', -1), x.shape.length);
    const k = scalarFrom(context, 1) ?? context.int('k') ?? folded(context.input(1))?.elements[0];
    const size = k ?? context.freshDim('k');
    const available = x.shape[axis];
    if (typeof size === 'number' && typeof available === 'number' && size > available) {
      throw mismatch(`The ${size} largest of ${available}.`);
    }
    const shape = x.shape.map((dim, i) => (i === axis ? size : dim));
    return [
      { dtype: x.dtype, shape },
      { dtype: 'int64', shape },
    ];
  },
};

/** How many distinct elements, or slices along an axis, a small tensor of numbers has. */
function distinctCount(x: TensorFacts, axis: number | undefined): number | undefined {
  const values = numbersOf(x);
  const shape = folded(x)?.shape;
  if (!values || !shape) return undefined;
  if (axis === undefined) return new Set(values).size;
  const along = axisOf(axis, shape.length);
  const slices = Array.from({ length: shape[along] }, (): number[] => []);
  values.forEach((value, flat) => slices[indexOf(flat, shape)[along]].push(value));
  return new Set(slices.map((slice) => slice.join())).size;
}

/** Distinct elements, or slices along an axis: how many is known at run time only. */
const Unique: OperatorRule = {
  differentiable: false,
  infer(context) {
    const x = context.input(0);
    if (!x) return [];
    const count = distinctCount(x, context.int('axis')) ?? context.freshDim('distinct');
    const axis = context.int('axis');
    const perElement: TensorFacts = { dtype: 'int64', shape: [count] };
    if (axis === undefined) {
      const inverse: TensorFacts = { dtype: 'int64', shape: x.shape && [product(x.shape)] };
      return [{ dtype: x.dtype, shape: [count] }, perElement, inverse, perElement];
    }
    if (!x.shape) return [{ dtype: x.dtype }, perElement, { dtype: 'int64' }, perElement];
    const along = axisOf(axis, x.shape.length);
    const inverse: TensorFacts = { dtype: 'int64', shape: [x.shape[along]] };
    const shape = x.shape.map((dim, i) => (i === along ? count : dim));
    return [{ dtype: x.dtype, shape }, perElement, inverse, perElement];
  },
};

/** Indices of non-zero elements; exact for small constants, which exporters use to build index lists. */
const NonZero: OperatorRule = {
  differentiable: false,
  infer(context) {
    const x = context.input(0);
    if (!x?.shape) return [{ dtype: 'int64' }];
    const values = numbersOf(x);
    const sizes = folded(x)?.shape;
    // Runtimes see a scalar as a list of one.
    const rank = Math.max(x.shape.length, 1);
    if (!values || !sizes) return [{ dtype: 'int64', shape: [rank, context.freshDim('count')] }];
    const found = values.flatMap((value, flat) => (value === 0 ? [] : [indexOf(flat, sizes)]));
    const elements = sizes.flatMap((_, axis) => found.map((index) => index[axis]));
    if (sizes.length === 0) return [{ dtype: 'int64', shape: [1, found.length] }];
    return [{ dtype: 'int64', shape: [sizes.length, found.length], elements }];
  },
};

function indexOf(flat: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = flat % shape[axis];
    flat = Math.floor(flat / shape[axis]);
  }
  return index;
}

const keepsBoth = (): Saved => ({ inputs: [0], outputs: [0] });

/** Measured: the formula of PyTorch 1.13 asks its input for the element count, and so keeps it; since 2.0 a number is kept. */
export const meanKept = ({ pytorch }: StepContext): Saved => (pytorch?.major === 1 ? { inputs: [0] } : {});

/** Reductions and searches along axes. */
export const reductionRules: RuleTable = {
  ReduceSum: reduction({ autocast: 'float', combine: fold.add }),
  ReduceMean: reduction({ saves: meanKept }),
  ReduceMax: reduction({ saves: keepsBoth, combine: fold.max }),
  ReduceMin: reduction({ saves: keepsBoth, combine: fold.min }),
  ReduceProd: reduction({ saves: keepsBoth, autocast: 'float', combine: fold.multiply }),
  ReduceL1: reduction({ saves: keepsInput, autocast: 'float' }),
  ReduceL2: reduction({ saves: keepsBoth, autocast: 'float' }),
  ReduceSumSquare: reduction({ saves: keepsInput, autocast: 'float' }),
  /** The logarithm keeps the sum, which is as large as the result. */
  ReduceLogSum: reduction({ saves: () => ({ outputs: [0] }), autocast: 'float' }),
  ReduceLogSumExp: reduction({ saves: keepsBoth, autocast: 'float' }),
  ArgMax: argument,
  ArgMin: argument,
  CumSum,
  CumProd: cumulative(keepsBoth),
  TopK,
  Unique,
  NonZero,
};
