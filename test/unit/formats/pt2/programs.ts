import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ModelGraph } from '../../../../planner-core/graph/modelGraph';
import { zipArchive, type ZipFile } from '../../support/zipWriter';
import { openBytes } from '../support';

const fixtures = resolve(import.meta.dirname, '../../../fixtures/pt2');

export const fixture = (name: string): Uint8Array => readFileSync(join(fixtures, name));

/** What PyTorch measured of the fixtures. */
export const measured = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as Record<
  'convnet' | 'transformer' | 'returned' | 'residual' | 'autocast',
  { savedBytes: number; parameterBytes: number; trainedBytes: number; bufferBytes: number }
>;

/** A tensor of a program: sizes are numbers, or SymPy expressions as torch.export prints them. */
export interface ProgramTensor {
  readonly sizes: readonly (number | string)[];
  /** ScalarType; float32 when absent. */
  readonly dtype?: number;
  readonly frozen?: boolean;
}

export interface ProgramCall {
  readonly target: string;
  /** By argument name, as the schema's tagged unions: `{ as_tensor: { name: 'x' } }`. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs: readonly string[];
  readonly stack?: string;
}

export interface ProgramSpec {
  /** User inputs, by the name of their value. */
  readonly inputs?: readonly string[];
  /** Value and qualified name. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly buffers?: Readonly<Record<string, string>>;
  readonly calls: readonly ProgramCall[];
  readonly outputs: readonly string[];
  readonly tensors: Readonly<Record<string, ProgramTensor>>;
  readonly ranges?: Readonly<Record<string, { min_val: number | null; max_val: number | null }>>;
}

export const tensor = (name: string): unknown => ({ as_tensor: { name } });

const metaOf = ({ sizes, dtype = 7, frozen = false }: ProgramTensor): unknown => ({
  dtype,
  sizes: sizes.map((size) =>
    typeof size === 'number' ? { as_int: size } : { as_expr: { expr_str: size, hint: { as_int: 2 } } },
  ),
  requires_grad: !frozen,
  device: { type: 'cpu', index: null },
  strides: sizes.map(() => ({ as_int: 1 })),
  storage_offset: { as_int: 0 },
  layout: 7,
});

export const graphOf = ({ calls, outputs, tensors }: ProgramSpec, inputs: readonly string[]): Json => ({
  inputs: inputs.map(tensor),
  outputs: outputs.map(tensor),
  nodes: calls.map(({ target, inputs: given = {}, outputs: results, stack = '' }) => ({
    target: `torch.ops.${target}`,
    inputs: Object.entries(given).map(([name, arg]) => ({ name, arg, kind: 1 })),
    outputs:
      results.length === 1 ? [tensor(results[0])] : [{ as_tensors: results.map((name) => ({ name })) }],
    metadata: { nn_module_stack: stack, stack_trace: 'File "net.py", line 1, in forward' },
    name: results[0],
  })),
  tensor_values: Object.fromEntries(Object.entries(tensors).map(([name, meta]) => [name, metaOf(meta)])),
  sym_int_values: {},
  sym_bool_values: {},
});

export type Json = Record<string, unknown>;

/** The JSON of a program, for tests that damage it. */
export function programJson(given: ProgramSpec): Json {
  const spec = structuredClone(given);
  const { inputs = [], parameters = {}, buffers = {}, outputs, ranges = {} } = spec;
  const values = [...Object.keys(parameters), ...Object.keys(buffers), ...inputs];
  return {
    graph_module: {
      graph: graphOf(spec, values),
      signature: {
        input_specs: [
          ...Object.entries(parameters).map(([name, parameter_name]) => ({
            parameter: { arg: { name }, parameter_name },
          })),
          ...Object.entries(buffers).map(([name, buffer_name]) => ({
            buffer: { arg: { name }, buffer_name, persistent: true },
          })),
          ...inputs.map((name) => ({ user_input: { arg: tensor(name) } })),
        ],
        output_specs: outputs.map((name) => ({ user_output: { arg: tensor(name) } })),
      },
      module_call_graph: [],
    },
    opset_version: { aten: 10 },
    range_constraints: ranges,
    schema_version: { major: 8, minor: 20 },
    torch_version: '2.13.0+cpu',
  };
}

export const archiveOf = (program: unknown, more: readonly ZipFile[] = []): Uint8Array =>
  zipArchive([
    { name: 'net/data/weights/weight_0', content: new Uint8Array(64) },
    {
      name: 'net/models/model.json',
      content: typeof program === 'string' ? program : JSON.stringify(program),
      deflated: true,
    },
    ...more,
    { name: 'net/archive_format', content: 'pt2' },
  ]);

export const openProgram = (spec: ProgramSpec): ModelGraph =>
  openBytes(archiveOf(programJson(spec)), 'net.pt2');
