import type { DType } from '../../../planner-core/graph/dtype';
import type {
  AttributeValue,
  ModelGraph,
  Operator,
  Shape,
  Tensor,
} from '../../../planner-core/graph/modelGraph';

/** Builds small ModelGraphs by hand; tensors are named, operators run in the order they are added. */
export class ModelBuilder {
  private readonly tensors: Tensor[] = [];
  private readonly operators: Operator[] = [];
  private readonly ids = new Map<string, number>();
  private readonly inputs: number[] = [];
  private readonly modules = [''];
  private module = 0;
  private fxNode: string | undefined;

  input(name: string, shape: Shape, dtype: DType = 'float32'): this {
    this.inputs.push(this.add({ name, role: 'input', shape, dtype }));
    return this;
  }

  parameter(name: string, shape: readonly number[]): this {
    this.add({ name, role: 'parameter', shape, dtype: 'float32' });
    return this;
  }

  constant(name: string, elements: readonly number[], dtype: DType = 'int64'): this {
    this.add({ name, role: 'constant', shape: [elements.length], dtype, elements });
    return this;
  }

  /** A floating-point number of the file. */
  number(name: string, value: number): this {
    this.add({ name, role: 'constant', shape: [], dtype: 'float32', elements: [value] });
    return this;
  }

  /** The module of the operators that follow, by qualified name. */
  in(module: string): this {
    if (!this.modules.includes(module)) this.modules.push(module);
    this.module = this.modules.indexOf(module);
    return this;
  }

  /** The FX node that the exporter says the operators that follow come from. */
  from(fxNode: string | undefined): this {
    this.fxNode = fxNode;
    return this;
  }

  operator(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Record<string, number | readonly number[]> = {},
  ): this {
    const entries = Object.entries(attributes).map(([name, value]): [string, AttributeValue] => [
      name,
      typeof value === 'number' ? { kind: 'int', value } : { kind: 'ints', value },
    ]);
    this.operators.push({
      name: `${type}_${this.operators.length}`,
      domain: '',
      type,
      inputs: inputs.map((name) => this.ids.get(name) ?? -1),
      outputs: outputs.map((name) => this.add({ name, role: 'activation' })),
      attributes: new Map(entries),
      module: this.module,
      source: this.fxNode === undefined ? undefined : { fxNode: this.fxNode },
    });
    return this;
  }

  build(...outputs: readonly string[]): ModelGraph {
    return {
      format: 'test',
      producer: 'test',
      opsets: new Map([['', 17]]),
      tensors: this.tensors,
      operators: this.operators,
      inputs: this.inputs,
      outputs: outputs.map((name) => this.ids.get(name)!),
      modules: this.modules.map((name, id) => ({
        id,
        name,
        parent: id === 0 ? -1 : 0,
        children: id === 0 ? this.modules.slice(1).map((_, at) => at + 1) : [],
      })),
      diagnostics: [],
    };
  }

  private add(tensor: Omit<Tensor, 'id'>): number {
    const id = this.tensors.length;
    this.tensors.push({ id, ...tensor });
    this.ids.set(tensor.name, id);
    return id;
  }
}
