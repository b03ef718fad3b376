import { symbol, type Dim } from '../../../planner-core/graph/dim';
import { bytesOf, type DType } from '../../../planner-core/graph/dtype';
import type { AttributeValue, ModelGraph, Operator, Tensor } from '../../../planner-core/graph/modelGraph';
import { inferTensors, type TensorTable } from '../../../planner-core/operators/inferTensors';
import { ruleOf } from '../../../planner-core/operators/registry';
import type { ConcreteTensor, OperatorRule, StepContext } from '../../../planner-core/operators/rule';

/** A named size is written as its name. */
export type Size = number | string;

export interface TensorSpec {
  readonly dtype?: DType;
  readonly shape?: readonly Size[];
  readonly elements?: readonly number[];
  readonly role?: Tensor['role'];
}

export type Attributes = Readonly<Record<string, AttributeValue | number | string | readonly number[]>>;

export interface NodeSpec {
  readonly type: string;
  readonly domain?: string;
  /** Names of tensors; '' is an absent input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Attributes;
}

export interface GraphSpec {
  readonly tensors: Readonly<Record<string, TensorSpec>>;
  readonly nodes: readonly NodeSpec[];
  readonly outputs?: readonly string[];
  readonly opset?: number;
}

const dimOf = (size: Size): Dim => (typeof size === 'number' ? size : symbol(size));

/** A float input of a shape. */
export const x = (...shape: Size[]): TensorSpec => ({ shape, role: 'input' });
/** A trained tensor. */
export const weight = (...shape: Size[]): TensorSpec => ({ shape, role: 'parameter' });
/** A one-dimensional integer constant. */
export const ints = (...elements: number[]): TensorSpec => ({
  dtype: 'int64',
  shape: [elements.length],
  elements,
  role: 'constant',
});
/** A constant of one element without axes. */
export const scalar = (value: number, dtype: DType = 'float32'): TensorSpec => ({
  dtype,
  shape: [],
  elements: [value],
  role: 'constant',
});

/** Builds graphs by name; bodies of control operators are built with `body`. */
export class SmallGraph {
  readonly graph: ModelGraph;
  private readonly tensors: Tensor[] = [];
  private readonly ids = new Map<string, number>();

  constructor(spec: GraphSpec) {
    for (const [name, tensor] of Object.entries(spec.tensors)) this.add(name, tensor);
    const operators = this.operators(spec.nodes);
    const roleIs = (role: Tensor['role']): number[] =>
      this.tensors.filter((tensor) => tensor.role === role).map(({ id }) => id);
    const last = spec.nodes[spec.nodes.length - 1];
    this.graph = {
      format: 'onnx',
      producer: 'test',
      opsets: new Map([
        ['', spec.opset ?? 20],
        ['com.microsoft', 1],
      ]),
      tensors: this.tensors,
      operators,
      inputs: roleIs('input'),
      outputs: (spec.outputs ?? last.outputs).map((name) => this.id(name)),
      modules: [{ id: 0, name: '', parent: 0, children: [] }],
      diagnostics: [],
    };
  }

  id(name: string): number {
    if (name === '') return -1;
    return this.ids.get(name) ?? this.add(name, { role: 'activation' });
  }

  infer(bindings: Record<string, number> = {}): TensorTable {
    return inferTensors(this.graph, bindings);
  }

  /** "float32 [2, batch]", or '?' where nothing is known. */
  describe(table: TensorTable, name: string): string {
    const facts = table.facts[this.id(name)];
    if (!facts) return '?';
    return `${facts.dtype} ${facts.shape ? `[${facts.shape.map(String).join(', ')}]` : '?'}`;
  }

  private add(name: string, { dtype, shape, elements, role = 'activation' }: TensorSpec): number {
    const id = this.tensors.length;
    const declared = role === 'activation' ? dtype : (dtype ?? 'float32');
    this.tensors.push({ id, name, role, dtype: declared, shape: shape?.map(dimOf), elements });
    this.ids.set(name, id);
    return id;
  }

  private operators(nodes: readonly NodeSpec[]): Operator[] {
    return nodes.map((node, index) => ({
      name: `${node.type}_${index}`,
      domain: node.domain ?? '',
      type: node.type,
      inputs: node.inputs.map((name) => this.id(name)),
      outputs: node.outputs.map((name) => this.id(name)),
      attributes: attributesOf(node.attributes ?? {}),
      module: 0,
    }));
  }
}

function attributesOf(attributes: Attributes): ReadonlyMap<string, AttributeValue> {
  return new Map(
    Object.entries(attributes).map(([name, value]): [string, AttributeValue] => {
      if (typeof value === 'number') return [name, { kind: 'int', value }];
      if (typeof value === 'string') return [name, { kind: 'string', value }];
      return [name, 'kind' in value ? value : { kind: 'ints', value }];
    }),
  );
}

export interface SingleSpec {
  readonly domain?: string;
  readonly attributes?: Attributes;
  readonly outputs?: number;
  readonly opset?: number;
}

/** A graph of one operator with inputs in the given order; undefined is an absent one. */
export function single(
  type: string,
  inputs: readonly (TensorSpec | undefined)[],
  { domain, attributes, outputs = 1, opset }: SingleSpec = {},
): SmallGraph {
  const names = inputs.map((input, i) => (input ? `in${i}` : ''));
  const tensors = Object.fromEntries(inputs.flatMap((input, i) => (input ? [[`in${i}`, input]] : [])));
  const results = Array.from({ length: outputs }, (_, i) => `out${i}`);
  return new SmallGraph({
    tensors,
    nodes: [{ type, domain, inputs: names, outputs: results, attributes }],
    opset,
  });
}

/** Rule and step context of the only operator of a graph, all sizes being numbers. */
export function stepOf(
  graph: SmallGraph,
  options: Partial<Pick<StepContext, 'semantics' | 'dropout' | 'attention' | 'pytorch'>> & {
    /** Inputs that need a gradient; all floating-point ones when absent. */
    readonly gradients?: readonly number[];
  } = {},
): { rule: OperatorRule; context: StepContext } {
  const { graph: model } = graph;
  const [operator] = model.operators;
  const { facts } = graph.infer();
  const tensor = (id: number | undefined): ConcreteTensor | undefined => {
    const known = id === undefined || id < 0 ? undefined : facts[id];
    if (!known?.shape?.every((dim) => typeof dim === 'number')) return undefined;
    const shape = known.shape as readonly number[];
    const elements = shape.reduce((product, size) => product * size, 1);
    const { role } = model.tensors[id!];
    return { dtype: known.dtype, shape, elements, bytes: bytesOf(known.dtype, elements), role };
  };
  const value = (name: string): AttributeValue | undefined => operator.attributes.get(name);
  const context: StepContext = {
    operator,
    opset: model.opsets.get(operator.domain) ?? 1,
    input: (index) => tensor(operator.inputs[index]),
    output: (index) => tensor(operator.outputs[index]),
    needsGradient: (index) =>
      options.gradients?.includes(index) ??
      (tensor(operator.inputs[index])?.dtype.startsWith('float') === true &&
        ['input', 'parameter'].includes(model.tensors[operator.inputs[index]].role)),
    int: (name, fallback) => {
      const attribute = value(name);
      return attribute?.kind === 'int' ? attribute.value : fallback;
    },
    ints: (name) => {
      const attribute = value(name);
      return attribute?.kind === 'ints' ? attribute.value : undefined;
    },
    string: (name) => {
      const attribute = value(name);
      return attribute?.kind === 'string' ? attribute.value : undefined;
    },
    constant: (index) => model.tensors[operator.inputs[index] ?? -1]?.elements,
    semantics: options.semantics ?? 'cuda',
    dropout: options.dropout ?? 'as-exported',
    attention: options.attention,
    pytorch: options.pytorch,
  };
  return { rule: ruleOf(operator)!, context };
}
