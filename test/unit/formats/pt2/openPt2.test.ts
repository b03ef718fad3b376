import { describe, expect, it } from 'vitest';
import { dimText } from '../../../../planner-core/graph/dim';
import type { ModelGraph } from '../../../../planner-core/graph/modelGraph';
import { zipArchive } from '../../support/zipWriter';
import { listing, openBytes, openFileAt, operatorNamed, samples, tensorNamed } from '../support';
import { fixture, graphOf, openProgram, programJson, archiveOf, tensor } from './programs';

const transformer = (): ModelGraph => openFileAt(`${samples}/tiny_transformer.train.pt2`);
const convnet = (): ModelGraph => openBytes(fixture('convnet.train.pt2'), 'convnet.train.pt2');

const shapeOf = (graph: ModelGraph, name: string): string =>
  tensorNamed(graph, name).shape!.map(dimText).join('×');

describe('a program of a convolutional network', () => {
  it('is its calls, in order', () => {
    const types = convnet().operators.map(({ type }) => type);
    expect(types).toEqual([
      'Conv',
      'Add',
      'BatchNormalization',
      'Relu',
      'MaxPool',
      'Conv',
      'Swish',
      'GlobalAveragePool',
      'Reshape',
      'Dropout',
      'linear',
    ]);
  });

  it('knows parameters and buffers by their qualified names', () => {
    const graph = convnet();
    expect(tensorNamed(graph, 'conv1.weight')).toMatchObject({
      role: 'parameter',
      dtype: 'float32',
      shape: [8, 3, 3, 3],
    });
    expect(tensorNamed(graph, 'bn1.running_mean').role).toBe('buffer');
    expect(tensorNamed(graph, 'bn1.num_batches_tracked')).toMatchObject({ role: 'buffer', dtype: 'int64' });
    expect(graph.declared?.get('head.bias')).toBe('parameter');
  });

  it('places every call in its module, with the line of the program', () => {
    const graph = convnet();
    const norm = graph.operators.find(({ type }) => type === 'BatchNormalization')!;
    expect(graph.modules[norm.module]).toMatchObject({ name: 'bn1', className: 'BatchNorm2d' });
    expect(norm.source?.target).toBe('aten.batch_norm.default');
    expect(norm.source?.stackTrace).toMatch(/File "export\.py", line \d+, in forward/);
  });

  it('says what is written in place, and reads the result from then on', () => {
    const graph = convnet();
    const relu = graph.operators.find(({ type }) => type === 'Relu')!;
    const pool = graph.operators.find(({ type }) => type === 'MaxPool')!;
    expect(relu.overwrites).toBe(true);
    expect(pool.inputs).toEqual(relu.outputs);
  });

  it('names the free size by where it is, and says for which sizes the program was exported', () => {
    const graph = convnet();
    expect(graph.tensors[graph.inputs[0]].shape!.map(dimText)).toEqual(['batch', '3', '16', '16']);
    expect(graph.diagnostics.map(({ message }) => message)).toEqual([
      expect.stringMatching(/exported for batch \(s\d+ in it\) from 1 to 64/),
    ]);
  });
});

describe('a program of a transformer', () => {
  it('has one tensor for a weight with two names', () => {
    const graph = transformer();
    const embedding = graph.operators.find(({ type }) => type === 'Gather')!;
    const head = graph.operators.findLast(({ type }) => type === 'linear')!;
    expect(head.inputs[1]).toBe(embedding.inputs[0]);
    expect(graph.tensors.some(({ name }) => name === 'head.weight')).toBe(false);
  });

  it('knows which parameters are trained', () => {
    const graph = transformer();
    expect(tensorNamed(graph, 'positions').isTrained).toBe(false);
    expect(tensorNamed(graph, 'norm.weight').isTrained).toBe(true);
  });

  it('keeps attention as one call, and sizes as expressions', () => {
    const graph = transformer();
    const attention = graph.operators.filter(({ type }) => type === 'Attention');
    expect(attention).toHaveLength(2);
    expect(attention[0].attributes.get('is_causal')).toEqual({ kind: 'int', value: 1 });
    expect(shapeOf(graph, graph.tensors[attention[0].outputs[0]].name)).toBe('batch×2×seq×8');
    expect(graph.modules[attention[1].module].name).toBe('blocks.1');
  });
});

const matrix = { sizes: [2, 3] };

describe('reading programs', () => {
  it('gives a call without meaning all the tensors it reads', () => {
    const graph = openProgram({
      inputs: ['x', 'y'],
      calls: [
        {
          target: 'mylib.mix.default',
          inputs: { a: tensor('x'), b: { as_tensors: [{ name: 'y' }] } },
          outputs: ['z'],
        },
      ],
      outputs: ['z'],
      tensors: { x: matrix, y: matrix, z: matrix },
    });
    expect(listing(graph)).toEqual(['z: mix(x, y) -> z']);
    expect(graph.operators[0].domain).toBe('mylib');
  });

  it('leaves out what leaves no tensor', () => {
    const json = programJson({ inputs: ['x'], calls: [], outputs: ['x'], tensors: { x: matrix } });
    const { graph } = json.graph_module as { graph: { nodes: unknown[] } };
    graph.nodes.push({
      target: 'torch.ops.aten.sym_size.int',
      inputs: [
        { name: 'self', arg: tensor('x'), kind: 1 },
        { name: 'dim', arg: { as_int: 0 }, kind: 1 },
      ],
      outputs: [{ as_sym_int: { as_name: 'n' } }],
      metadata: {},
    });
    expect(openBytes(archiveOf(json), 'net.pt2').operators).toEqual([]);
  });

  it('runs a graph without gradients in place of the call that wraps it', () => {
    const inner = graphOf(
      {
        calls: [{ target: 'aten.sin.default', inputs: { self: tensor('a') }, outputs: ['s'] }],
        outputs: ['s'],
        tensors: { a: matrix, s: matrix },
      },
      ['a'],
    );
    const json = programJson({
      inputs: ['x'],
      calls: [{ target: 'aten.relu.default', inputs: { self: tensor('w') }, outputs: ['y'] }],
      outputs: ['y'],
      tensors: { x: matrix, w: matrix, y: matrix },
    });
    const { graph } = json.graph_module as { graph: { nodes: unknown[] } };
    graph.nodes.unshift({
      target: 'torch.ops.higher_order.wrap_with_set_grad_enabled',
      inputs: [
        { name: '', arg: { as_bool: false }, kind: 1 },
        { name: '', arg: { as_graph: { name: 'submod', graph: inner } }, kind: 1 },
        { name: '', arg: tensor('x'), kind: 1 },
      ],
      outputs: [{ as_tensors: [{ name: 'w' }] }],
      metadata: {},
      name: 'wrap',
    });
    expect(listing(openBytes(archiveOf(json), 'net.pt2'))).toEqual([
      'wrap/x detached: detach(x) -> wrap/x detached',
      'wrap/s: Sin(wrap/x detached) -> wrap/s',
      'y: Relu(wrap/s) -> y',
    ]);
  });

  it('sees in a tensor what was written to a view of it', () => {
    const row = { sizes: [3] };
    const graph = openProgram({
      inputs: ['x', 'v'],
      calls: [
        {
          target: 'aten.select.int',
          inputs: { self: tensor('x'), dim: { as_int: 0 }, index: { as_int: 1 } },
          outputs: ['row'],
        },
        { target: 'aten.copy_.default', inputs: { self: tensor('row'), src: tensor('v') }, outputs: ['c'] },
        { target: 'aten.relu.default', inputs: { self: tensor('x') }, outputs: ['y'] },
      ],
      outputs: ['y'],
      tensors: { x: matrix, v: row, row, c: row, y: matrix },
    });
    expect(listing(graph)).toEqual([
      'row: Gather(x, number 1 (int64)) -> row',
      'c: copy(row, v) -> c',
      'c/written: write(x, c) -> c/written',
      'y: Relu(c/written) -> y',
    ]);
  });

  it('runs recurrent layers one by one, on sequences with time first', () => {
    const sequence = { sizes: [3, 11, 8] };
    const state = { sizes: [2, 3, 8] };
    const weights = ['w0', 'r0', 'w1', 'r1'];
    const graph = openProgram({
      inputs: ['x', 'h', 'c'],
      parameters: Object.fromEntries(weights.map((name) => [name, `lstm.${name}`])),
      calls: [
        {
          target: 'aten.lstm.input',
          inputs: {
            input: tensor('x'),
            hx: { as_tensors: [{ name: 'h' }, { name: 'c' }] },
            params: { as_tensors: weights.map((name) => ({ name })) },
            has_biases: { as_bool: false },
            num_layers: { as_int: 2 },
            dropout: { as_float: 0.5 },
            train: { as_bool: true },
            bidirectional: { as_bool: false },
            batch_first: { as_bool: true },
          },
          outputs: ['y', 'hn', 'cn'],
        },
      ],
      outputs: ['y'],
      tensors: {
        ...{ x: sequence, h: state, c: state, y: sequence, hn: state, cn: state },
        ...Object.fromEntries(weights.map((name) => [name, { sizes: [32, 8] }])),
      },
    });
    expect(listing(graph)).toEqual([
      'y/time first: Transpose(x) -> y/time first',
      'y/layer 0: LSTM(y/time first, h, c, lstm.w0, lstm.r0) -> y/layer 0 result',
      'y/layer 0 dropout: Dropout(y/layer 0 result, number 0.5 (float32), number 1 (bool)) -> y/layer 0 dropped',
      'y/layer 1: LSTM(y/layer 0 dropped, h, c, lstm.w1, lstm.r1) -> y/layer 1 result, hn, cn',
      'y/batch first: Transpose(y/layer 1 result) -> y',
    ]);
  });

  it('reads sizes in SymPy’s words', () => {
    const s = "Symbol('s77', positive=True, integer=True)";
    const half = `FloorDiv(Add(${s}, Integer(-1)), Integer(2))`;
    const graph = openProgram({
      inputs: ['x'],
      calls: [{ target: 'aten.relu.default', inputs: { self: tensor('x') }, outputs: ['y'] }],
      outputs: ['y'],
      tensors: {
        x: { sizes: [s, 4] },
        y: { sizes: [`Mul(Integer(3), ${s})`, `Pow(${s}, Integer(2))`, half, `Max(Integer(1), ${s})`, 'u0'] },
      },
    });
    expect(shapeOf(graph, 'y')).toBe('3*batch×batch*batch×floor((batch - 1)/(2))×max(1, batch)×u0');
  });

  it('names the free sizes of several inputs apart', () => {
    const symbol = (name: string): string => `Symbol('${name}', positive=True, integer=True)`;
    const graph = openProgram({
      inputs: ['ids', 'memory', 'image'],
      calls: [],
      outputs: ['ids'],
      tensors: {
        ids: { sizes: [symbol('s1'), symbol('s2')] },
        memory: { sizes: [symbol('s1'), symbol('s3'), 16] },
        image: { sizes: [symbol('s1'), 3, symbol('s4'), symbol('s5')] },
      },
    });
    expect(graph.inputs.map((id) => graph.tensors[id].shape!.map(dimText).join())).toEqual([
      'batch,seq',
      'batch,memory_seq,16',
      'batch,3,height,width',
    ]);
  });

  it('reads the layout of older releases, and says what it does not tell', () => {
    const json = programJson({ inputs: ['x'], calls: [], outputs: ['x'], tensors: { x: matrix } });
    const archive = zipArchive([
      { name: 'version', content: '8.2' },
      { name: 'serialized_exported_program.json', content: JSON.stringify(json) },
      { name: 'serialized_state_dict.pt', content: 'PK' },
    ]);
    expect(openBytes(archive, 'net.pt2').diagnostics.map(({ code }) => code)).toEqual(['ties-unknown']);
  });

  it('finds the operator of every name', () => {
    const graph = convnet();
    for (const { name } of graph.operators) expect(operatorNamed(graph, name).name).toBe(name);
    expect(new Set(graph.operators.map(({ name }) => name)).size).toBe(graph.operators.length);
  });
});
