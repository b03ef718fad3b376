import type { Workload } from '../step/workload';

/** What the peaks count, and what is counted beside them. */
const countedBytes: Readonly<Record<Workload['semantics'], string>> = {
  cuda:
    'peaks and budgets count the bytes tensors request; allocator rounding, cached segments, cuBLAS workspaces and ' +
    'the CUDA context come on top and are shown beside them, as after a first step',
  cpu: 'peaks and budgets count the bytes tensors request: what malloc rounds or keeps comes on top',
};

/** The sentences every number of a step rests on, for people to read beside the numbers; `times` is about durations. */
export function assumptionsOf(workload: Workload, times: string): string[] {
  const { precision, optimizer, loss, semantics, mode } = workload;
  const common = [
    `eager PyTorch, ${semantics === 'cuda' ? 'CUDA' : 'CPU'} kernels`,
    precision === 'fp32' ? 'fp32' : `${precision} (weights ${precision === 'bf16' ? 'bf16' : 'fp32'})`,
    countedBytes[semantics],
    times,
  ];
  if (mode === 'inference') return ['inference: nothing is kept for backward', ...common];
  const lossText = {
    none: 'a gradient of the output given from outside',
    sum: 'loss: sum of the outputs (keeps nothing)',
    'cross-entropy': 'loss: cross-entropy on the first output, log_softmax kept in fp32',
  }[loss];
  const optimizerText =
    optimizer === 'none'
      ? 'no optimizer'
      : `${optimizer}, state allocated, update in place without temporaries`;
  return [
    'training, all parameters trained, gradients freed before the step',
    lossText,
    optimizerText,
    'operators as the file writes them: a GELU or LayerNorm exported in pieces keeps more than the fused kernel',
    ...common,
  ];
}
