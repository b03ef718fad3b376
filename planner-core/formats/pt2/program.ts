import { HeadroomError } from '../../base/errors';
import type { Dim } from '../../graph/dim';
import type { DType } from '../../graph/dtype';
import type { SizeRange } from '../../graph/modelGraph';
import { badProgram, listAt, numberAt, objectAt, textAt, unionAt, type Json } from './json';
import { scalarType } from './scalarTypes';
import { sizeExpression } from './sizeExpressions';

/** An exported program: torch._export.serde.schema.ExportedProgram, as far as it is needed. */
export interface Program {
  readonly graph: ProgramGraph;
  readonly inputs: readonly ProgramInput[];
  /** Names of the values the program returns. */
  readonly outputs: readonly string[];
  readonly torchVersion: string;
  readonly opset: number;
  /** By the name its symbol goes by. */
  readonly ranges: ReadonlyMap<string, SizeRange>;
}

export interface ProgramGraph {
  /** Names of the values it takes, in order; undefined for what is no tensor. */
  readonly inputs: readonly (string | undefined)[];
  readonly outputs: readonly (string | undefined)[];
  readonly nodes: readonly ProgramNode[];
  readonly tensors: ReadonlyMap<string, TensorMeta>;
}

/** What a placeholder stands for. */
export interface ProgramInput {
  readonly kind: 'input' | 'parameter' | 'buffer' | 'constant';
  /** Name of the value in the graph. */
  readonly value: string;
  /** Qualified name of a parameter, buffer or constant; the value's own for inputs. */
  readonly name: string;
}

export interface TensorMeta {
  readonly dtype: DType;
  readonly shape: readonly Dim[];
  readonly requiresGrad: boolean;
}

export interface ProgramNode {
  readonly name: string;
  readonly target: string;
  readonly inputs: ReadonlyMap<string, Argument>;
  /** Names of the tensors it gives. */
  readonly outputs: readonly string[];
  readonly moduleStack: string;
  readonly stackTrace?: string;
}

/** An argument of a call; lists of sizes are numbers where the program has numbers. */
export type Argument =
  | { readonly kind: 'none' }
  | { readonly kind: 'tensor'; readonly name: string }
  | { readonly kind: 'tensors'; readonly names: readonly (string | undefined)[] }
  | { readonly kind: 'number'; readonly value: Dim }
  | { readonly kind: 'numbers'; readonly values: readonly Dim[] }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'dtype'; readonly value: DType }
  | { readonly kind: 'graph'; readonly graph: ProgramGraph }
  | { readonly kind: 'other'; readonly tag: string };

/** The schema this reads; a file of another major version is refused. */
const knownMajor = 8;
/** Graphs within graphs deeper than this are refused. */
const deepestNesting = 30;

/** Reads model.json. `nameOf` renames the symbols of sizes. */
export function readProgram(json: unknown, nameOf: (symbol: string) => string): Program {
  const program = objectAt(json, 'model.json');
  requireKnownSchema(program);
  const module = objectAt(program.graph_module, 'graph_module');
  const signature = objectAt(module.signature, 'signature');
  const graph = new GraphReader(nameOf).graph(module.graph, 'graph', 0);
  return {
    graph,
    inputs: listAt(signature.input_specs, 'input_specs').flatMap(readInput),
    outputs: listAt(signature.output_specs, 'output_specs').flatMap(readOutput),
    torchVersion: typeof program.torch_version === 'string' ? program.torch_version : '',
    opset: readOpset(program.opset_version),
    ranges: readRanges(program.range_constraints, nameOf),
  };
}

function requireKnownSchema(program: Json): void {
  const version = objectAt(program.schema_version, 'schema_version');
  const major = numberAt(version.major, 'schema_version.major');
  if (major === knownMajor) return;
  const release = typeof program.torch_version === 'string' ? ` of PyTorch ${program.torch_version}` : '';
  throw new HeadroomError(
    'unsupported-format',
    `The exported program${release} has schema version ${major}; version ${knownMajor} is read.`,
    'Export the model again with PyTorch 2.6 or newer: torch.export.save(torch.export.export(model, inputs), "model.pt2").',
  );
}

const inputKinds: Readonly<Record<string, readonly [ProgramInput['kind'], string]>> = {
  parameter: ['parameter', 'parameter_name'],
  buffer: ['buffer', 'buffer_name'],
  tensor_constant: ['constant', 'tensor_constant_name'],
};

/** Inputs that are no tensors (numbers, tokens, objects) do not matter. */
function readInput(spec: unknown, index: number): ProgramInput[] {
  const where = `input_specs[${index}]`;
  const [tag, value] = unionAt(spec, where);
  const body = objectAt(value, where);
  if (tag === 'user_input') {
    const [kind, arg] = unionAt(body.arg, where);
    if (kind !== 'as_tensor') return [];
    const name = textAt(objectAt(arg, where).name, where);
    return [{ kind: 'input', value: name, name }];
  }
  if (!Object.hasOwn(inputKinds, tag)) return [];
  const [kind, nameField] = inputKinds[tag];
  const arg = objectAt(body.arg, where);
  return [{ kind, value: textAt(arg.name, where), name: textAt(body[nameField], where) }];
}

/** What the program returns; mutations of buffers are no results. */
function readOutput(spec: unknown, index: number): string[] {
  const where = `output_specs[${index}]`;
  const [tag, value] = unionAt(spec, where);
  if (tag === 'loss_output') return [textAt(objectAt(objectAt(value, where).arg, where).name, where)];
  if (tag !== 'user_output') return [];
  const [kind, arg] = unionAt(objectAt(value, where).arg, where);
  return kind === 'as_tensor' ? [textAt(objectAt(arg, where).name, where)] : [];
}

function readOpset(value: unknown): number {
  const version = value === undefined ? undefined : objectAt(value, 'opset_version').aten;
  return typeof version === 'number' ? version : 1;
}

function readRanges(value: unknown, nameOf: (symbol: string) => string): Map<string, SizeRange> {
  const ranges = new Map<string, SizeRange>();
  for (const [name, range] of Object.entries(
    value === undefined ? {} : objectAt(value, 'range_constraints'),
  )) {
    const { min_val: least, max_val: most } = objectAt(range, `range_constraints.${name}`);
    ranges.set(nameOf(name), {
      least: isSize(least) ? least : 0,
      most: isSize(most) ? most : Infinity,
    });
  }
  return ranges;
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

class GraphReader {
  constructor(private readonly nameOf: (symbol: string) => string) {}

  graph(value: unknown, where: string, depth: number): ProgramGraph {
    if (depth > deepestNesting) throw badProgram(where, `nests graphs more than ${deepestNesting} deep`);
    const graph = objectAt(value, where);
    const sizes = this.sizes(graph.sym_int_values, `${where}.sym_int_values`);
    const argument = (entry: unknown, place: string, node?: string): Argument =>
      this.argument(entry, place, sizes, depth, node);
    const tensorName = (entry: unknown, i: number): string | undefined => {
      const found = argument(entry, `${where}[${i}]`);
      return found.kind === 'tensor' ? found.name : undefined;
    };
    const tensors = new Map<string, TensorMeta>();
    for (const [name, meta] of Object.entries(objectAt(graph.tensor_values, `${where}.tensor_values`)))
      tensors.set(name, this.meta(meta, `tensor_values.${name}`));
    return {
      inputs: listAt(graph.inputs, `${where}.inputs`).map(tensorName),
      outputs: listAt(graph.outputs, `${where}.outputs`).map(tensorName),
      nodes: listAt(graph.nodes, `${where}.nodes`).map((node, i) =>
        readNode(node, `${where}.nodes[${i}]`, argument),
      ),
      tensors,
    };
  }

  private sizes(value: unknown, where: string): ReadonlyMap<string, Dim> {
    const entries = Object.entries(value === undefined ? {} : objectAt(value, where));
    return new Map(entries.map(([name, size]) => [name, this.size(size, `${where}.${name}`)]));
  }

  private meta(value: unknown, where: string): TensorMeta {
    const meta = objectAt(value, where);
    return {
      dtype: scalarType(numberAt(meta.dtype, `${where}.dtype`)),
      shape: listAt(meta.sizes, `${where}.sizes`).map((size, i) => this.size(size, `${where}.sizes[${i}]`)),
      requiresGrad: meta.requires_grad === true,
    };
  }

  private size(value: unknown, where: string): Dim {
    const [tag, size] = unionAt(value, where);
    if (tag === 'as_expr')
      return sizeExpression(textAt(objectAt(size, where).expr_str, `${where}.expr_str`), this.nameOf);
    const number = numberAt(size, where);
    if (!isSize(number)) throw badProgram(where, `is the size ${number}`);
    return number;
  }

  private argument(
    value: unknown,
    where: string,
    sizes: ReadonlyMap<string, Dim>,
    depth: number,
    node?: string,
  ): Argument {
    const [tag, body] = unionAt(value, where, node);
    const size = (entry: unknown): Dim => {
      const [kind, member] = unionAt(entry, where, node);
      if (kind !== 'as_name') return numberAt(member, where, node);
      return sizes.get(textAt(member, where, node)) ?? sizeExpression(String(member), this.nameOf);
    };
    const name = (entry: unknown): string => textAt(objectAt(entry, where, node).name, where, node);
    const optional = (entry: unknown): string | undefined => {
      const [kind, member] = unionAt(entry, where, node);
      return kind === 'as_tensor' ? name(member) : undefined;
    };
    switch (tag) {
      case 'as_none':
        return { kind: 'none' };
      case 'as_tensor':
        return { kind: 'tensor', name: name(body) };
      case 'as_tensors':
        return { kind: 'tensors', names: listAt(body, where, node).map(name) };
      case 'as_optional_tensor': {
        const found = optional(body);
        return found === undefined ? { kind: 'none' } : { kind: 'tensor', name: found };
      }
      case 'as_optional_tensors':
        return { kind: 'tensors', names: listAt(body, where, node).map(optional) };
      case 'as_int':
        return { kind: 'number', value: numberAt(body, where, node) };
      case 'as_float':
        // Infinity and NaN are no numbers in JSON: they are written as texts.
        return {
          kind: 'number',
          value: typeof body === 'string' ? Number(body) : numberAt(body, where, node),
        };
      case 'as_sym_int':
        return { kind: 'number', value: size(body) };
      case 'as_ints':
      case 'as_floats':
        return {
          kind: 'numbers',
          values: listAt(body, where, node).map((entry) => numberAt(entry, where, node)),
        };
      case 'as_sym_ints':
        return { kind: 'numbers', values: listAt(body, where, node).map(size) };
      case 'as_bool':
        return { kind: 'boolean', value: body === true };
      case 'as_string':
        return { kind: 'text', value: textAt(body, where, node) };
      case 'as_scalar_type':
        return { kind: 'dtype', value: scalarType(numberAt(body, where, node)) };
      case 'as_graph':
        return { kind: 'graph', graph: this.graph(objectAt(body, where, node).graph, where, depth + 1) };
      default:
        return { kind: 'other', tag };
    }
  }
}

type ReadArgument = (value: unknown, where: string, node?: string) => Argument;

function readNode(value: unknown, where: string, argument: ReadArgument): ProgramNode {
  const node = objectAt(value, where);
  const target = textAt(node.target, `${where}.target`);
  const outputs = listAt(node.outputs, `${where}.outputs`).flatMap((output, i): string[] => {
    const found = argument(output, `${where}.outputs[${i}]`);
    if (found.kind === 'tensor') return [found.name];
    return found.kind === 'tensors' ? found.names.filter((name) => name !== undefined) : [];
  });
  const name = typeof node.name === 'string' ? node.name : (outputs[0] ?? where);
  const inputs = new Map<string, Argument>();
  listAt(node.inputs, `${where}.inputs`, name).forEach((entry, i) => {
    const input = objectAt(entry, `${where}.inputs[${i}]`, name);
    // Higher-order operators have no schema, so their arguments have no names.
    const key = typeof input.name === 'string' && input.name !== '' ? input.name : `#${i}`;
    inputs.set(key, argument(input.arg, `${where}.inputs[${i}]`, name));
  });
  const metadata = node.metadata === undefined ? {} : objectAt(node.metadata, `${where}.metadata`, name);
  return {
    name,
    target,
    inputs,
    outputs,
    moduleStack: typeof metadata.nn_module_stack === 'string' ? metadata.nn_module_stack : '',
    stackTrace: typeof metadata.stack_trace === 'string' ? metadata.stack_trace : undefined,
  };
}
