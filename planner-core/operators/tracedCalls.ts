import { bytesOf } from '../graph/dtype';
import { contiguousStrides } from '../graph/strides';
import { matmulMacs, operandsKept } from './matmul';
import {
  floats,
  isScalarOperand,
  keepsInput,
  keepsOutput,
  likeInput,
  newStorage,
  partialView,
  span,
  wholeView,
  type RuleTable,
} from './parts';
import type { OperatorRule, Saved, StepContext, StorageRule } from './rule';

/**
 * A call whose results' shapes the traced program gives. Source of what is kept: derivatives.yaml of PyTorch.
 */
const call = (traits: Omit<OperatorRule, 'infer'> = {}): OperatorRule => ({ infer: likeInput(), ...traits });

/** No gradient flows through: integers, booleans, what is made of sizes alone. */
const withoutGradient = call({ differentiable: false });

const keptInputs =
  (...inputs: readonly number[]) =>
  (): Saved => ({ inputs });

/** self + value·a·b: each factor for the gradient of the other. */
function factorsKept(context: StepContext): Saved {
  return { inputs: [1, 2].filter((index) => context.needsGradient(3 - index)) };
}

/** self + value·a/b */
const quotientKept = (context: StepContext): Saved => ({
  inputs: context.needsGradient(2) ? [1, 2] : [2],
});

/** start + weight·(end - start); a number as weight keeps nothing. */
const interpolationKept = (context: StepContext): Saved => {
  if (isScalarOperand(context, 2)) return {};
  return { inputs: context.needsGradient(2) ? [0, 1, 2] : [2] };
};

/** contiguous() returns the tensor itself where it is contiguous already. */
function contiguousStorage(context: StepContext): StorageRule {
  const x = context.input(0);
  if (x && x.elements !== context.output(0)?.elements) return newStorage;
  if (!x?.strides) return wholeView();
  const wanted = contiguousStrides(x.shape);
  return x.strides.every((stride, axis) => x.shape[axis] === 1 || stride === wanted[axis])
    ? wholeView()
    : newStorage;
}

const rowMajor = (context: StepContext): readonly number[] | undefined => {
  const result = context.output(0);
  return result && contiguousStrides(result.shape);
};

/** One number a sample and channel. */
function channelNoise(context: StepContext): Saved {
  const x = context.input(0);
  const ratio = context.operator.attributes.get('ratio');
  const isDropping = context.dropout !== 'none' && ratio?.kind === 'float' && ratio.value > 0;
  return x && isDropping ? { extra: [floats('noise', span(x, 0, 2))] } : {};
}

/** The positions backward puts the gradient back to: int64, as many as the result has elements. */
const positionsKept = (context: StepContext): Saved =>
  context.output(1)
    ? { outputs: [1] }
    : { extra: [{ name: 'indices', bytes: bytesOf('int64', context.output(0)?.elements ?? 0) }] };

/** Calls that no ONNX operator means, of programs whose tensors' shapes are known (domain 'aten'). */
export const tracedCalls: RuleTable = {
  clone: call({ passesGradient: true }),
  contiguous: call({ passesGradient: true, storage: contiguousStorage, resultStrides: rowMajor }),
  detach: call({ differentiable: false, storage: wholeView }),
  /** Overwrites its first operand, of which only the shape matters: what is there afterwards is the second. */
  copy: call({
    passesGradient: true,
    nonDifferentiableInputs: [0],
    shapeOnlyInputs: [0],
    storage: (context) =>
      context.input(1)?.dtype === context.output(0)?.dtype &&
      context.input(1)?.elements === context.output(0)?.elements
        ? { kind: 'view', of: 1, whole: true }
        : newStorage,
  }),
  /** The first operand after a view of it was overwritten: the same storage, with the gradient of what was written. */
  write: call({ storage: wholeView }),
  unbind: call({ storage: partialView, passesGradient: true }),
  unfold: call({ storage: partialView }),
  roll: call(),
  flip: call(),
  im2col: call(),
  diff: call(),
  meshgrid: call({ storage: wholeView }),
  repeat_interleave: call(),

  addcmul: call({ saves: factorsKept }),
  addcdiv: call({ saves: quotientKept }),
  lerp: call({ saves: interpolationKept }),
  clamp_to_tensors: call({ saves: keptInputs(0, 1, 2) }),
  atan2: call({ saves: keptInputs(0, 1) }),
  masked_fill: call({ saves: keptInputs(1), nonDifferentiableInputs: [1] }),
  log2: call({ saves: keepsInput, autocast: 'float' }),
  log10: call({ saves: keepsInput, autocast: 'float' }),
  log1p: call({ saves: keepsInput, autocast: 'float' }),
  expm1: call({ saves: keepsOutput, autocast: 'float' }),
  exp2: call({ saves: keepsOutput }),
  erfc: call({ saves: keepsInput }),
  /** The quotient, rounded, times the divisor is subtracted. */
  remainder: call({ saves: (context) => (context.needsGradient(1) ? { inputs: [0, 1] } : {}) }),
  ne: withoutGradient,
  isfinite: withoutGradient,
  trunc: withoutGradient,
  floor_divide: withoutGradient,

  /** batch1·batch2 + self, every product of the batch on its own. */
  baddbmm: call({ autocast: 'half', macs: matmulMacs, saves: operandsKept }),

  /** Indices are kept; of the tensor only its sizes. */
  index: call({
    saves: (context) => ({ inputs: context.operator.inputs.flatMap((_, at) => (at > 0 ? [at] : [])) }),
  }),
  index_put: call({
    saves: (context) => ({ inputs: context.operator.inputs.flatMap((_, at) => (at > 1 ? [at] : [])) }),
  }),
  masked_select: call({ saves: keptInputs(0, 1) }),
  sort: call({ saves: positionsKept }),
  searchsorted: withoutGradient,
  /** Largest or smallest along an axis, and where. */
  extreme_with_index: call({ saves: positionsKept }),
  variance: call({ saves: keepsInput, autocast: 'float' }),
  deviation: call({ saves: () => ({ inputs: [0], outputs: [0] }), autocast: 'float' }),
  any: withoutGradient,
  all: withoutGradient,

  arange: withoutGradient,
  full: withoutGradient,
  random: { ...withoutGradient, random: true },

  feature_dropout: call({ saves: channelNoise, random: true }),
  mse_loss: call({ saves: keptInputs(0, 1, 2), autocast: 'float' }),
};
