import { isFloat } from '../graph/dtype';
import type { ModelGraph, TensorRole } from '../graph/modelGraph';
import { ruleOf } from '../operators/registry';
import type { ConcreteTensor } from '../operators/rule';

/**
 * Marks the tensors autograd computes a gradient for: trained parameters and what depends on them. What depends on
 * frozen parameters and inputs only has requires_grad = False, and its operators save nothing.
 */
export function markGradients(
  graph: ModelGraph,
  tensors: readonly (ConcreteTensor | undefined)[],
  roles: readonly TensorRole[],
  frozen: Uint8Array,
): Uint8Array {
  const needed = new Uint8Array(graph.tensors.length);
  roles.forEach((role, id) => {
    if (role === 'parameter' && !frozen[id]) needed[id] = 1;
  });
  for (const operator of graph.operators) {
    const rule = ruleOf(operator);
    if (rule?.differentiable === false) continue;
    const blocked = rule?.nonDifferentiableInputs;
    if (!operator.inputs.some((id, index) => id >= 0 && needed[id] && !blocked?.includes(index))) continue;
    for (const output of operator.outputs) {
      const tensor = output >= 0 ? tensors[output] : undefined;
      if (tensor && isFloat(tensor.dtype)) needed[output] = 1;
    }
  }
  return needed;
}
