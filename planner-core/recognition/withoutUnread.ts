import type { ModelGraph, Operator, Tensor, TensorId } from '../graph/modelGraph';
import { forEachRead, type GraphIndex } from './graphIndex';

/** Drops what only pieces read that are gone now, such as a mask that a call makes itself. */
export function withoutUnread(graph: ModelGraph, before: GraphIndex): ModelGraph {
  const reads = new Int32Array(graph.tensors.length);
  for (const id of graph.outputs) reads[id]++;
  for (const operator of graph.operators) forEachRead(operator, (id) => reads[id]++);
  const isGone = (id: TensorId): boolean => id < 0 || reads[id] === 0;
  const kept: Operator[] = [];
  for (const operator of [...graph.operators].reverse()) {
    const wasRead = operator.outputs.some((id) => id >= 0 && before.readsOf(id) > 0);
    if (wasRead && operator.outputs.every(isGone)) forEachRead(operator, (id) => reads[id]--);
    else kept.push(operator);
  }
  // What nobody reads any more and the program does not declare was part of the pieces: it is no tensor of the program.
  const isOfPieces = ({ role, name }: Tensor): boolean =>
    role === 'constant' || (role === 'parameter' && graph.declared?.has(name) === false);
  const tensors = graph.tensors.map((tensor) =>
    isOfPieces(tensor) && isGone(tensor.id) && before.readsOf(tensor.id) > 0
      ? { ...tensor, role: 'activation' as const }
      : tensor,
  );
  return { ...graph, operators: kept.reverse(), tensors };
}
