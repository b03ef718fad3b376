import { floorDivide } from '../graph/dim';
import { bytesOf } from '../graph/dtype';
import type { Shape } from '../graph/modelGraph';
import { activationRules } from './activations';
import { RotaryEmbedding } from './attention';
import {
  groupedFacts,
  multiHeadFacts,
  packedTokenFacts,
  pagedFacts,
  projectedFacts,
} from './contribAttention';
import { contribFusionRules } from './contribFusions';
import { contribQuantizationRules } from './contribQuantization';
import { convolutionRules } from './convolution';
import { linearAttentionRules } from './linearAttention';
import { gemm, matmulMacs, matmulShape, operandsKept, transposedIf } from './matmul';
import { normalizationRules, rmsNormKept, rowsOf } from './normalization';
import { floats, hasInput, likeInput, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, StepContext, TensorFacts } from './rule';

/** x + bias, then GELU, which keeps the sum. */
const biasGelu: OperatorRule = {
  infer: likeInput(),
  saves: (context) =>
    hasInput(context, 1)
      ? { extra: [{ name: 'sum', bytes: context.output(0)?.bytes ?? 0 }] }
      : { inputs: [0] },
};

/** The normalization of input + skip. The sum, when it is an output, is kept instead of a buffer of its own. */
const skipNormalization = (kind: 'layer' | 'rms'): OperatorRule => ({
  autocast: 'float',
  infer(context) {
    const x = context.input(0);
    if (!x) return [];
    const result = { dtype: x.dtype, shape: x.shape };
    const rows = x.shape && [...x.shape.slice(0, -1), 1];
    const statistics: TensorFacts = { dtype: 'float32', shape: rows };
    return [result, statistics, statistics, result];
  },
  saves(context) {
    const bytes = context.output(0)?.bytes ?? 0;
    const sumIsOutput = context.output(3) !== undefined;
    const normalized =
      kind === 'rms'
        ? rmsNormKept(context, -1).extra!
        : [floats('mean and inverse deviation', 2 * rowsOf(context, -1))];
    return {
      inputs: [2],
      outputs: sumIsOutput ? [3] : [],
      extra: sumIsOutput ? normalized : [...normalized, { name: 'sum', bytes }],
    };
  },
});

/** Moves the first axis in front of the last one. */
const batchInside = (shape: Shape): Shape =>
  shape.length < 3 ? shape : [...shape.slice(1, -1), shape[0], shape[shape.length - 1]];

/** MatMul with transposing attributes and a factor. */
const FusedMatMul: OperatorRule = {
  autocast: 'half',
  infer(context) {
    const a = context.input(0);
    const b = context.input(1);
    if (!a?.shape || !b?.shape) return [a && { dtype: a.dtype }];
    const operand = (shape: Shape, letter: 'A' | 'B'): Shape => {
      const inOrder = context.int(`transBatch${letter}`, 0) ? batchInside(shape) : shape;
      return transposedIf(inOrder, context.int(`trans${letter}`, 0) !== 0);
    };
    return [{ dtype: a.dtype, shape: matmulShape(operand(a.shape, 'A'), operand(b.shape, 'B')) }];
  },
  macs(context) {
    const shape = context.input(0)?.shape ?? [];
    if (!context.int('transA', 0)) return matmulMacs(context);
    return (context.output(0)?.elements ?? 0) * (shape[shape.length - 2] ?? 0);
  },
  saves: operandsKept,
};

/** Scores and weighted sum of self-attention over [batch, length, hidden]. */
function attentionMacs(rows: number, keys: number, hidden: number): number {
  return 2 * rows * keys * hidden;
}

/** Rows of a [batch, length, hidden] input, and its length; nothing for another rank. */
function sequenceOf(context: StepContext): { rows: number; length: number } {
  const shape = context.input(0)?.shape;
  return shape?.length === 3 ? { rows: shape[0] * shape[1], length: shape[1] } : { rows: 0, length: 0 };
}

/** One number a row and head, which fused kernels keep in place of the probabilities. */
const logsumexp = (context: StepContext, rows: number): { name: string; bytes: number } =>
  floats('logsumexp', rows * Math.max(context.int('num_heads', 1), 1));

/** Projection to query, key and value (input 1: weight), then attention. */
const Attention: OperatorRule = {
  autocast: 'half',
  infer: (context) => projectedFacts(context, 4, context.input(0)?.dtype),
  macs(context) {
    const { rows, length } = sequenceOf(context);
    const hidden = context.output(0)?.shape[2] ?? 0;
    return rows * (context.input(1)?.elements ?? 0) + attentionMacs(rows, length, hidden);
  },
  saves(context) {
    const { rows } = sequenceOf(context);
    const dtype = context.input(0)?.dtype ?? 'float32';
    const projected = bytesOf(dtype, rows * (context.input(1)?.shape[1] ?? 0));
    return {
      inputs: [0, 1],
      outputs: [0],
      extra: [{ name: 'query, key and value', bytes: projected }, logsumexp(context, rows)],
    };
  },
};

/** Query, key and value already projected, [batch, length, hidden] each. */
const projectedAttention = (
  infer: (context: InferenceContext) => (TensorFacts | undefined)[],
): OperatorRule => ({
  autocast: 'half',
  infer,
  macs(context) {
    const keys = context.input(1)?.shape[1] ?? 0;
    return attentionMacs(sequenceOf(context).rows, keys, context.output(0)?.shape[2] ?? 0);
  },
  saves: (context) => ({
    inputs: [0, 1, 2],
    outputs: [0],
    extra: [logsumexp(context, sequenceOf(context).rows)],
  }),
});

const MultiHeadAttention = projectedAttention((context) => multiHeadFacts(context, 6));
const GroupQueryAttention: OperatorRule = {
  ...projectedAttention((context) => groupedFacts(context, 6)),
  tableInputs: [7, 8],
};

/** Weights of a few bits each, unpacked on the fly: y = x * dequantize(b). */
const MatMulNBits: OperatorRule = {
  autocast: 'half',
  infer(context) {
    const x = context.input(0);
    const columns = context.int('N');
    if (!x?.shape || columns === undefined) return [x && { dtype: x.dtype }];
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, -1), columns] }];
  },
  macs: (context) => (context.output(0)?.elements ?? 0) * Math.max(context.int('K', 0), 0),
  saves: () => ({ inputs: [1, 2, 3] }),
};

/** Sum of word, position and segment embeddings, normalized. */
const EmbedLayerNormalization: OperatorRule = {
  autocast: 'float',
  infer(context) {
    const ids = context.input(0)?.shape;
    const table = context.input(2);
    if (!ids || !table?.shape) return [table && { dtype: table.dtype }];
    const shape = [...ids, table.shape[1]];
    return [
      { dtype: table.dtype, shape },
      { dtype: 'int32', shape: [ids[0]] },
      { dtype: table.dtype, shape },
    ];
  },
  saves(context) {
    const result = context.output(0);
    const rows = result ? result.elements / (result.shape[result.shape.length - 1] || 1) : 0;
    const sum = { name: 'sum', bytes: result?.bytes ?? 0 };
    return { inputs: [0, 1], extra: [sum, floats('mean and inverse deviation', 2 * rows)] };
  },
};

/** The second half of the last axis gates the first. */
const BiasSplitGelu: OperatorRule = {
  infer(context) {
    const x = context.input(0);
    if (!x?.shape) return [x && { dtype: x.dtype }];
    const last = x.shape.length - 1;
    return [
      { dtype: x.dtype, shape: x.shape.map((dim, axis) => (axis === last ? floorDivide(dim, 2) : dim)) },
    ];
  },
  saves: (context) => ({ extra: [{ name: 'sum', bytes: context.input(0)?.bytes ?? 0 }] }),
};

/** Operators of ONNX Runtime (com.microsoft): fusions that its optimizer writes into models. */
export const contribRules: RuleTable = {
  Gelu: activationRules.Gelu,
  QuickGelu: activationRules.Gelu,
  FastGelu: biasGelu,
  BiasGelu: biasGelu,
  BiasSplitGelu,
  BiasAdd: { infer: likeInput(), passesGradient: true },
  LayerNormalization: normalizationRules.LayerNormalization,
  SimplifiedLayerNormalization: normalizationRules.SimplifiedLayerNormalization,
  SkipLayerNormalization: skipNormalization('layer'),
  SkipSimplifiedLayerNormalization: skipNormalization('rms'),
  EmbedLayerNormalization,
  FusedConv: convolutionRules.Conv,
  FusedGemm: gemm,
  FusedMatMul,
  TransposeMatMul: FusedMatMul,
  MatMulNBits,
  MatMulBnb4: MatMulNBits,
  GemmFastGelu: FusedMatMul,
  FusedMatMulActivation: FusedMatMul,
  Attention,
  DecoderMaskedSelfAttention: Attention,
  PackedAttention: projectedAttention((context) =>
    projectedFacts(context, -1, context.input(0)?.dtype).slice(0, 1),
  ),
  QAttention: {
    ...Attention,
    differentiable: false,
    infer: (context) => projectedFacts(context, 8, context.input(3)?.dtype),
  },
  LongformerAttention: projectedAttention(likeInput()),
  MultiHeadAttention,
  DecoderMaskedMultiHeadAttention: projectedAttention((context) => multiHeadFacts(context, 5)),
  PackedMultiHeadAttention: projectedAttention(packedTokenFacts),
  GroupQueryAttention,
  SparseAttention: projectedAttention((context) => groupedFacts(context, 7)),
  PagedAttention: projectedAttention(pagedFacts),
  LinearAttention: linearAttentionRules.LinearAttention,
  CausalConvWithState: linearAttentionRules.CausalConvWithState,
  RotaryEmbedding,
  GemmaRotaryEmbedding: RotaryEmbedding,
  ...contribFusionRules,
  ...contribQuantizationRules,
};
