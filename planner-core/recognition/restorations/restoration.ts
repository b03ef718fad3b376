import type { ModelGraph, Tensor, TensorId, Operator } from '../../graph/modelGraph';
import type { PatternContext } from '../pattern';
import type { Recognition } from '../recognise';

/** Puts back what an exporter's optimizer took out of the program: the graph it had, and what was put back where. */
export type Restoration = (
  context: PatternContext,
  off: ReadonlySet<string>,
) => { readonly graph: ModelGraph; readonly recognitions: readonly Recognition[] };

/** One axis longer than 1: a scale, a bias, a slope. */
export const isVector = (shape: readonly unknown[] | undefined): boolean =>
  shape !== undefined && shape.filter((dim) => dim !== 1).length === 1;

/** A graph that gains tensors and whose operators are rewritten one by one. */
export class GraphEdit {
  private readonly added: Tensor[] = [];
  private readonly changed = new Map<TensorId, Tensor>();
  private readonly names: Set<string>;

  constructor(private readonly graph: ModelGraph) {
    this.names = new Set(graph.tensors.map(({ name }) => name));
  }

  /** A new tensor; its name is made unique. */
  tensor(tensor: Omit<Tensor, 'id'>): TensorId {
    let { name } = tensor;
    while (this.names.has(name)) name = `${name}'`;
    this.names.add(name);
    const id = this.graph.tensors.length + this.added.length;
    this.added.push({ ...tensor, name, id });
    return id;
  }

  /** Makes a computed tensor one that the file stores, like `source`. */
  store(id: TensorId, source: TensorId): void {
    this.changed.set(id, { ...this.graph.tensors[source], id, name: this.graph.tensors[id].name });
  }

  /** Takes out a tensor of the file that others stand for now. */
  retire(id: TensorId): void {
    this.changed.set(id, { ...this.graph.tensors[id], role: 'activation' });
  }

  finish(operators: readonly Operator[]): ModelGraph {
    const kept = this.graph.tensors.map((tensor) => this.changed.get(tensor.id) ?? tensor);
    return { ...this.graph, tensors: [...kept, ...this.added], operators };
  }
}
