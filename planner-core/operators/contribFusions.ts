import { add, ceilDivide, floorDivide, multiply, product, subtract, type Dim } from '../graph/dim';
import type { Shape } from '../graph/modelGraph';
import { inChannelOrder } from './contribQuantization';
import { axisOf, broadcast, unify } from './dims';
import { generatorRules } from './generators';
import { numbersOf } from './folding';
import { indexingRules } from './indexing';
import { badAttribute, mismatch } from './inferenceProblem';
import { normalizationRules } from './normalization';
import { floats, keepsOutput, likeInput, scalarFrom, span, type RuleTable } from './parts';
import { poolingRules } from './pooling';
import { reductionRules } from './reductions';
import { resizeRules } from './resize';
import type { OperatorRule, TensorFacts } from './rule';
import { shapeRules } from './shapeOps';
import { MurmurHash3, Tokenizer } from './text';
import { slidingSizes, windowOf } from './window';

type Facts = TensorFacts | undefined;

/** Bits of a mask, 32 to a number, in one row. */
const bitmask = (shape: Shape | undefined): TensorFacts => ({
  dtype: 'uint32',
  shape: shape && [ceilDivide(product(shape), 32)],
});

/** Dropout, perhaps after a bias, whose mask is an output and kept. */
const masked = (mask: (shape: Shape | undefined) => TensorFacts): OperatorRule => ({
  random: true,
  infer(context) {
    const x = context.input(0);
    return x ? [{ dtype: x.dtype, shape: x.shape }, mask(x.shape)] : [];
  },
  saves: () => ({ outputs: [1] }),
});

const bytemask = (shape: Shape | undefined): TensorFacts => ({ dtype: 'bool', shape });

/** Kernel sizes of a weight [filters, channels, ...] or [filters, ..., channels]; the attribute tells them apart. */
function kernelOf(weight: Shape, declared: readonly number[] | undefined): Shape {
  const last = weight.slice(1, -1);
  const isLast = declared?.length === last.length && declared.every((size, axis) => last[axis] === size);
  return isLast ? last : weight.slice(2);
}

/** Convolution of [n, ..., channels], with an activation that may be fused into it. */
const nhwcConvolution: OperatorRule = {
  autocast: 'half',
  infer(context) {
    const x = context.input(0);
    const weight = context.input(1)?.shape;
    if (!x?.shape || !weight) return [x && { dtype: x.dtype }];
    if (x.shape.length < 3 || weight.length !== x.shape.length) {
      throw mismatch(`Ranks ${x.shape.length} and ${weight.length} of input and weight.`);
    }
    const kernel = kernelOf(weight, context.ints('kernel_shape'));
    const spatialOf = (spatial: Shape): Shape => slidingSizes(spatial, windowOf(context, kernel));
    return [{ dtype: x.dtype, shape: inChannelOrder(x.shape, true, spatialOf, weight[0]) }];
  },
  macs(context) {
    const weight = context.input(1);
    return weight ? (context.output(0)?.elements ?? 0) * span(weight, 1) : 0;
  },
  saves: () => ({ inputs: [0, 1] }),
};

const NhwcMaxPool: OperatorRule = {
  differentiable: false,
  infer(context) {
    const x = context.input(0);
    const kernel = context.ints('kernel_shape');
    if (!kernel) throw badAttribute('Attribute kernel_shape is missing.');
    if (!x?.shape) return [x && { dtype: x.dtype }];
    if (x.shape.length < 3) throw mismatch(`Rank ${x.shape.length}: there is no spatial axis.`);
    const spatialOf = (spatial: Shape): Shape => slidingSizes(spatial, windowOf(context, kernel));
    const channels = x.shape[x.shape.length - 1];
    return [{ dtype: x.dtype, shape: inChannelOrder(x.shape, true, spatialOf, channels) }];
  },
};

/** Channels-last group norm, perhaps of a sum with a skip connection, which is then the second output. */
const groupNorm: OperatorRule = {
  autocast: 'float',
  infer(context) {
    if (context.int('groups', 1) < 1) throw badAttribute('groups must be positive.');
    const x = context.input(0);
    const facts = x && { dtype: x.dtype, shape: x.shape };
    return [facts, facts];
  },
  saves(context) {
    const groups = (context.input(0)?.shape[0] ?? 0) * Math.max(context.int('groups', 1), 1);
    return { inputs: [0, 1], extra: [floats('mean and inverse deviation', 2 * groups)] };
  },
};

/** Samples of a signal along the last axis to frequencies, each a real and an imaginary part. */
const Rfft: OperatorRule = {
  infer(context) {
    const x = context.input(0);
    if (!x?.shape) return [x && { dtype: x.dtype }];
    const last = x.shape.length - 1;
    if (last < 0) throw mismatch('A scalar is no signal.');
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, last), add(floorDivide(x.shape[last], 2), 1), 2] }];
  },
};

const Irfft: OperatorRule = {
  infer(context) {
    const x = context.input(0);
    if (!x?.shape) return [x && { dtype: x.dtype }];
    const last = x.shape.length - 2;
    if (last < 0) throw mismatch(`Rank ${x.shape.length}: there is no axis of frequencies.`);
    const samples = multiply(subtract(x.shape[last], 1), 2);
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, last), samples] }];
  },
};

/** Distances of every row of one matrix to every row of another. */
const CDist: OperatorRule = {
  infer(context) {
    const [a, b] = [context.input(0), context.input(1)?.shape];
    if (!a?.shape || !b) return [a && { dtype: a.dtype }];
    if (a.shape.length !== 2 || b.length !== 2) throw mismatch('Both operands must be matrices.');
    unify(a.shape[1], b[1], 'Sizes of the rows');
    return [{ dtype: a.dtype, shape: [a.shape[0], b[0]] }];
  },
  saves: () => ({ inputs: [0, 1], outputs: [0] }),
};

/** Products of numbers whose real and imaginary parts lie in the last axis. */
const complexProduct: OperatorRule = {
  infer(context) {
    const [a, b] = [context.input(0), context.input(1)];
    return [a && { dtype: a.dtype, shape: a.shape && b?.shape && broadcast([a.shape, b.shape]) }];
  },
  saves: () => ({ inputs: [0, 1] }),
};

const TorchEmbedding: OperatorRule = {
  infer(context) {
    const table = context.input(0);
    const indices = context.input(1)?.shape;
    if (!table?.shape || !indices) return [table && { dtype: table.dtype }];
    return [{ dtype: table.dtype, shape: [...indices, ...table.shape.slice(1)] }];
  },
  saves: () => ({ inputs: [1] }),
};

/** Windows along an axis, their elements as a new last axis (torch.Tensor.unfold). */
const UnfoldTensor: OperatorRule = {
  infer(context) {
    const x = context.input(0);
    const size = context.int('size');
    const step = context.int('step', 1);
    if (size === undefined || size < 1 || step < 1) throw badAttribute('size and step must be positive.');
    if (!x?.shape) return [x && { dtype: x.dtype }];
    const axis = axisOf(context.int('dim', -1), x.shape.length);
    const windows = add(floorDivide(subtract(x.shape[axis], size), step), 1);
    return [{ dtype: x.dtype, shape: [...x.shape.map((dim, i) => (i === axis ? windows : dim)), size] }];
  },
};

/** Regions of images, each scaled to the size that input 3 gives. */
const CropAndResize: OperatorRule = {
  hostInputs: [3],
  infer(context) {
    const x = context.input(0);
    const regions = context.input(1)?.shape;
    if (x?.shape?.length !== 4 || !regions) return [x && { dtype: x.dtype }];
    const sizes = numbersOf(context.input(3)) ?? [];
    const [height, width] = [0, 1].map((i) => sizes[i] ?? context.freshDim('size'));
    return [{ dtype: x.dtype, shape: [regions[0], x.shape[1], height, width] }];
  },
};

/** Inserts an axis of size 1 at the position that input 1 gives. */
const ExpandDims: OperatorRule = {
  hostInputs: [1],
  passesGradient: true,
  storage: () => ({ kind: 'view', of: 0, whole: true }),
  infer(context) {
    const x = context.input(0);
    const wanted = scalarFrom(context, 1);
    if (!x?.shape || wanted === undefined) return [x && { dtype: x.dtype }];
    const axis = axisOf(wanted, x.shape.length + 1);
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)] }];
  },
};

/** Only the tokens that are not padding, with where they were. */
const RemovePadding: OperatorRule = {
  infer(context): Facts[] {
    const x = context.input(0);
    if (x?.shape?.length !== 3) return [x && { dtype: x.dtype }];
    const [batch, length, hidden] = x.shape;
    return [
      { dtype: x.dtype, shape: [context.freshDim('tokens'), hidden] },
      { dtype: 'int32', shape: [batch, length] },
      { dtype: 'int32', shape: [add(batch, 1)] },
      { dtype: 'int32', shape: [1] },
    ];
  },
};

const RestorePadding: OperatorRule = {
  infer(context) {
    const x = context.input(0);
    const places = context.input(1)?.shape;
    if (x?.shape?.length !== 2 || places?.length !== 2) return [x && { dtype: x.dtype }];
    return [{ dtype: x.dtype, shape: [...places, x.shape[1]] }];
  },
};

/** A learned bias for every head and pair of positions: [1, heads, query length, key length]. */
const RelativePositionBias: OperatorRule = {
  hostInputs: [1, 2],
  infer(context) {
    const table = context.input(0);
    if (table?.shape?.length !== 2) return [table && { dtype: table.dtype }];
    const length = (index: number): Dim => scalarFrom(context, index) ?? context.freshDim('length');
    return [{ dtype: table.dtype, shape: [1, table.shape[1], length(1), length(2)] }];
  },
};

/** The bias scaled by a gate of the query layer: [batch, heads, length, length]. */
const GatedRelativePositionBias: OperatorRule = {
  infer(context) {
    const query = context.input(0);
    const heads = context.int('num_heads');
    if (heads === undefined || heads < 1) throw badAttribute('num_heads is missing or not positive.');
    if (!query?.shape) return [query && { dtype: query.dtype }];
    const length = query.shape.length === 3 ? query.shape[1] : context.freshDim('length');
    const batch = query.shape.length === 3 ? query.shape[0] : context.freshDim('batch');
    return [{ dtype: query.dtype, shape: [batch, heads, length, length] }];
  },
};

/** Distinct elements of a list, where each element is among them, and how often they occur. */
const Unique: OperatorRule = {
  differentiable: false,
  infer(context): Facts[] {
    const [distinct, , inverse, counts] = reductionRules.Unique.infer(context);
    return [distinct, inverse, counts];
  },
};

const MoE: OperatorRule = { autocast: 'half', infer: likeInput(), saves: () => ({ inputs: [0, 1] }) };

/** Fusions and extras of ONNX Runtime. Source: ContribOperators.md of ONNX Runtime. */
export const contribFusionRules: RuleTable = {
  BiasSoftmax: { autocast: 'float', infer: likeInput(), saves: keepsOutput },
  BiasDropout: masked(bytemask),
  BitmaskDropout: masked(bitmask),
  BitmaskBiasDropout: masked(bitmask),
  NhwcConv: nhwcConvolution,
  NhwcFusedConv: nhwcConvolution,
  NhwcMaxPool,
  GroupNorm: groupNorm,
  SkipGroupNorm: groupNorm,
  GatedRMSNorm: { ...normalizationRules.RMSNormalization, infer: likeInput() },
  /** Backward multiplies with the result on both sides. */
  Inverse: { infer: likeInput(), saves: keepsOutput },
  Trilu: shapeRules.Trilu,
  Pad: indexingRules.Pad,
  Range: generatorRules.Range,
  GatherND: indexingRules.GatherND,
  GridSample: resizeRules.GridSample,
  Unique,
  ExpandDims,
  Rfft,
  Irfft,
  CDist,
  ComplexMul: complexProduct,
  ComplexMulConj: complexProduct,
  TorchEmbedding,
  UnfoldTensor,
  CropAndResize,
  RemovePadding,
  RestorePadding,
  RelativePositionBias,
  GatedRelativePositionBias,
  MaxpoolWithMask: poolingRules.MaxPool,
  /** Scores, with those of repeated n-grams taken out. */
  NGramRepeatBlock: { differentiable: false, infer: likeInput(1) },
  MoE,
  QMoE: { ...MoE, differentiable: false },
  SampleOp: { infer: likeInput() },
  IsAllFinite: { differentiable: false, infer: () => [{ dtype: 'bool', shape: [] }] },
  MurmurHash3,
  Tokenizer,
};
