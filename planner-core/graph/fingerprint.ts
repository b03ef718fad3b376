import { assertNever } from '../base/assertNever';
import { dimText } from './dim';
import { isFloat } from './dtype';
import type { AttributeValue, ModelGraph, Operator, Subgraph, TensorId } from './modelGraph';
import { StructuralHash } from './structuralHash';

/**
 * Identifies a model's structure by 16 hexadecimal digits: operators, attributes, wiring, declared shapes, integer
 * constants and module names. Two files of the same network with other weights, in another place or with other names of
 * their intermediate values have the same fingerprint; a plan that was made for one fits the other.
 */
export function fingerprint(graph: ModelGraph): string {
  return new Fingerprint(graph).of(graph);
}

class Fingerprint {
  private readonly hash = new StructuralHash();
  /** Tensors are known by the order in which they are met, not by name. */
  private readonly numbers = new Map<TensorId, number>();

  constructor(private readonly graph: ModelGraph) {}

  of(graph: ModelGraph): string {
    for (const [domain, version] of [...graph.opsets].sort(byText)) {
      this.hash.text(domain);
      this.hash.number(version);
    }
    this.hash.number(graph.modules.length);
    for (const module of graph.modules) this.hash.text(module.name);
    this.tensors(graph.inputs);
    this.operators(graph.operators);
    this.tensors(graph.outputs);
    return this.hash.digest();
  }

  private operators(operators: readonly Operator[]): void {
    this.hash.number(operators.length);
    for (const operator of operators) {
      this.hash.text(operator.name);
      this.hash.text(operator.domain);
      this.hash.text(operator.type);
      this.hash.number(operator.module);
      this.tensors(operator.inputs);
      this.tensors(operator.outputs);
      this.hash.number(operator.attributes.size);
      for (const [name, value] of [...operator.attributes].sort(byText)) {
        this.hash.text(name);
        this.attribute(value);
      }
    }
  }

  private attribute(value: AttributeValue): void {
    this.hash.text(value.kind);
    switch (value.kind) {
      case 'int':
      case 'float':
        return this.hash.number(value.value);
      case 'string':
      case 'other':
        return this.hash.text(value.value);
      case 'ints':
      case 'floats':
        return this.list(value.value, (item) => this.hash.number(item));
      case 'strings':
        return this.list(value.value, (item) => this.hash.text(item));
      case 'tensor':
        return this.tensor(value.value);
      case 'graph':
        return this.subgraph(value.value);
      default:
        return assertNever(value);
    }
  }

  private subgraph(body: Subgraph): void {
    this.tensors(body.inputs);
    this.operators(body.operators);
    this.tensors(body.outputs);
  }

  private tensors(ids: readonly TensorId[]): void {
    this.list(ids, (id) => this.tensor(id));
  }

  private tensor(id: TensorId): void {
    const known = id < 0 ? -1 : this.numbers.get(id);
    if (known !== undefined) return this.hash.number(known);
    this.hash.number(this.numbers.size);
    this.numbers.set(id, this.numbers.size);
    const { role, dtype, shape, elements } = this.graph.tensors[id];
    this.hash.text(role);
    this.hash.text(dtype ?? '');
    this.list(shape?.map(dimText) ?? ['?'], (dim) => this.hash.text(dim));
    // Integers are sizes and indices: structure. Floating-point numbers are weights.
    const isStructure = elements && dtype && !isFloat(dtype);
    this.list(isStructure ? elements : [], (element) => this.hash.number(element));
  }

  private list<T>(items: readonly T[], add: (item: T) => void): void {
    this.hash.number(items.length);
    for (const item of items) add(item);
  }
}

function byText(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
