import type { ModelGraph, TensorRole } from '../graph/modelGraph';
import { isFloat } from '../graph/dtype';
import { ruleOf } from '../operators/registry';
import type { TensorFacts } from '../operators/rule';

/** Names PyTorch and its model libraries give to buffers that are floating point. */
const bufferNames =
  /(^|\.)(running_mean|running_var|inv_freq|original_inv_freq|cos_cached|sin_cached|cos|sin|freqs_cis|masked_bias|position_ids)$/;

/**
 * Which initializers are trained. A floating-point initializer is a parameter unless an operator uses it as a buffer
 * (running statistics) or its name is one PyTorch uses for buffers.
 */
export function tensorRoles(graph: ModelGraph, facts: readonly (TensorFacts | undefined)[]): TensorRole[] {
  const roles = graph.tensors.map((tensor) => tensor.role);
  for (const operator of graph.operators) {
    for (const index of ruleOf(operator)?.bufferInputs ?? []) {
      const tensor = operator.inputs[index];
      if (tensor >= 0 && roles[tensor] === 'parameter') roles[tensor] = 'buffer';
    }
  }
  for (const tensor of graph.tensors) {
    if (roles[tensor.id] !== 'parameter') continue;
    const dtype = facts[tensor.id]?.dtype ?? tensor.dtype;
    if ((dtype && !isFloat(dtype)) || bufferNames.test(tensor.name)) roles[tensor.id] = 'buffer';
  }
  return roles;
}

/**
 * Names of the buffers `num_batches_tracked`: an int64 beside the running statistics of every BatchNorm module, counted
 * up in training. No operator reads it, so ONNX files leave it out (torch/nn/modules/batchnorm.py).
 */
export function batchCounters(graph: ModelGraph, roles: readonly TensorRole[]): string[] {
  const counters = new Set<string>();
  for (const { type, inputs } of graph.operators) {
    const mean = inputs[3] ?? -1;
    if (type !== 'BatchNormalization' || mean < 0 || roles[mean] !== 'buffer') continue;
    const { name } = graph.tensors[mean];
    const counter = `${name.slice(0, name.lastIndexOf('.') + 1) || `${name}.`}num_batches_tracked`;
    counters.add(counter);
  }
  if (counters.size > 0) for (const { name } of graph.tensors) counters.delete(name);
  return [...counters];
}
