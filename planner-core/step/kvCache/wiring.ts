import { appendTo } from '../../base/groups';
import type { ModelGraph, Operator, TensorId } from '../../graph/modelGraph';

/** Which operators make and read a tensor. */
export class Wiring {
  private readonly producer: Int32Array;
  private readonly readers = new Map<TensorId, Operator[]>();

  constructor(readonly graph: ModelGraph) {
    this.producer = new Int32Array(graph.tensors.length).fill(-1);
    graph.operators.forEach((operator, index) => {
      for (const output of operator.outputs) if (output >= 0) this.producer[output] = index;
      for (const input of operator.inputs) appendTo(this.readers, input, operator);
    });
  }

  /** Index of the operator that makes it; -1 for inputs, initializers and absent tensors. */
  producerIndex(tensor: TensorId): number {
    return tensor >= 0 ? this.producer[tensor] : -1;
  }

  producerOf(tensor: TensorId): Operator | undefined {
    return this.graph.operators[this.producerIndex(tensor)];
  }

  readersOf(tensor: TensorId): readonly Operator[] {
    return this.readers.get(tensor) ?? [];
  }
}
