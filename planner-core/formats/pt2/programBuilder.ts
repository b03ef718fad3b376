import { isFloat, type DType } from '../../graph/dtype';
import type { AttributeValue, Operator, Shape, Tensor, TensorId, TensorRole } from '../../graph/modelGraph';
import { Call, type CallScope, type Lowered } from './call';
import { calls } from './calls';
import { badProgram } from './json';
import { readModuleStack, type StackedModule } from './moduleStack';
import type { Argument, ProgramGraph, ProgramInput, ProgramNode, TensorMeta } from './program';

/** An operator before the module tree is known. */
export interface OperatorRecord {
  readonly operator: Omit<Operator, 'module'>;
  readonly modules: readonly StackedModule[];
}

/** Literals of the same numbers and type are one tensor; a list of more is not worth looking up. */
type LiteralKey = string;

/** The values of one graph by the names they go by there. */
interface Frame {
  readonly graph: ProgramGraph;
  readonly values: Map<string, TensorId>;
  /** Goes before the names of what an inlined graph makes. */
  readonly prefix: string;
}

/**
 * Turns the calls of a program into operators. What a call overwrites goes by its result's tensor from then on; graphs
 * that only run under another setting (gradients off, autocast on) become part of the graph around them.
 */
export class ProgramBuilder {
  readonly tensors: Tensor[] = [];
  readonly records: OperatorRecord[] = [];
  /** What the program itself has torch.autocast compute in, in all or some of it. */
  autocast?: DType;
  private readonly literals = new Map<LiteralKey, TensorId>();
  private readonly names = new Set<string>();
  /** Of a view, the tensor it is a view of. */
  private readonly baseOf = new Map<TensorId, TensorId>();

  /** Adds a program's inputs; `tied` gives the first name of a parameter that has several. Returns the values by name. */
  addInputs(
    graph: ProgramGraph,
    inputs: readonly ProgramInput[],
    tied: ReadonlyMap<string, string>,
  ): Map<string, TensorId> {
    const values = new Map<string, TensorId>();
    const byName = new Map<string, TensorId>();
    for (const { kind, value, name } of inputs) {
      const own = tied.get(name) ?? name;
      const known = kind === 'input' ? undefined : byName.get(own);
      const id = known ?? this.tensor(own, kind, graph.tensors.get(value));
      byName.set(own, id);
      values.set(value, id);
    }
    return values;
  }

  addGraph(graph: ProgramGraph, values: Map<string, TensorId>): void {
    this.run({ graph, values, prefix: '' });
  }

  private run(frame: Frame): void {
    for (const node of frame.graph.nodes) {
      const inlined = inlinedGraph(node);
      if (inlined) this.inline(frame, node, inlined);
      // Sizes and checks run on the host and leave no tensor.
      else if (node.outputs.length > 0) this.addCall(frame, node);
    }
  }

  private addCall(frame: Frame, node: ProgramNode): void {
    const { namespace, name, overload } = parseTarget(node.target);
    const base = name.endsWith('_') && !name.endsWith('__') ? name.slice(0, -1) : name;
    const lower = namespace === 'aten' ? calls.get(base) : undefined;
    const outputs = node.outputs.map((value) =>
      this.tensor(frame.prefix + value, 'activation', frame.graph.tensors.get(value)),
    );
    const call = new Call(node, base, overload, base !== name, this.scopeOf(frame, node, outputs));
    const meant = lower?.(call) ?? unknownCall(call, namespace, name);
    const lowered = meant === 'emitted' ? meant : this.asBitsWhereRetyped(meant, outputs);
    node.outputs.forEach((value, i) => frame.values.set(value, outputs[i]));
    if (lowered === 'emitted') return;
    if (this.isView(lowered))
      for (const output of outputs)
        this.baseOf.set(output, this.baseOf.get(lowered.inputs[0]) ?? lowered.inputs[0]);
    const self = call.isInPlace ? node.inputs.get('self') : undefined;
    this.push(node, frame.prefix + node.name, lowered, outputs, self?.kind === 'tensor' || undefined);
    if (self?.kind === 'tensor') this.overwrite(frame, node, self.name, outputs[0]);
  }

  /** A view under another element type reads the same bits: no gradient flows through. */
  private asBitsWhereRetyped(lowered: Lowered, outputs: readonly TensorId[]): Lowered {
    const isRetyped = (output: TensorId): boolean =>
      this.tensors[output].dtype !== this.tensors[lowered.inputs[0]].dtype;
    if (!this.isView(lowered) || !outputs.some(isRetyped)) return lowered;
    return { type: 'BitCast', inputs: [lowered.inputs[0]] };
  }

  private isView({ type, inputs: [source = -1, index = -1] }: Lowered): boolean {
    // One index known to the host selects; a tensor of indices copies.
    if (type === 'Gather') return this.tensors[index]?.role === 'constant';
    return views.has(type) && source >= 0;
  }

  /** From here on the value goes by the result; where it is a view, so does what it is a view of. */
  private overwrite(frame: Frame, node: ProgramNode, value: string, result: TensorId): void {
    const base = this.baseOf.get(this.valueOf(frame, value, node));
    frame.values.set(value, result);
    if (base === undefined) return;
    const { dtype, shape } = this.tensors[base];
    const name = `${frame.prefix}${node.name}/written`;
    const meta = dtype && { dtype, shape: shape ?? [], requiresGrad: false };
    const written = this.tensor(name, 'activation', meta);
    this.push(node, name, { type: 'write', domain: 'aten', inputs: [base, result] }, [written]);
    for (const [other, id] of frame.values) if (id === base) frame.values.set(other, written);
  }

  private push(
    node: ProgramNode,
    name: string,
    lowered: Lowered,
    outputs: readonly TensorId[],
    overwrites?: true,
  ): void {
    const attributes = new Map<string, AttributeValue>(Object.entries(lowered.attributes ?? {}));
    this.records.push({
      operator: {
        name: this.unique(name),
        domain: lowered.domain ?? '',
        type: lowered.type,
        inputs: lowered.inputs,
        outputs,
        attributes,
        overwrites,
        source: {
          fxNode: node.name,
          target: node.target.replace(/^torch\.ops\./, ''),
          stackTrace: node.stackTrace,
        },
      },
      modules: readModuleStack(node.moduleStack),
    });
  }

  /** Runs a graph in place of the call that hands it its operands. */
  private inline(frame: Frame, node: ProgramNode, { graph, operands, isDetached, autocast }: Inlined): void {
    this.autocast ??= autocast;
    if (graph.inputs.length !== operands.length)
      throw badProgram(
        `the graph of ${node.target}`,
        `takes ${graph.inputs.length} values and gets ${operands.length}`,
        node.name,
      );
    const values = new Map<string, TensorId>();
    graph.inputs.forEach((value, i) => {
      const operand = operands[i];
      if (value === undefined || operand.kind !== 'tensor') return;
      const outer = this.valueOf(frame, operand.name, node);
      values.set(value, isDetached ? this.detached(outer, node) : outer);
    });
    const inner: Frame = { graph, values, prefix: `${frame.prefix}${node.name}/` };
    this.run(inner);
    const results = graph.outputs.filter((value) => value !== undefined);
    if (results.length !== node.outputs.length)
      throw badProgram(`the graph of ${node.target}`, 'gives other results than the call has', node.name);
    node.outputs.forEach((value, i) => frame.values.set(value, this.valueOf(inner, results[i], node)));
  }

  /** A tensor seen without gradient, as everything is under torch.no_grad(). */
  private detached(tensor: TensorId, node: ProgramNode): TensorId {
    const { name, dtype, shape } = this.tensors[tensor];
    if (dtype === undefined || !isFloat(dtype)) return tensor;
    const own = `${node.name}/${name} detached`;
    const id = this.tensor(own, 'activation', { dtype, shape: shape ?? [], requiresGrad: false });
    this.push(node, own, { type: 'detach', domain: 'aten', inputs: [tensor] }, [id]);
    return id;
  }

  private scopeOf(frame: Frame, node: ProgramNode, results: readonly TensorId[]): CallScope {
    const name = frame.prefix + node.name;
    return {
      results,
      made: (what, dtype, shape) =>
        this.tensor(`${name}/${what}`, 'activation', { dtype, shape, requiresGrad: false }),
      emit: (what, lowered, outputs) => this.push(node, `${name}/${what}`, lowered, outputs),
      tensorOf: (value) => this.valueOf(frame, value, node),
      shapeOf: (tensor) => this.tensors[tensor]?.shape ?? [],
      dtypeOf: (tensor) => this.tensors[tensor]?.dtype ?? 'float32',
      literal: (numbers, dtype, isList = false) => this.literal(numbers, dtype, isList),
    };
  }

  private valueOf(frame: Frame, value: string, node: ProgramNode): TensorId {
    const id = frame.values.get(value);
    if (id === undefined) throw badProgram(`value ${value}`, 'is read before it is made', node.name);
    return id;
  }

  private literal(numbers: readonly number[], dtype: DType, isList: boolean): TensorId {
    const key = `${dtype} ${isList} ${numbers.join()}`;
    const known = this.literals.get(key);
    if (known !== undefined) return known;
    const name =
      numbers.length === 0 ? 'size' : `${isList ? 'list' : 'number'} ${numbers.join(', ')} (${dtype})`;
    const shape: Shape = isList ? [numbers.length] : [];
    const id = this.tensors.length;
    this.tensors.push({
      id,
      name: this.unique(name),
      role: 'constant',
      dtype,
      shape,
      elements: numbers.length > 0 ? numbers : undefined,
    });
    this.literals.set(key, id);
    return id;
  }

  private tensor(name: string, role: TensorRole, meta: TensorMeta | undefined): TensorId {
    const id = this.tensors.length;
    const isTrained = role === 'parameter' ? (meta?.requiresGrad ?? true) : undefined;
    this.tensors.push({ id, name, role, dtype: meta?.dtype, shape: meta?.shape, isTrained });
    return id;
  }

  private unique(name: string): string {
    let candidate = name;
    for (let count = 2; this.names.has(candidate); count++) candidate = `${name} (${count})`;
    this.names.add(candidate);
    return candidate;
  }
}

/** Operators whose results are views of their first input. */
const views = new Set(['Reshape', 'Transpose', 'Slice', 'Expand', 'Split', 'unbind', 'Identity']);

/** torch.ops.aten.layer_norm.default */
function parseTarget(target: string): { namespace: string; name: string; overload: string } {
  const [namespace = '', name = '', overload = ''] = target.replace(/^torch\.ops\./, '').split('.');
  return { namespace, name, overload };
}

/** A call without a meaning here: it reads all the tensors it is given. */
function unknownCall(call: Call, namespace: string, name: string): Lowered {
  const inputs = [...call.node.inputs.entries()].flatMap(([argument, { kind }]) => {
    if (kind === 'tensor') return [call.tensor(argument)];
    return kind === 'tensors' ? call.tensors(argument).filter((tensor) => tensor >= 0) : [];
  });
  return { type: name, domain: namespace, inputs };
}

interface Inlined {
  readonly graph: ProgramGraph;
  readonly operands: readonly Argument[];
  /** Gradients are off in it. */
  readonly isDetached: boolean;
  /** Autocast to this type is on in it. */
  readonly autocast?: DType;
}

/** Higher-order operators that call one graph once. */
const wrappers = new Set([
  'wrap_with_set_grad_enabled',
  'wrap_with_autocast',
  'tag_activation_checkpoint',
  'wrap',
  'invoke_subgraph',
]);

/** The graph that a call only wraps, with what it hands it; undefined for other calls. */
function inlinedGraph({ target, inputs }: ProgramNode): Inlined | undefined {
  const name = /^torch\.ops\.higher_order\.(\w+)$/.exec(target)?.[1];
  if (name === undefined || !wrappers.has(name)) return undefined;
  const given = [...inputs.values()];
  const at = given.findIndex(({ kind }) => kind === 'graph');
  const graph = given[at];
  if (graph?.kind !== 'graph') return undefined;
  // An identifier of the graph may stand before its operands.
  const operands = given.slice(at + 1).filter(({ kind }) => kind !== 'text' && kind !== 'none');
  const [flag] = given;
  const isDetached = name === 'wrap_with_set_grad_enabled' && flag.kind === 'boolean' && !flag.value;
  return { graph: graph.graph, operands, isDetached, autocast: autocastOf(name, given) };
}

/** wrap_with_autocast(device, type, enabled, ...): the type, where it is enabled. */
function autocastOf(name: string, [, type, enabled]: readonly Argument[]): DType | undefined {
  if (name !== 'wrap_with_autocast' || type.kind !== 'dtype') return undefined;
  return enabled.kind === 'boolean' && enabled.value ? type.value : undefined;
}
