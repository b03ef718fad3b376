import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../../planner-core/base/errors';
import { MemoryByteSource, type ByteSource } from '../../../../planner-core/bytes/byteSource';
import { longestProgramBytes } from '../../../../planner-core/formats/pt2/archive';
import { openModel } from '../../../../planner-core/formats/openModel';
import { inferTensors } from '../../../../planner-core/operators/inferTensors';
import { zipArchive } from '../../support/zipWriter';
import { failure, openBytes } from '../support';
import { archiveOf, fixture, programJson, tensor, type Json, type ProgramSpec } from './programs';

const matrix = { sizes: [2, 3] };
const spec: ProgramSpec = {
  inputs: ['x'],
  parameters: { w: 'fc.weight' },
  buffers: { m: 'norm.mean' },
  calls: [
    {
      target: 'aten.linear.default',
      inputs: { input: tensor('x'), weight: tensor('w') },
      outputs: ['h'],
      stack: 'L__self__,,net.Net;L__self___fc,fc,torch.nn.modules.linear.Linear',
    },
    {
      target: 'aten.split.Tensor',
      inputs: { self: tensor('h'), split_size: { as_int: 1 } },
      outputs: ['a', 'b'],
    },
    { target: 'aten.add_.Tensor', inputs: { self: tensor('m'), other: { as_float: 1 } }, outputs: ['c'] },
    {
      target: 'aten.cat.default',
      inputs: { tensors: { as_tensors: [{ name: 'a' }, { name: 'b' }] }, dim: { as_int: -1 } },
      outputs: ['y'],
    },
  ],
  outputs: ['y'],
  tensors: {
    x: matrix,
    w: { sizes: [3, 3] },
    m: { sizes: [1] },
    h: matrix,
    a: matrix,
    b: matrix,
    c: { sizes: [1] },
    y: matrix,
  },
  ranges: { s77: { min_val: 1, max_val: null } },
};

const open = (json: unknown): unknown => openBytes(archiveOf(json), 'net.pt2');

/** Opens, or fails with an error that says what is wrong; nothing else. */
function opensOrExplains(bytes: Uint8Array): void {
  try {
    const graph = openBytes(bytes, 'net.pt2');
    inferTensors(graph, { batch: 2, seq: 3 });
  } catch (error) {
    expect(error).toBeInstanceOf(HeadroomError);
    expect((error as HeadroomError).code).not.toBe('internal');
  }
}

describe('damaged programs', () => {
  it('is sound to begin with', () => {
    expect(() => open(programJson(spec))).not.toThrow();
  });

  it('says of every cut-off archive that it is cut off or damaged', () => {
    const bytes = fixture('convnet.train.pt2');
    for (
      let length = 1;
      length < bytes.length;
      length += length < 400 || length > bytes.length - 400 ? 1 : 97
    ) {
      const { code } = failure(() => openBytes(bytes.subarray(0, length), 'net.pt2'));
      expect(['truncated-file', 'malformed-file', 'not-a-model', 'unsupported-format']).toContain(code);
    }
  });

  it('survives any changed bytes', () => {
    const bytes = fixture('convnet.train.pt2');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), { minLength: 1 }),
        (changes) => {
          const damaged = bytes.slice();
          for (const [at, value] of changes) damaged[at] = value;
          opensOrExplains(damaged);
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });

  it('survives any value in any place of the program', () => {
    const places: (readonly (string | number)[])[] = [];
    const collect = (value: unknown, path: readonly (string | number)[]): void => {
      if (path.length > 0) places.push(path);
      if (typeof value !== 'object' || value === null) return;
      for (const [key, member] of Object.entries(value)) collect(member, [...path, key]);
    };
    collect(programJson(spec), []);
    const strange = fc.constantFrom<unknown>(
      null,
      true,
      -1,
      0,
      3,
      2 ** 60,
      1.5,
      '',
      'x',
      'w',
      'Symbol(',
      'aten.conv2d.default',
      [],
      {},
      [[]],
      { as_int: -7 },
      { as_tensor: { name: 'y' } },
      { as_tensors: [{ name: 'x' }] },
      { as_ints: [1, 2 ** 40] },
      { as_sym_ints: [{ as_name: 'n' }] },
      { as_expr: { expr_str: 'Mul(Integer(' } },
      { as_graph: { name: 'g', graph: {} } },
    );
    fc.assert(
      fc.property(fc.constantFrom(...places), strange, (path, value) => {
        const json = programJson(spec);
        let at = json;
        for (const key of path.slice(0, -1)) at = at[key] as Json;
        at[path[path.length - 1]] = value;
        opensOrExplains(archiveOf(json));
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it.each<[string, (json: Json) => void, RegExp]>([
    [
      'a value that is read before it is made',
      (json) => nodes(json).reverse(),
      /value a is read before it is made/,
    ],
    ['a result that is never made', (json) => nodes(json).pop(), /result y is never made/],
    [
      'a negative size',
      (json) => (metaOf(json, 'h').sizes = [{ as_int: -1 }]),
      /tensor_values\.h\.sizes\[0\] is the size -1/,
    ],
    [
      'an argument of two kinds',
      (json) => (nodes(json)[0].inputs = [{ name: 'input', arg: { as_int: 1, as_bool: true } }]),
      /2 values where one is due/,
    ],
    ['nodes that are no list', (json) => (graphIn(json).nodes = {}), /graph\.nodes is no list/],
  ])('names the place of %s', (_, damage, message) => {
    const json = programJson(spec);
    damage(json);
    const error = failure(() => open(json));
    expect(error.code).toBe('malformed-file');
    expect(error.message).toMatch(message);
  });

  it('names the node', () => {
    const json = programJson(spec);
    nodes(json)[0].inputs = [{ name: 'input', arg: tensor('nowhere') }];
    expect(failure(() => open(json)).where).toEqual({ file: 'net.pt2', node: 'h' });
  });

  it('refuses a schema it does not know, with both numbers', () => {
    const error = failure(() => open({ ...programJson(spec), schema_version: { major: 5, minor: 1 } }));
    expect(error.code).toBe('unsupported-format');
    expect(error.message).toMatch(/2\.13.*version 5.*version 8/);
  });

  it('refuses a program that is no JSON', () => {
    expect(failure(() => open('{"graph_module": ')).message).toMatch(/models\/model\.json is not JSON/);
  });

  it('refuses a program that says to be larger than any, unread', () => {
    const bytes = zipArchive([
      {
        name: 'net/models/model.json',
        content: '{}',
        deflated: true,
        fields: { bytes: longestProgramBytes + 1 },
      },
    ]);
    const error = failure(() => openBytes(bytes, 'net.pt2'));
    expect(error.code).toBe('limit-exceeded');
    expect(error.message).toContain(String(longestProgramBytes));
  });

  it('refuses graphs that nest without end', () => {
    let graph: Json = graphIn(programJson(spec));
    for (let depth = 0; depth < 40; depth++) {
      const inner = graph;
      graph = {
        ...graph,
        nodes: [
          {
            target: 'torch.ops.higher_order.wrap',
            inputs: [{ name: '', arg: { as_graph: { name: 'g', graph: inner } } }],
            outputs: [],
            metadata: {},
          },
        ],
      };
    }
    const json = programJson(spec);
    (json.graph_module as Json).graph = graph;
    expect(failure(() => open(json)).message).toMatch(/nests graphs more than 30 deep/);
  });
});

describe('archives that hold no program', () => {
  it('explains what AOTInductor compiled', () => {
    const bytes = zipArchive([
      { name: 'net/data/aotinductor/model/model.so', content: 'ELF' },
      { name: 'net/archive_format', content: 'pt2' },
    ]);
    expect(failure(() => openBytes(bytes, 'net.pt2')).message).toContain('AOTInductor');
  });

  it.each([
    ['convnet.torchscript.pt', /TorchScript/],
    ['weights.pt', /checkpoint/],
    ['weights.legacy.pt', /pickle/],
  ])('explains %s, which PyTorch wrote, and runs nothing', (name, what) => {
    const error = failure(() => openBytes(fixture(name), name));
    expect(error.code).toBe('unsupported-format');
    expect(error.message).toMatch(what);
    expect(error.hint).toContain('torch.export.save');
  });
});

describe('weights', () => {
  it('are not read, however large', () => {
    const bytes = archiveOf(programJson(spec), [
      { name: 'net/data/weights/weight_1', content: new Uint8Array(20_000_000) },
    ]);
    let touched = 0;
    const source: ByteSource = {
      size: bytes.length,
      read(offset, length) {
        touched += length;
        return new MemoryByteSource(bytes).read(offset, length);
      },
    };
    openModel(source, 'net.pt2');
    expect(touched).toBeLessThan(400_000);
  });
});

interface Node {
  inputs: unknown;
}

const graphIn = (json: Json): Json => (json.graph_module as Json).graph as Json;
const nodes = (json: Json): Node[] => graphIn(json).nodes as Node[];
const metaOf = (json: Json, name: string): Json =>
  (graphIn(json).tensor_values as Record<string, Json>)[name];
