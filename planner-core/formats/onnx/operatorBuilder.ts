import { HeadroomError } from '../../base/errors';
import type { Diagnostic } from '../../base/diagnostic';
import type { AttributeValue, Operator, Subgraph, TensorId } from '../../graph/modelGraph';
import { topologicalOrder } from '../../graph/topologicalOrder';
import { constantTensor } from './constantNode';
import type { FunctionLibrary } from './functionLibrary';
import type {
  AttributeProto,
  AttributeProtoValue,
  FunctionProto,
  GraphProto,
  NodeDevice,
  NodeProto,
} from './protoTypes';
import { noDevices } from './readDevices';
import { noMetadata } from './readMetadata';
import { Scope } from './scope';
import type { TensorTable } from './tensorTable';

/** An operator whose final name and module are not known yet. */
export type OperatorDraft = { -readonly [Key in keyof Operator]: Operator[Key] };

/** An operator and what the exporter said about where it comes from. */
export interface OperatorRecord {
  readonly operator: OperatorDraft;
  /** The name in the file, with the call site in front inside functions; '' where the file gives none. */
  readonly givenName: string;
  /** The name that scopes can be read from: the node's own or, inside a function, that of the outermost call. */
  readonly scopedName: string;
  /** Of the node itself or, inside a function, of the nearest call that has any. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Where the file has it run: said by the node itself or by the nearest call that says so. */
  readonly devices: readonly NodeDevice[];
}

/** Where nodes stand: which names they see, and which call of a function they are expanded for. */
interface Site {
  readonly scope: Scope;
  /** '' or the name of the call, with a slash. */
  readonly prefix: string;
  /** Inside a function: the name of the outermost call. */
  readonly scopedName?: string;
  /** Attributes of the call, which the function's nodes may refer to. */
  readonly attributes?: ReadonlyMap<string, AttributeProtoValue>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly devices: readonly NodeDevice[];
  /** Inside a function: the caller's tensors, which its outputs are. */
  readonly outputs: ReadonlyMap<string, TensorId>;
}

const noAttributes: Operator['attributes'] = new Map();
const noOutputs: ReadonlyMap<string, TensorId> = new Map();

/** Turns nodes into operators: names become tensors, constants become tensors, function calls their bodies. */
export class OperatorBuilder {
  /** Every operator, those inside subgraphs included, in file order. */
  readonly records: OperatorRecord[] = [];
  private readonly unnamed = new Map<string, number>();

  constructor(
    private readonly table: TensorTable,
    private readonly functions: FunctionLibrary,
    private readonly report: (diagnostic: Diagnostic) => void,
  ) {}

  /** The main graph (its inputs are fed) or a body (its inputs are computed by the operator that holds it). */
  graph(proto: GraphProto, outer?: Scope, around?: Omit<Site, 'scope' | 'outputs'>): Subgraph {
    const scope = new Scope(outer);
    for (const initializer of proto.initializers) {
      const { id } = this.table.addInitializer(initializer);
      if (!scope.declare(initializer.name, id)) throw duplicate(initializer.name, {});
    }
    const inputs: TensorId[] = [];
    for (const input of proto.inputs) {
      // Before IR version 4 every initializer had to be listed as an input as well.
      if (scope.has(input.name)) continue;
      const { id } = this.table.add(input.name, outer ? 'activation' : 'input');
      scope.declare(input.name, id);
      inputs.push(id);
    }
    const site: Site = {
      prefix: around?.prefix ?? '',
      scopedName: around?.scopedName,
      metadata: around?.metadata ?? noMetadata,
      devices: around?.devices ?? noDevices,
      attributes: around?.attributes,
      scope,
      outputs: noOutputs,
    };
    const operators = topologicalOrder(this.nodes(proto.nodes, site));
    const outputs = proto.outputs.map((output) => this.resolve(output.name, scope));
    for (const info of [...proto.inputs, ...proto.outputs, ...proto.valueInfos]) {
      const id = scope.resolve(info.name);
      if (id !== undefined) this.table.describe(id, info);
    }
    return { name: proto.name, inputs, outputs, operators };
  }

  private nodes(nodes: readonly NodeProto[], site: Site): OperatorDraft[] {
    // Outputs first: the file need not list producers before consumers.
    const outputs = nodes.map((node) => node.outputs.map((name) => this.declare(name, node, site)));
    return nodes.flatMap((node, index) => this.node(node, outputs[index], site));
  }

  private declare(name: string, node: NodeProto, site: Site): TensorId {
    if (name === '') return -1;
    const id = site.outputs.get(name) ?? this.table.add(site.prefix + name, 'activation').id;
    if (!site.scope.declare(name, id)) {
      throw duplicate(name, { node: site.prefix + (node.name || node.type), byteOffset: node.byteOffset });
    }
    return id;
  }

  private node(node: NodeProto, outputs: TensorId[], site: Site): OperatorDraft[] {
    const attributes = substituted(node.attributes, site.attributes);
    if (node.type === 'Constant' && node.domain === '') {
      const constant = constantTensor(attributes);
      for (const id of outputs) if (id >= 0) this.table.setConstant(id, constant);
      return [];
    }
    const givenName = node.name && site.prefix + node.name;
    const name = givenName || site.prefix + this.nextName(node.type);
    const inputs = node.inputs.map((input) => (input === '' ? -1 : this.resolve(input, site.scope, name)));
    const metadata = node.metadata.size > 0 ? node.metadata : site.metadata;
    const devices = node.devices.length > 0 ? node.devices : site.devices;
    const body = this.functions.called(node);
    const scopedName = site.scopedName ?? node.name;
    if (body) return this.call(body, { name, scopedName, inputs, outputs, attributes, metadata, devices });
    const operator = this.operator({ givenName, scopedName, metadata, devices }, name, node);
    operator.inputs = inputs;
    operator.outputs = outputs;
    operator.attributes = this.attributes(attributes, { ...site, metadata, devices }, name);
    return [operator];
  }

  private operator(
    origin: Omit<OperatorRecord, 'operator'>,
    name: string,
    { domain, type }: { domain: string; type: string },
  ): OperatorDraft {
    const operator: OperatorDraft = {
      name,
      domain,
      type,
      inputs: [],
      outputs: [],
      attributes: noAttributes,
      module: 0,
    };
    this.records.push({ operator, ...origin });
    return operator;
  }

  /** Expands a call: the function's formal inputs and outputs are the caller's tensors; it sees no other name. */
  private call(
    body: FunctionProto,
    call: {
      name: string;
      scopedName: string;
      inputs: TensorId[];
      outputs: TensorId[];
      attributes: AttributeProto[];
      metadata: ReadonlyMap<string, string>;
      devices: readonly NodeDevice[];
    },
  ): OperatorDraft[] {
    const scope = new Scope();
    body.inputs.forEach((name, index) => scope.declare(name, call.inputs[index] ?? -1));
    const outputs = new Map<string, TensorId>();
    body.outputs.forEach((name, index) => {
      const id = call.outputs[index] ?? -1;
      if (id >= 0 && !outputs.has(name) && !scope.has(name)) outputs.set(name, id);
    });
    const attributes = new Map<string, AttributeProtoValue>();
    for (const { name, value } of [...body.defaults, ...call.attributes]) attributes.set(name, value);
    const { scopedName, metadata, devices } = call;
    const site: Site = { scope, prefix: `${call.name}/`, scopedName, attributes, metadata, devices, outputs };
    const operators = this.nodes(body.nodes, site);
    for (const info of this.functions.valueInfos(body)) {
      const id = scope.resolve(info.name);
      // Inputs and outputs are the caller's tensors: what the caller declares about them stands.
      const isOwn = !body.inputs.includes(info.name) && !body.outputs.includes(info.name);
      if (id !== undefined && id >= 0 && isOwn) this.table.describe(id, info);
    }
    body.outputs.forEach((name, index) => {
      const id = call.outputs[index] ?? -1;
      if (id < 0 || (outputs.get(name) === id && scope.has(name))) return;
      // The function hands an input, or an output twice, to its caller; or it does not produce the output at all.
      const copy = this.operator({ givenName: '', scopedName, metadata, devices }, `${call.name}/Identity`, {
        domain: '',
        type: 'Identity',
      });
      copy.inputs = [this.resolve(name, scope, copy.name)];
      copy.outputs = [id];
      operators.push(copy);
    });
    return operators;
  }

  private attributes(
    protos: readonly AttributeProto[],
    site: Site,
    operator: string,
  ): Operator['attributes'] {
    if (protos.length === 0) return noAttributes;
    const attributes = new Map<string, AttributeValue>();
    for (const { name, value } of protos) {
      if (value.kind === 'tensor') {
        const { id } = this.table.add(value.value.name || `${operator}/${name}`, 'constant');
        this.table.setConstant(id, value.value);
        attributes.set(name, { kind: 'tensor', value: id });
      } else if (value.kind === 'graph') {
        const body = this.graph(value.value, site.scope, site);
        attributes.set(name, { kind: 'graph', value: body });
      } else attributes.set(name, value);
    }
    return attributes;
  }

  /** The tensor of a name; `node` needs it, or the graph's outputs do. */
  private resolve(name: string, scope: Scope, node?: string): TensorId {
    const known = scope.resolve(name);
    if (known !== undefined) return known;
    const { id } = this.table.add(name, 'input');
    scope.declare(name, id);
    this.report({
      severity: 'warning',
      code: 'undefined-tensor',
      message: `Nothing produces "${name}", needed by ${node ?? 'the graph outputs'}: its size is unknown.`,
      node,
    });
    return id;
  }

  private nextName(type: string): string {
    const count = this.unnamed.get(type) ?? 0;
    this.unnamed.set(type, count + 1);
    return `${type}_${count}`;
  }
}

/** Attributes with references replaced by what the call gives; those it does not give are absent. */
function substituted(
  attributes: AttributeProto[],
  given: ReadonlyMap<string, AttributeProtoValue> | undefined,
): AttributeProto[] {
  if (!given || attributes.every(({ reference }) => reference === '')) return attributes;
  return attributes.flatMap((attribute) => {
    if (attribute.reference === '') return [attribute];
    const value = given.get(attribute.reference);
    return value ? [{ ...attribute, reference: '', value }] : [];
  });
}

function duplicate(name: string, where: { node?: string; byteOffset?: number }): HeadroomError {
  return new HeadroomError(
    'malformed-file',
    `"${name}" is produced twice${where.node ? `, the second time by node "${where.node}"` : ''}.`,
    'Every value of an ONNX graph must have one producer: export the model again.',
    where,
  );
}
