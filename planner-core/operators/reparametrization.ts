import { floats, likeInput, span, type RuleTable } from './parts';
import type { OperatorRule, Saved, StepContext } from './rule';

/**
 * One norm for each slice of the weight is kept. PyTorch 1 composes the call on the CPU and keeps the quotients as well.
 * Source: _weight_norm in WeightNorm.cpp.
 */
function weightNormKept(context: StepContext): Saved {
  const isComposed = context.semantics === 'cpu' && context.pytorch?.major === 1;
  const slices = context.input(1)?.elements ?? 0;
  return { inputs: [0, 1], extra: [floats('norms', isComposed ? 2 * slices : slices)] };
}

/**
 * The power iteration overwrites its vectors in every step, so copies of them are kept, and the norm they give. Source:
 * torch/nn/utils/spectral_norm.py.
 */
function spectralNormKept(context: StepContext): Saved {
  const weight = context.input(0);
  const rows = weight?.shape[0] ?? 0;
  const columns = weight ? span(weight, 1) : 0;
  return { inputs: [0], extra: [floats('vectors and norm', rows + columns + 1)] };
}

const weight_norm: OperatorRule = { infer: likeInput(), saves: weightNormKept };

const spectral_norm: OperatorRule = {
  infer: likeInput(),
  bufferInputs: [1, 2],
  nonDifferentiableInputs: [1, 2],
  saves: spectralNormKept,
};

/** Weights that torch.nn.utils computes from other parameters in every forward pass. */
export const reparametrizationCalls: RuleTable = { weight_norm, spectral_norm };
