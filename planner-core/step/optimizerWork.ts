import type { Work } from '../devices/roofline';
import { pytorchVersionOf } from '../operators/pytorchVersion';
import type { StepDraft } from './draft';
import { updateImplementation } from './optimizerMemory';
import type { Optimizer } from './workload';

/** Kernels of one parameter's update in torch/optim: in-place calls one after the other. */
const kernelsInALoop: Readonly<Record<Optimizer, number>> = {
  none: 0,
  sgd: 1,
  momentum: 3,
  adam: 7,
  adamw: 8,
};

/**
 * A kernel over a list of tensors takes tens of them (36 to 110, by the number of lists: depth_to_max_tensors in
 * ATen/native/cuda/MultiTensorApply.cuh), and an update has a few such kernels: about this many launches a parameter.
 */
const launchesInAList = 0.1;

/** The work of one parameter's update: nothing but traffic; its launches depend on the implementation. */
export function updateWork({ workload, graph }: StepDraft, trafficBytes: number): Work {
  const implementation = updateImplementation(workload, pytorchVersionOf(graph.producer));
  const launches = implementation === 'for-loop' ? kernelsInALoop[workload.optimizer] : launchesInAList;
  return { workClass: 'optimizer', macs: 0, trafficBytes, rate: 'fp32', launches };
}
