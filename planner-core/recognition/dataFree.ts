import type { TensorId } from '../graph/modelGraph';
import type { GraphIndex } from './graphIndex';

/** Operators that look at the size of their input only. */
const sizesOnly = new Set(['Shape', 'Size']);

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
      const { type, inputs, attributes } = operators[producer];
      if ([...attributes.values()].some(({ kind }) => kind === 'graph')) return false;
      if (!sizesOnly.has(type)) open.push(...inputs);
    } else if (tensors[id].role !== 'constant') return false;
  }
  return true;
}
