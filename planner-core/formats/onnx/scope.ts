import type { TensorId } from '../../graph/modelGraph';

/** The names visible at a place: those of a graph, and around it those of the graphs that enclose it. */
export class Scope {
  private readonly names = new Map<string, TensorId>();

  constructor(private readonly outer?: Scope) {}

  /** Names a tensor; false when this graph (not an enclosing one) has the name already. */
  declare(name: string, tensor: TensorId): boolean {
    if (this.names.has(name)) return false;
    this.names.set(name, tensor);
    return true;
  }

  has(name: string): boolean {
    return this.names.has(name);
  }

  resolve(name: string): TensorId | undefined {
    return this.names.get(name) ?? this.outer?.resolve(name);
  }
}
