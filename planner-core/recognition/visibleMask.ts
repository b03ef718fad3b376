import type { TensorId } from '../graph/modelGraph';
import { ruleOf } from '../operators/registry';
import { isDataFree } from './dataFree';
import type { GraphIndex } from './graphIndex';

const orders = new Set(['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual']);

/**
 * True for an attention mask that hides nothing: computed from sizes and literals, without comparing one position with
 * another, as causal masks and sliding windows do, and without stored elements that could differ.
 */
export function isVisibleMask(index: GraphIndex, mask: TensorId): boolean {
  if (!isDataFree(index, mask)) return false;
  const { operators, tensors } = index.graph;
  for (const id of ancestorsOf(index, mask)) {
    const operator = operators[index.producerOf(id)];
    if (!operator) {
      const { dtype, shape } = tensors[id];
      // What is the same for every key hides none of them.
      if ((dtype?.startsWith('float') || dtype === 'bool') && (shape?.at(-1) ?? 1) !== 1) return false;
    } else if (operator.type === 'Trilu') return false;
    else if (orders.has(operator.type) && operator.inputs.every((input) => isPosition(index, input)))
      return false;
  }
  return true;
}

/** Whether a tensor counts along an axis. */
function isPosition(index: GraphIndex, tensor: TensorId): boolean {
  const { operators, tensors } = index.graph;
  return [...ancestorsOf(index, tensor)].some((id) => {
    const type = operators[index.producerOf(id)]?.type;
    return type === 'Range' || type === 'CumSum' || (!type && (tensors[id].elements?.length ?? 0) > 1);
  });
}

/** A tensor and all whose elements it is computed from. */
function ancestorsOf(index: GraphIndex, tensor: TensorId): ReadonlySet<TensorId> {
  const seen = new Set<TensorId>();
  const open = [tensor];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id < 0 || seen.has(id)) continue;
    seen.add(id);
    const producer = index.graph.operators[index.producerOf(id)];
    const sizesOnly = producer && ruleOf(producer)?.shapeOnlyInputs;
    open.push(...(producer?.inputs ?? []).filter((_, position) => !sizesOnly?.includes(position)));
  }
  return seen;
}
