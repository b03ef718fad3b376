import { describe, expect, test } from 'vitest';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { evaluationExport } from '../../../planner-core/recognition/evaluationExport';
import { ModelBuilder } from '../support/modelBuilder';
import { inputsOf, patternsOf, read, typesOf } from './support';

const declaring = (graph: ModelGraph, ...parameters: string[]): ModelGraph => ({
  ...graph,
  declared: new Map(parameters.map((name) => [name, name.includes('running') ? 'buffer' : 'parameter'])),
});

describe('lost parameters', () => {
  test('a vector several modules read is one for each', () => {
    const graph = new ModelBuilder()
      .input('x', [2, 8])
      .parameter('a.weight', [8])
      .parameter('a.bias', [8])
      .in('a')
      .operator('LayerNormalization', ['x', 'a.weight', 'a.bias'], ['h'])
      .in('b')
      .operator('LayerNormalization', ['h', 'a.weight', 'a.bias'], ['y'])
      .build('y');
    const found = read(declaring(graph, 'a.weight', 'a.bias', 'b.weight', 'b.bias'));
    const second = found.graph.operators[1].inputs.map((id) => found.graph.tensors[id].name);
    expect(second).toEqual(['h', 'b.weight', 'b.bias']);
    // Shared for real where the program says of no other.
    expect(patternsOf(read(declaring(graph, 'a.weight', 'a.bias')))).toEqual([]);
  });

  test('a zero bias that was left out goes back to its convolution or product', () => {
    const graph = new ModelBuilder()
      .input('x', [2, 3, 8, 8])
      .input('z', [2, 5])
      .parameter('c.weight', [4, 3, 1, 1])
      .parameter('fc.weight', [5, 7])
      .in('c')
      .operator('Conv', ['x', 'c.weight'], ['y'])
      .in('fc')
      .operator('MatMul', ['z', 'fc.weight'], ['w'])
      .build('y', 'w');
    const found = read(declaring(graph, 'c.weight', 'c.bias', 'fc.weight', 'fc.bias'));
    expect(typesOf(found)).toEqual(['Conv', 'aten::linear']);
    expect(inputsOf(found, 'Conv')).toEqual(['x', 'c.weight', 'c.bias']);
    expect(found.graph.tensors.find(({ name }) => name === 'c.bias')!.shape).toEqual([4]);
    expect(found.graph.tensors.find(({ name }) => name === 'fc.bias')!.shape).toEqual([7]);
  });

  test('a matrix that is looked up and multiplied with is tied, and stays one', () => {
    const graph = new ModelBuilder()
      .input('ids', [2], 'int64')
      .parameter('a.weight', [8, 8])
      .in('a')
      .operator('Gather', ['a.weight', 'ids'], ['h'])
      .in('b')
      .operator('MatMul', ['h', 'a.weight'], ['y'])
      .build('y');
    expect(patternsOf(read(declaring(graph, 'a.weight', 'b.weight')))).toEqual([]);
  });

  test('vectors that tracing hides behind Identity have their own names again', () => {
    const graph = new ModelBuilder()
      .input('x', [2, 8])
      .parameter('a.weight', [8])
      .parameter('tied', [8, 8])
      .operator('Identity', ['a.weight'], ['b.weight'])
      .operator('Identity', ['tied'], ['head'])
      .operator('LayerNormalization', ['x', 'b.weight'], ['h'])
      .operator('MatMul', ['h', 'head'], ['y'])
      .build('y');
    const found = read(graph);
    expect(typesOf(found)).toEqual(['LayerNormalization', 'MatMul']);
    expect(found.graph.tensors.find(({ name }) => name === 'b.weight')!.role).toBe('parameter');
    expect(inputsOf(found, 'MatMul')).toEqual(['h', 'tied']);
  });
});

describe('folded batch norms', () => {
  const folded = (weight: string, bias?: string): ModelGraph => {
    const builder = new ModelBuilder().input('x', [2, 3, 8, 8]).parameter(weight, [4, 3, 3, 3]);
    if (bias) builder.parameter(bias, [4]);
    return builder
      .in('bn')
      .operator('Conv', ['x', weight, ...(bias ? [bias] : [])], ['y'])
      .build('y');
  };

  test('come back where the scope is that of a norm the program has', () => {
    const graph = declaring(folded('conv.weight'), 'conv.weight', 'bn.weight', 'bn.bias', 'bn.running_mean');
    const found = read(graph);
    expect(typesOf(found)).toEqual(['Conv', 'BatchNormalization']);
    expect(inputsOf(found, 'BatchNormalization').slice(1, 3)).toEqual(['bn.weight', 'bn.bias']);
    expect(found.graph.outputs).toEqual(graph.outputs);
  });

  test('come back where tracing has computed weight and bias', () => {
    expect(typesOf(read(folded('onnx::Conv_12', 'onnx::Conv_13')))).toEqual(['Conv', 'BatchNormalization']);
    expect(typesOf(read(folded('conv.weight', 'conv.bias')))).toEqual(['Conv']);
    expect(typesOf(read(folded('onnx::Conv_12', 'onnx::Conv_13'), ['batch-norm']))).toEqual(['Conv']);
  });
});

test('rotary tables are computed once', () => {
  const graph = new ModelBuilder()
    .input('x', [2, 4, 6, 8])
    .input('angles', [1, 6, 4])
    .operator('Cos', ['angles'], ['c1'])
    .operator('Sin', ['angles'], ['s1'])
    .operator('RotaryEmbedding', ['x', 'c1', 's1'], ['h'])
    .operator('Cos', ['angles'], ['c2'])
    .operator('Sin', ['angles'], ['s2'])
    .operator('RotaryEmbedding', ['h', 'c2', 's2'], ['y'])
    .build('y');
  expect(typesOf(read(graph))).toEqual(['Cos', 'Sin', 'RotaryEmbedding', 'RotaryEmbedding']);
});

test('recurrent layers read the parameters PyTorch has', () => {
  const graph = new ModelBuilder()
    .input('x', [5, 2, 3])
    .parameter('rnn.weight_ih_l0', [16, 3])
    .parameter('rnn.weight_hh_l0', [16, 4])
    .constant('axis', [0])
    .constant('zero', [0])
    .constant('four', [4])
    .constant('all', [16])
    .operator('Slice', ['rnn.weight_ih_l0', 'zero', 'four', 'axis'], ['i'])
    .operator('Slice', ['rnn.weight_ih_l0', 'four', 'all', 'axis'], ['rest'])
    .operator('Concat', ['i', 'rest'], ['w0'], { axis: 0 })
    .operator('Unsqueeze', ['w0', 'axis'], ['W'])
    .operator('Unsqueeze', ['rnn.weight_hh_l0', 'axis'], ['R'])
    .operator('LSTM', ['x', 'W', 'R'], ['y'], { hidden_size: 4 })
    .build('y');
  const found = read(graph);
  expect(typesOf(found)).toEqual(['aten::LSTM']);
  expect(inputsOf(found, 'LSTM')).toEqual([
    'x',
    undefined,
    undefined,
    'rnn.weight_ih_l0',
    'rnn.weight_hh_l0',
  ]);
});

test('an export for evaluation is told from one for training', () => {
  const graph = (type: string, mode: number): ModelGraph => ({
    ...new ModelBuilder()
      .input('x', [2, 3, 4])
      .operator(type, ['x'], ['y'], { training_mode: mode })
      .build('y'),
    producer: 'pytorch 2.6.0',
  });
  expect(evaluationExport(graph('Relu', 0))?.code).toBe('exported-for-evaluation');
  expect(evaluationExport(graph('BatchNormalization', 0))?.code).toBe('exported-for-evaluation');
  expect(evaluationExport(graph('BatchNormalization', 1))).toBeUndefined();
  expect(evaluationExport(graph('Dropout', 0))).toBeUndefined();
  expect(evaluationExport({ ...graph('Relu', 0), producer: 'tf2onnx' })).toBeUndefined();
});
