import type { Shape } from '../graph/modelGraph';
import { axisOf } from './dims';
import { typeAttribute } from './generators';
import { exportedCall } from './exportedCall';
import { badAttribute, mismatch } from './inferenceProblem';
import { floats, keepsInput, likeInput, span, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, Saved, StepContext, TensorFacts } from './rule';

/**
 * Mean and variance of each channel. Backward runs in training mode only, so the batch's statistics are kept, whichever
 * mode the model was exported in.
 */
const BatchNormalization: OperatorRule = {
  autocast: 'first',
  bufferInputs: [3, 4],
  nonDifferentiableInputs: [3, 4],
  infer(context) {
    const x = context.input(0);
    if (!x) return [];
    if (x.shape && x.shape.length < 2) throw mismatch(`Rank ${x.shape.length}: there is no channel axis.`);
    const statistics: TensorFacts = {
      dtype: context.input(3)?.dtype ?? x.dtype,
      // Statistics of single positions, which opsets before 9 allowed, have the shape of input 3.
      shape: context.input(3)?.shape ?? (x.shape && [x.shape[1]]),
    };
    const normalized = { dtype: x.dtype, shape: x.shape };
    return context.operator.outputs.map((_, position) => (position === 0 ? normalized : statistics));
  },
  saves(context) {
    const channels = context.input(0)?.shape[1] ?? 0;
    return { inputs: [0, 1], extra: [floats('mean and inverse deviation', 2 * channels)] };
  },
};

/**
 * PyTorch runs it as a batch norm over [1, N*C, ...], with the scale repeated for every sample. A constant scale of
 * ones is what exporters make of a group norm: it repeats nothing.
 */
const InstanceNormalization: OperatorRule = {
  infer: likeInput(),
  saves(context) {
    const x = context.input(0);
    const rows = x ? span(x, 0, 2) : 0;
    const repeated = context.needsGradient(1) ? rows : 0;
    return {
      inputs: [0, 1],
      extra: [floats('mean and inverse deviation', 2 * rows), floats('repeated scale', repeated)],
    };
  },
};

const GroupNormalization: OperatorRule = {
  autocast: 'float',
  infer(context) {
    if (context.int('num_groups', 1) < 1) throw badAttribute('num_groups must be positive.');
    return likeInput()(context);
  },
  saves(context) {
    const groups = (context.input(0)?.shape[0] ?? 0) * Math.max(context.int('num_groups', 1), 0);
    return { inputs: [0, 1], extra: [floats('mean and inverse deviation', 2 * groups)] };
  },
};

/** Rows that are normalized together: the product of the axes before `axis`. */
export function rowsOf(context: StepContext, axis: number): number {
  const x = context.input(0);
  return x ? span(x, 0, axis < 0 ? Math.max(axis + x.shape.length, 0) : axis) : 0;
}

/** Outputs of a normalization over the axes from `axis` on: the result, then statistics of each row. */
function rowStatistics(
  context: InferenceContext,
  defaultAxis = -1,
): { result: TensorFacts; statistics: TensorFacts } | undefined {
  const x = context.input(0);
  if (!x) return undefined;
  const axis = x.shape && axisOf(context.int('axis', defaultAxis), x.shape.length);
  const rows: Shape | undefined = x.shape?.map((dim, i) => (i < axis! ? dim : 1));
  const stash = typeAttribute(context, 'stash_type', 'float32');
  return { result: { dtype: x.dtype, shape: x.shape }, statistics: { dtype: stash, shape: rows } };
}

/** Statistics are kept in fp32 whatever the input's type. */
const LayerNormalization: OperatorRule = {
  autocast: 'float',
  infer(context) {
    const facts = rowStatistics(context);
    return facts ? [facts.result, facts.statistics, facts.statistics] : [];
  },
  saves: (context) => ({
    inputs: [0, 1, 2],
    extra: [floats('mean and inverse deviation', 2 * rowsOf(context, context.int('axis', -1)))],
  }),
};

/**
 * One kernel on CUDA, unless the exporter put together what the program computes step by step; on the CPU always
 * composed, so that the normalized input is kept too.
 */
export function rmsNormKept(context: StepContext, axis: number): Saved {
  const call = exportedCall(context.operator);
  const isComposed = context.semantics === 'cpu' || (call !== undefined && call !== 'rms_norm');
  const normalized = isComposed ? (context.input(0)?.elements ?? 0) : 0;
  return {
    inputs: [0, 1],
    extra: [floats('inverse norm', rowsOf(context, axis)), floats('normalized input', normalized)],
  };
}

const RMSNormalization: OperatorRule = {
  autocast: 'float',
  infer(context) {
    const facts = rowStatistics(context);
    const dtype = context.input(1)?.dtype ?? facts?.result.dtype;
    // The result has the type of the scale, which may differ from the input's.
    return facts && dtype ? [{ ...facts.result, dtype }, facts.statistics] : [];
  },
  saves: (context) => rmsNormKept(context, context.int('axis', -1)),
};

/** Normalizations; their statistics are made in the forward pass and kept. */
export const normalizationRules: RuleTable = {
  BatchNormalization,
  InstanceNormalization,
  GroupNormalization,
  LayerNormalization,
  RMSNormalization,
  /** Name under which ONNX Runtime knew RMSNormalization before opset 23. */
  SimplifiedLayerNormalization: RMSNormalization,
  /** Composed: the input, and what its denominator was made of. */
  LRN: {
    infer: likeInput(),
    saves: (context) => ({
      inputs: [0],
      outputs: [0],
      extra: [{ name: 'denominator', bytes: 2 * (context.input(0)?.bytes ?? 0) }],
    }),
  },
  LpNormalization: { infer: likeInput(), saves: () => ({ inputs: [0], outputs: [0] }) },
  MeanVarianceNormalization: { infer: likeInput(), saves: keepsInput },
};
