import { bytesOf } from '../graph/dtype';
import type { Shape } from '../graph/modelGraph';
import { axisOf } from './dims';
import { badAttribute, mismatch } from './inferenceProblem';
import { floats, hasInput, keepsOutput, likeInput, newStorage, wholeView, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, Saved, StepContext } from './rule';

const softmax: OperatorRule = {
  autocast: 'float',
  infer(context) {
    const rank = context.input(0)?.shape?.length;
    // Before opset 13 the axis was where the input is flattened to a matrix; the shape is the same.
    const isMatrix = context.opset < 13;
    const axis = context.int('axis', isMatrix ? 1 : -1);
    if (rank && !(isMatrix && axis === rank)) axisOf(axis, rank);
    return likeInput()(context);
  },
  saves: keepsOutput,
};

/** Whether dropout drops anything, as far as the file says. */
function isDropping(context: StepContext): boolean {
  if (context.dropout === 'none') return false;
  if (context.opset >= 12) {
    const ratio = hasInput(context, 1) ? context.constant(1)?.[0] : 0.5;
    const mode = context.constant(2)?.[0];
    // Training mode left open by the file means training: this is only asked of training steps.
    return ratio !== 0 && (hasInput(context, 2) ? mode !== 0 : false);
  }
  // Exports before opset 12 are inference graphs unless they say otherwise (is_test, opset 6 and older).
  return context.opset < 7 && context.int('is_test', 0) === 0;
}

/** CUDA has a fused kernel that keeps a mask of booleans; the CPU keeps the scaled noise it multiplied with. */
function dropoutKept(context: StepContext): Saved {
  const x = context.input(0);
  if (!x || !isDropping(context)) return {};
  const bytes = context.semantics === 'cuda' ? bytesOf('bool', x.elements) : x.bytes;
  return { extra: [{ name: context.semantics === 'cuda' ? 'mask' : 'noise', bytes }] };
}

const Dropout: OperatorRule = {
  hostInputs: [1, 2],
  nonDifferentiableInputs: [1, 2],
  random: true,
  infer(context) {
    const x = context.input(0);
    if (!x) return [];
    const maskType = context.opset >= 10 ? 'bool' : x.dtype;
    return [
      { dtype: x.dtype, shape: x.shape },
      { dtype: maskType, shape: x.shape },
    ];
  },
  storage: (context) => (isDropping(context) ? newStorage : wholeView()),
  saves: dropoutKept,
};

/** One number after reduction, or a loss for every target. */
function lossShape(context: InferenceContext): Shape | undefined {
  const reduction = context.string('reduction') ?? 'mean';
  if (!['none', 'mean', 'sum'].includes(reduction)) throw badAttribute(`reduction is "${reduction}".`);
  return reduction === 'none' ? context.input(1)?.shape : [];
}

const totalWeight = floats('total weight', 1);

const NegativeLogLikelihoodLoss: OperatorRule = {
  autocast: 'float',
  infer(context) {
    const x = context.input(0);
    if (!x) return [];
    return [{ dtype: x.dtype, shape: lossShape(context) }];
  },
  saves: () => ({ inputs: [0, 1, 2], extra: [totalWeight] }),
};

/** log_softmax, whose result is kept, then the negative log likelihood. */
const SoftmaxCrossEntropyLoss: OperatorRule = {
  autocast: 'float',
  infer(context) {
    const x = context.input(0);
    if (!x) return [];
    if (x.shape && x.shape.length < 2) throw mismatch(`Rank ${x.shape.length}: there is no class axis.`);
    return [
      { dtype: x.dtype, shape: lossShape(context) },
      { dtype: x.dtype, shape: x.shape },
    ];
  },
  saves(context) {
    if (context.output(1)) return { inputs: [1, 2], outputs: [1], extra: [totalWeight] };
    const logProbabilities = floats('log probabilities', context.input(0)?.elements ?? 0);
    return { inputs: [1, 2], extra: [logProbabilities, totalWeight] };
  },
};

/** Probabilities, dropping, and losses. */
export const probabilityRules: RuleTable = {
  Softmax: softmax,
  LogSoftmax: softmax,
  Hardmax: { differentiable: false, infer: softmax.infer },
  Dropout,
  NegativeLogLikelihoodLoss,
  SoftmaxCrossEntropyLoss,
};
