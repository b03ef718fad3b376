import { describe, expect, it } from 'vitest';
import { dimText } from '../../../../planner-core/graph/dim';
import { MessageWriter } from '../../../fixtures/onnx-builder/protobuf';
import { onnxFile, tensorMessage, type TensorSpec } from '../../../fixtures/onnx-builder/onnx';
import { failure, open, openBytes, tensorNamed } from '../support';

const initializer = (spec: TensorSpec) => tensorNamed(open({ initializers: [{ name: 't', ...spec }] }), 't');

const raw = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

describe('elements of initializers', () => {
  it.each<[string, TensorSpec, number[] | undefined]>([
    [
      'int64 as raw data',
      { type: 'int64', dims: [3], raw: raw(BigInt64Array.of(1n, -1n, 2n ** 40n)) },
      [1, -1, 2 ** 40],
    ],
    ['int64 in int64_data', { type: 'int64', dims: [2], int64s: [5, -7] }, [5, -7]],
    ['int32 as raw data', { type: 'int32', dims: [2], raw: raw(Int32Array.of(-3, 4)) }, [-3, 4]],
    ['int32 in int32_data', { type: 'int32', dims: [2], int32s: [-3, 4] }, [-3, 4]],
    ['bool as raw data', { type: 'bool', dims: [3], raw: Uint8Array.of(0, 1, 255) }, [0, 1, 1]],
    ['bool in int32_data', { type: 'bool', dims: [2], int32s: [1, 0] }, [1, 0]],
    ['int8 in int32_data', { type: 'int8', dims: [2], int32s: [-1, 7] }, [-1, 7]],
    ['uint8 as raw data', { type: 'uint8', dims: [2], raw: Uint8Array.of(200, 1) }, [200, 1]],
    ['int4 as raw data', { type: 'int4', dims: [3], raw: Uint8Array.of(0x7f, 0x08) }, [-1, 7, -8]],
    ['uint4 in int32_data', { type: 'uint4', dims: [3], int32s: [0x2f, 0x01] }, [15, 2, 1]],
    ['a float32 scalar', { dims: [], raw: raw(Float32Array.of(0.5)) }, [0.5]],
    ['float32 in float_data', { dims: [2], floats: [0.5, 2] }, [0.5, 2]],
    ['float64', { type: 'double', dims: [1], raw: raw(Float64Array.of(0.1)) }, [0.1]],
    [
      'float16 as raw data',
      { type: 'float16', dims: [3], raw: raw(Uint16Array.of(0x3c00, 0xc100, 1)) },
      [1, -2.5, 2 ** -24],
    ],
    ['float16 in int32_data', { type: 'float16', dims: [1], int32s: [0x3800] }, [0.5]],
    ['bfloat16', { type: 'bfloat16', dims: [2], raw: raw(Uint16Array.of(0x3f80, 0xc000)) }, [1, -2]],
    ['an empty list', { type: 'int64', dims: [0] }, []],
    [
      '4096 integers',
      { type: 'int32', dims: [64, 64], raw: raw(new Int32Array(4096)) },
      new Array<number>(4096).fill(0),
    ],
    [
      'more integers than shapes need',
      { type: 'int32', dims: [4097], raw: raw(new Int32Array(4097)) },
      undefined,
    ],
    ['weights', { dims: [4, 5], raw: raw(new Float32Array(20)) }, undefined],
    ['a payload that was removed', { type: 'int64', dims: [2] }, undefined],
    ['a payload that is too short', { type: 'int64', dims: [2], raw: new Uint8Array(15) }, undefined],
    ['texts', { type: 'string', dims: [1] }, undefined],
  ])('reads %s', (_, spec, expected) => {
    expect(initializer(spec).elements).toEqual(expected);
  });

  it('reads them when the payload comes before type and sizes', () => {
    const tensor = new MessageWriter()
      .bytes(9, raw(BigInt64Array.of(6n)))
      .bytes(8, 't')
      .int(2, 7)
      .int(1, 1);
    const graph = new MessageWriter().bytes(5, tensor);
    const file = new MessageWriter().int(1, 8).bytes(7, graph).finish();
    expect(tensorNamed(openBytes(file), 't')).toMatchObject({ dtype: 'int64', shape: [1], elements: [6] });
  });

  it('refuses negative sizes', () => {
    expect(failure(() => initializer({ dims: [-1] })).code).toBe('malformed-file');
  });
});

describe('roles of tensors', () => {
  it('are parameter for floats, buffer for everything else', () => {
    expect(initializer({ dims: [4, 4] }).role).toBe('parameter');
    expect(initializer({ type: 'bfloat16', dims: [4] }).role).toBe('parameter');
    expect(initializer({ type: 'int64', dims: [4] }).role).toBe('buffer');
    expect(initializer({ type: 'int8', dims: [4] }).role).toBe('buffer');
  });

  it('keep an initializer that is listed as an input out of the inputs', () => {
    const graph = open({
      inputs: [
        { name: 'x', dims: [1] },
        { name: 'w', dims: [3] },
      ],
      initializers: [{ name: 'w', dims: [3] }],
    });
    expect(graph.inputs.map((id) => graph.tensors[id].name)).toEqual(['x']);
    expect(tensorNamed(graph, 'w').role).toBe('parameter');
  });

  it('include sparse initializers', () => {
    const graph = open({ sparseInitializers: [{ name: 's', dims: [100, 200] }] });
    expect(tensorNamed(graph, 's')).toMatchObject({ role: 'parameter', dtype: 'float32', shape: [100, 200] });
  });
});

describe('declared shapes', () => {
  const shapeOf = (dims: (number | string | undefined)[] | undefined): unknown =>
    tensorNamed(open({ inputs: [{ name: 'x', type: 'float', dims }] }), 'x').shape?.map(dimText);

  it('are numbers, names and expressions', () => {
    expect(shapeOf([2, 'batch', '2*seq + 1', 'floor(h/2 - 1/2) + 1', 'my-dim'])).toEqual([
      '2',
      'batch',
      '2*seq + 1',
      'floor((h - 1)/(2)) + 1',
      'my-dim',
    ]);
  });

  it('give every unknown size a symbol of its own', () => {
    expect(shapeOf([undefined, -1, '', '?', '-1', 0])).toEqual([
      'unk__x_0',
      'unk__x_1',
      'unk__x_2',
      'unk__x_3',
      'unk__x_4',
      '0',
    ]);
  });

  it('are unknown when the rank is not declared', () => {
    const graph = open({ inputs: [{ name: 'x', type: 'int64' }, { name: 'y' }, { name: 'z', dims: [] }] });
    expect(graph.inputs.map((id) => graph.tensors[id])).toMatchObject([
      { dtype: 'int64', shape: undefined },
      { dtype: undefined, shape: undefined },
      { dtype: 'float32', shape: [] },
    ]);
  });

  it('come from value_info for what is computed', () => {
    const graph = open({
      inputs: [{ name: 'x', dims: [1] }],
      nodes: [
        { type: 'Relu', inputs: ['x'], outputs: ['h'] },
        { type: 'Relu', inputs: ['h'], outputs: ['y'] },
      ],
      outputs: [{ name: 'y', type: 'float16', dims: ['n'] }],
      valueInfos: [
        { name: 'h', type: 'float16', dims: ['n', 4] },
        { name: 'nowhere', dims: [1] },
      ],
    });
    expect(tensorNamed(graph, 'h')).toMatchObject({ role: 'activation', dtype: 'float16' });
    expect(tensorNamed(graph, 'h').shape?.map(dimText)).toEqual(['n', '4']);
    expect(tensorNamed(graph, 'y').dtype).toBe('float16');
  });
});

describe('external data', () => {
  it('is noted, and its file is not needed', () => {
    const external = { location: 'weights/model.data', offset: '4096', length: '64' };
    expect(initializer({ dims: [4, 4], external })).toMatchObject({
      shape: [4, 4],
      external: { location: 'weights/model.data', offset: 4096, length: 64 },
    });
    expect(initializer({ external: { location: 'w.bin' } }).external).toEqual({
      location: 'w.bin',
      offset: 0,
    });
  });

  it.each([
    '../secret',
    'a/../../secret',
    'a\\..\\..\\secret',
    '..',
    '/etc/passwd',
    '\\\\server\\share\\x',
    '\\secret',
    'C:\\secret',
    'c:secret',
    'file:///etc/passwd',
    'weights\0.bin',
    '',
  ])('must not lie at %j', (location) => {
    const error = failure(() => initializer({ name: 'fc.weight', dims: [1], external: { location } }));
    expect(error.code).toBe('external-path');
    expect(error.message).toContain('fc.weight');
    expect(error.where?.byteOffset).toBeGreaterThan(0);
  });

  it.each(['..data', 'a..b/model.data', './model.data', 'a/b c.bin'])('may lie at %j', (location) => {
    expect(initializer({ dims: [1], external: { location } }).external?.location).toBe(location);
  });

  it('is checked inside attributes and subgraphs as well', () => {
    const tensor: TensorSpec = { name: 'hidden', dims: [1], external: { location: '../x' } };
    const attribute = { nodes: [{ type: 'Constant', outputs: ['c'], attributes: { value: { tensor } } }] };
    const body = {
      nodes: [{ type: 'If', attributes: { then_branch: { graph: { initializers: [tensor] } } } }],
    };
    for (const spec of [attribute, body]) {
      expect(failure(() => open(spec))).toMatchObject({ code: 'external-path' });
    }
  });
});

it('reads tensors of types that do not exist yet as undefined', () => {
  const tensor = tensorMessage({ name: 't', dims: [2] }).int(2, 99);
  const file = new MessageWriter().int(1, 20).bytes(7, new MessageWriter().bytes(5, tensor)).finish();
  const graph = openBytes(file);
  expect(tensorNamed(graph, 't')).toMatchObject({ dtype: undefined, shape: [2] });
  expect(graph.diagnostics).toMatchObject([{ severity: 'info', code: 'newer-ir-version' }]);
});

it('ignores fields it does not know', () => {
  const known = { nodes: [{ type: 'Relu', inputs: ['x'], outputs: ['y'] }], inputs: [{ name: 'x' }] };
  const extended = new MessageWriter().raw(onnxFile(known)).int(900, 1).bytes(901, 'future').float(902, 1);
  expect(openBytes(extended.finish())).toEqual(open(known));
});
