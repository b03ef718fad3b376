import type { TensorId } from '../graph/modelGraph';
import { ruleOf } from '../operators/registry';
import type { GraphIndex } from './graphIndex';

/** True for a tensor computed from sizes and literals only: neither inputs, parameters nor buffers decide its elements. */
export function isDataFree(index: GraphIndex, tensor: TensorId): boolean {
  const { operators, tensors } = index.graph;
  const seen = new Set<TensorId>();
  const open = [tensor];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id < 0 || seen.has(id)) continue;
    seen.add(id);
    const producer = index.producerOf(id);
    if (producer >= 0) {
      const { inputs, attributes } = operators[producer];
      if ([...attributes.values()].some(({ kind }) => kind === 'graph')) return false;
      const sizesOnly = ruleOf(operators[producer])?.shapeOnlyInputs;
      open.push(...inputs.filter((_, position) => !sizesOnly?.includes(position)));
    } else if (tensors[id].role !== 'constant') return false;
  }
  return true;
}
