import type { ModelGraph, TensorId, TensorRole } from '../graph/modelGraph';
import { isFloat } from '../graph/dtype';
import { ruleOf } from '../operators/registry';
import type { TensorFacts } from '../operators/rule';

/** Names PyTorch and its model libraries give to buffers that are floating point. */
const bufferNames =
  /(^|\.)(running_mean|running_var|inv_freq|original_inv_freq|cos_cached|sin_cached|cos|sin|freqs_cis|masked_bias|position_ids|final_logits_bias)$/;

/** Operators that hand elements on as they are. */
const handsOn = new Set([
  'Slice',
  'Unsqueeze',
  'Squeeze',
  'Reshape',
  'Expand',
  'Cast',
  'Identity',
  'Transpose',
]);

/**
 * Which initializers are trained. A floating-point initializer is a parameter unless an operator uses it as a buffer
 * (running statistics), its name is one PyTorch uses for buffers, or no gradient can reach it: causal masks of ones and
 * zeros are only compared.
 */
export function tensorRoles(graph: ModelGraph, facts: readonly (TensorFacts | undefined)[]): TensorRole[] {
  const roles = graph.tensors.map((tensor) => tensor.role);
  if (graph.isTraced) return roles;
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
  const reached = reachedByGradients(graph);
  roles.forEach((role, id) => {
    if (role === 'parameter' && reached.get(id) === false) roles[id] = 'buffer';
  });
  return roles;
}

/** Of every tensor that operators read, whether one of them, or of those its elements are handed on to, has a gradient. */
function reachedByGradients({ operators, outputs }: ModelGraph): ReadonlyMap<TensorId, boolean> {
  const reached = new Map<TensorId, boolean>(outputs.map((id) => [id, true]));
  for (const operator of [...operators].reverse()) {
    const isReached = handsOn.has(operator.type)
      ? (reached.get(operator.outputs[0]) ?? false)
      : ruleOf(operator)?.differentiable !== false;
    for (const id of operator.inputs) reached.set(id, (reached.get(id) ?? false) || isReached);
    // What bodies of control flow read is not followed.
    for (const attribute of operator.attributes.values()) if (attribute.kind === 'graph') return new Map();
  }
  return reached;
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
