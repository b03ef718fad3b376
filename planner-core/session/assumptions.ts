import type { DType } from '../graph/dtype';
import type { OptimizerUpdate, Workload } from '../step/workload';

/** What the peaks count, and what is counted beside them. */
const countedBytes: Readonly<Record<Workload['semantics'], string>> = {
  cuda:
    'peaks and budgets count the bytes tensors request; allocator rounding, cached segments, cuBLAS workspaces and ' +
    'the CUDA context come on top: Headroom counts them apart, as after a first step',
  cpu: 'peaks and budgets count the bytes tensors request: what malloc rounds or keeps comes on top',
};

/** The sentences every number of a step rests on, for people to read beside the numbers; `times` is about durations,
 * `weightType` what most weights are in the file. */
export function assumptionsOf(workload: Workload, times: string, weightType: DType = 'float32'): string[] {
  const { precision, loss, semantics, mode } = workload;
  const common = [
    `eager PyTorch, ${semantics === 'cuda' ? 'CUDA' : 'CPU'} kernels`,
    precisionText(precision, weightType),
    countedBytes[semantics],
    times,
  ];
  if (mode === 'inference') return ['inference: nothing is kept for backward', ...common];
  const lossText = {
    none: 'a gradient of the output given from outside',
    sum: 'loss: sum of the outputs (keeps nothing)',
    'cross-entropy': 'loss: cross-entropy on the first output, log_softmax kept in fp32',
  }[loss];
  return [
    `training, ${trainedText(workload)}`,
    gradientsText(workload),
    lossText,
    optimizerText(workload),
    ...common,
  ];
}

function precisionText(precision: Workload['precision'], weightType: DType): string {
  if (precision === 'fp32' && weightType !== 'float32')
    return `numbers of the types that the file has, most weights ${weightType}`;
  return precision === 'fp32' ? 'fp32' : `${precision} (weights ${precision === 'bf16' ? 'bf16' : 'fp32'})`;
}

const trainedText = ({ frozen }: Workload): string =>
  frozen.length === 0 ? 'all parameters trained' : `frozen: ${frozen.join(', ') || 'everything'}`;

function gradientsText({ microBatches, zeroGrad }: Workload): string {
  if (microBatches > 1)
    return `the last of ${microBatches} micro-batches: gradients of the others are there, times are of all and one update`;
  return zeroGrad === 'zero'
    ? 'gradients zeroed before the step and kept in memory'
    : 'gradients freed before the step';
}

const updateTexts: Readonly<Record<OptimizerUpdate, string>> = {
  auto: 'updated as PyTorch chooses (all parameters at once on CUDA since 2.0, else one after another)',
  foreach: 'all parameters updated at once (foreach)',
  'for-loop': 'one parameter updated after another',
  fused: 'updated by a fused kernel without temporaries',
};

function optimizerText({ optimizer, optimizerUpdate, stepKind }: Workload): string {
  if (optimizer === 'none') return 'no optimizer';
  const updated = updateTexts[optimizerUpdate];
  if (optimizer === 'sgd') return `${optimizer} without state, ${updated}`;
  return stepKind === 'first'
    ? `${optimizer}, state allocated by this first step, ${updated}`
    : `${optimizer}, state allocated by earlier steps, ${updated}`;
}
