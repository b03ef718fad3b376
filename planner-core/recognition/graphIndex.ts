import type { ModelGraph, Operator, TensorId } from '../graph/modelGraph';

/** Who makes and who reads each tensor of a graph's top level. */
export class GraphIndex {
  private readonly producers: Int32Array;
  private readonly readers: Int32Array;

  constructor(readonly graph: ModelGraph) {
    this.producers = new Int32Array(graph.tensors.length).fill(-1);
    this.readers = new Int32Array(graph.tensors.length);
    graph.operators.forEach((operator, index) => {
      for (const id of operator.outputs) if (id >= 0) this.producers[id] = index;
      forEachRead(operator, (id) => this.readers[id]++);
    });
    for (const id of graph.outputs) if (id >= 0) this.readers[id]++;
  }

  /** Index of the operator that makes a tensor; -1 for inputs and initializers. */
  producerOf(tensor: TensorId): number {
    return tensor < 0 ? -1 : this.producers[tensor];
  }

  /** How often operators, bodies of control flow and the graph's outputs read a tensor. */
  readsOf(tensor: TensorId): number {
    return this.readers[tensor];
  }
}

/** Every tensor an operator reads, in the bodies of control flow too; as often as it is read. */
export function forEachRead(operator: Operator, visit: (tensor: TensorId) => void): void {
  for (const id of operator.inputs) if (id >= 0) visit(id);
  for (const attribute of operator.attributes.values()) {
    if (attribute.kind !== 'graph') continue;
    for (const inner of attribute.value.operators) forEachRead(inner, visit);
    for (const id of attribute.value.outputs) if (id >= 0) visit(id);
  }
}
