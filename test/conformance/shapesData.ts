import { readdirSync, readFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { MemoryByteSource } from '../../planner-core/bytes/byteSource';
import { openModel } from '../../planner-core/formats/openModel';
import type { ModelGraph, Tensor } from '../../planner-core/graph/modelGraph';

/** Data of other projects, beside the repository: never committed to it. */
export const dataFolder = path.join(repoRoot(import.meta.dirname), '../shared/data');
export const conformanceFolder = path.join(dataFolder, 'onnx-conformance');
export const hasConformanceData = existsSync(conformanceFolder);
export const hasTruth = existsSync(path.join(dataFolder, 'truth'));

export function openFile(file: string): ModelGraph {
  return openModel(new MemoryByteSource(readFileSync(file)), path.basename(file));
}

export function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

interface TensorRecord {
  readonly name: string;
  readonly dtype: string | null;
  readonly shape: readonly number[] | null;
  /** Elements of small tensors, nested like the shape. */
  readonly value?: unknown;
}

interface Expected {
  readonly data_sets: readonly {
    readonly inputs: readonly TensorRecord[];
    readonly outputs: readonly TensorRecord[];
  }[];
}

interface Reference {
  readonly executed: {
    readonly tensors?: Readonly<
      Record<string, { readonly dtype: string | null; readonly shape: readonly number[] | null }>
    >;
  } | null;
}

/** One model of the ONNX test suite with what running it gave. */
export interface ConformanceCase {
  readonly name: string;
  readonly folder: string;
  readonly inputs: readonly TensorRecord[];
  /** Shapes and types of tensors by name, from an execution. */
  readonly executed: ReadonlyMap<string, { readonly dtype?: string; readonly shape: readonly number[] }>;
}

export function conformanceCases(): ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  for (const category of readdirSync(conformanceFolder, { withFileTypes: true })) {
    if (!category.isDirectory()) continue;
    for (const name of readdirSync(path.join(conformanceFolder, category.name)).sort()) {
      const folder = path.join(conformanceFolder, category.name, name);
      const [data] = readJson<Expected>(path.join(folder, 'expected.json')).data_sets;
      const { executed } = readJson<Reference>(path.join(folder, 'reference.json'));
      cases.push({
        name,
        folder,
        inputs: data?.inputs ?? [],
        executed: actualTensors(data?.outputs ?? [], executed?.tensors ?? {}),
      });
    }
  }
  return cases;
}

/**
 * Outputs are as the suite ships them, other tensors as an execution gave them. An execution whose outputs differ from
 * the suite's (the reference evaluator stacks some scan outputs wrongly) is not trusted for the rest.
 */
function actualTensors(
  outputs: readonly TensorRecord[],
  executed: NonNullable<NonNullable<Reference['executed']>['tensors']>,
): ConformanceCase['executed'] {
  const isTrusted = outputs.every(({ name, shape }) => {
    const other = executed[name]?.shape;
    return !shape || !other || shape.join() === other.join();
  });
  const actual = new Map<string, { dtype?: string; shape: readonly number[] }>();
  for (const [name, { dtype, shape }] of Object.entries(isTrusted ? executed : {})) {
    if (shape) actual.set(name, { dtype: dtype ? dtypeNamed(dtype) : undefined, shape });
  }
  for (const { name, dtype, shape } of outputs) {
    if (shape) actual.set(name, { dtype: dtype ? dtypeNamed(dtype) : undefined, shape });
  }
  return actual;
}

const typeNames: Readonly<Record<string, string>> = {
  float: 'float32',
  double: 'float64',
  object: 'string',
  float8e4m3fn: 'float8_e4m3fn',
  float8e4m3fnuz: 'float8_e4m3fnuz',
  float8e5m2: 'float8_e5m2',
  float8e5m2fnuz: 'float8_e5m2fnuz',
  float8e8m0: 'float8_e8m0fnu',
  float4e2m1: 'float4_e2m1fn',
  float4e2m1fn: 'float4_e2m1fn',
};

/** The product's name for a type as NumPy or onnx.proto spell it. */
function dtypeNamed(name: string): string {
  if (name.startsWith('<U')) return 'string';
  const plain = name.toLowerCase().replace('_', '');
  return typeNames[plain] ?? plain;
}

/**
 * The model as an honest test of inference needs it: what the file declares about computed tensors is taken away, and
 * inputs have the shapes of the run. With `values`, small inputs are constants, so that shapes that depend on them are
 * known.
 */
export function strippedGraph(
  graph: ModelGraph,
  inputs: readonly TensorRecord[],
  values: boolean,
): ModelGraph {
  const given = new Map(inputs.map((input) => [input.name, input]));
  const tensors = graph.tensors.map((tensor): Tensor => {
    if (tensor.role === 'activation') return { id: tensor.id, name: tensor.name, role: tensor.role };
    const input = tensor.role === 'input' ? given.get(tensor.name) : undefined;
    if (!input?.shape) return tensor;
    const elements =
      values && input.value !== undefined ? [input.value].flat(Infinity).map(Number) : undefined;
    if (!elements || elements.some(Number.isNaN)) return { ...tensor, shape: input.shape };
    return { ...tensor, shape: input.shape, role: 'buffer', elements };
  });
  return { ...graph, tensors };
}

/** The folder of the repository above a folder in it, where this module may have been bundled to. */
function repoRoot(folder: string): string {
  return existsSync(path.join(folder, 'package.json')) ? folder : repoRoot(path.dirname(folder));
}
