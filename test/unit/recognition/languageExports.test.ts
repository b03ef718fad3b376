import { describe, expect, test } from 'vitest';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { ModelBuilder } from '../support/modelBuilder';
import { inputsOf, patternsOf, read, typesOf } from './support';

const declaring = (graph: ModelGraph, ...parameters: string[]): ModelGraph => ({
  ...graph,
  declared: new Map(parameters.map((name) => [name, 'parameter'])),
});

describe('pieces of a split that was not optimized', () => {
  const sequence = (attributes: Record<string, number>, ...sizes: string[]): ModelBuilder =>
    new ModelBuilder()
      .input('x', [2, 3, 12])
      .constant('sizes', [4, 4, 4])
      .number('zero', 0)
      .number('last', -1)
      .operator('SplitToSequence', ['x', ...sizes], ['pieces'], attributes);

  test('are outputs of a split, in their order', () => {
    const found = read(
      sequence({ axis: -1 }, 'sizes')
        .operator('SequenceAt', ['pieces', 'last'], ['c'])
        .operator('SequenceAt', ['pieces', 'zero'], ['a'])
        .operator('Add', ['a', 'c'], ['y'])
        .build('y'),
    );
    expect(typesOf(found)).toEqual(['Split', 'Add']);
    const [split] = found.graph.operators;
    expect(split.outputs.map((id) => found.graph.tensors[id]?.name)).toEqual(['a', undefined, 'c']);
  });

  test('are selections where they lose the axis', () => {
    const found = read(
      sequence({ axis: 1, keepdims: 0 })
        .operator('SequenceAt', ['pieces', 'zero'], ['a'])
        .operator('Relu', ['a'], ['y'])
        .build('y'),
    );
    expect(typesOf(found)).toEqual(['Gather', 'Relu']);
    expect(inputsOf(found, 'Gather')).toEqual(['x', 'zero']);
  });

  test('stay a sequence where all of it is read', () => {
    const graph = sequence({ axis: -1 }, 'sizes')
      .operator('ConcatFromSequence', ['pieces'], ['y'], { axis: 0 })
      .build('y');
    expect(patternsOf(read(graph))).toEqual([]);
  });
});

describe('transposes of weights that were folded', () => {
  const tied = (): ModelBuilder =>
    new ModelBuilder()
      .input('ids', [2, 3], 'int64')
      .parameter('head.weight', [10, 4])
      .parameter('val_1', [4, 10])
      .in('embedding')
      .operator('Gather', ['head.weight', 'ids'], ['h'])
      .in('head')
      .operator('MatMul', ['h', 'val_1'], ['y']);

  test('are the weight an embedding shares', () => {
    const found = read(declaring(tied().build('y'), 'embedding.weight'));
    expect(patternsOf(found)).toEqual(['folded-transposes']);
    expect(inputsOf(found, 'Transpose')).toEqual(['head.weight']);
    expect(found.graph.tensors.filter(({ role }) => role === 'parameter').map(({ name }) => name)).toEqual([
      'head.weight',
    ]);
  });

  test('are a weight of their own where the module has another one', () => {
    const graph = new ModelBuilder()
      .input('x', [3, 4])
      .parameter('head.weight', [10, 5])
      .parameter('val_1', [4, 10])
      .in('head')
      .operator('MatMul', ['x', 'val_1'], ['y'])
      .build('y');
    expect(patternsOf(read(declaring(graph, 'other.weight')))).toEqual([]);
    // Nothing is known of names in files that do not declare them.
    expect(patternsOf(read(tied().build('y')))).toEqual([]);
  });

  test('of a module that is called twice are one', () => {
    const graph = new ModelBuilder()
      .input('x', [3, 4])
      .parameter('val_1', [4, 4])
      .parameter('val_2', [4, 4])
      .in('layer')
      .operator('MatMul', ['x', 'val_1'], ['h'])
      .operator('MatMul', ['h', 'val_2'], ['y'])
      .build('y');
    const found = read(declaring(graph, 'layer.weight'));
    const [first, second] = found.graph.operators.map(({ inputs }) => inputs[1]);
    expect(second).toBe(first);
    expect(found.graph.tensors.filter(({ role }) => role === 'parameter')).toHaveLength(1);
  });
});

describe('attention calls', () => {
  /** Heads of [2, 6, 4, 8] moved forward, the key's in one transpose with that of the product. */
  const traced = (rest: (builder: ModelBuilder) => ModelBuilder): ModelGraph =>
    rest(
      new ModelBuilder()
        .input('q', [2, 6, 4, 8])
        .input('k', [2, 6, 4, 8])
        .input('v', [2, 6, 4, 8])
        .operator('Transpose', ['q'], ['qh'], { perm: [0, 2, 1, 3] })
        .operator('Transpose', ['k'], ['kt'], { perm: [0, 2, 3, 1] })
        .operator('Transpose', ['v'], ['vh'], { perm: [0, 2, 1, 3] }),
    )
      .operator('MatMul', ['qs', 'ks'], ['scores'])
      .operator('Softmax', ['scores'], ['p'], { axis: -1 })
      .number('ratio', 0.1)
      .operator('Dropout', ['p', 'ratio'], ['dropped'])
      .operator('MatMul', ['dropped', 'vh'], ['y'])
      .build('y');

  const scaledOnce = (b: ModelBuilder): ModelBuilder =>
    b.number('s', 0.5).operator('Mul', ['qh', 's'], ['qs']).operator('Mul', ['kt', 's'], ['ks']);

  test('get the key back that tracing has transposed at once, and their dropout', () => {
    const found = read(traced(scaledOnce));
    expect(typesOf(found)).toContain('Attention');
    const call = found.graph.operators.find(({ type }) => type === 'Attention')!;
    const key = found.graph.tensors[call.inputs[1]];
    expect(key.shape).toEqual([2, 4, 6, 8]);
    expect(call.attributes.get('dropout_p')).toEqual({ kind: 'float', value: 0.1 });
  });

  test('may compute the root of the scale for query and key apart, from sizes', () => {
    const apart = (like: string) => (b: ModelBuilder) =>
      b
        .number('s', 0.25)
        .operator('CastLike', ['s', 'q'], ['cast'])
        .operator('Sqrt', ['cast'], ['s1'])
        .operator('Sqrt', [like], ['s2'])
        .operator('Mul', ['qh', 's1'], ['qs'])
        .operator('Mul', ['kt', 's2'], ['ks']);
    expect(typesOf(read(traced(apart('cast'))))).toContain('Attention');
    // A second factor that data decide is no scale.
    expect(typesOf(read(traced(apart('kt'))))).not.toContain('Attention');
  });
});

test('the tanh approximation with x factored out keeps its input only', () => {
  const graph = new ModelBuilder()
    .input('x', [2, 4])
    .number('half', 0.5)
    .number('one', 1)
    .number('root', 0.79788456)
    .number('cubic', 0.044715)
    .operator('Mul', ['x', 'half'], ['h'])
    .operator('Mul', ['x', 'root'], ['r'])
    .operator('Mul', ['x', 'cubic'], ['c'])
    .operator('Mul', ['c', 'x'], ['c2'])
    .operator('Add', ['c2', 'one'], ['c3'])
    .operator('Mul', ['r', 'c3'], ['t'])
    .operator('Tanh', ['t'], ['tanh'])
    .operator('Add', ['tanh', 'one'], ['g'])
    .operator('Mul', ['h', 'g'], ['y'])
    .build('y');
  expect(typesOf(read(graph))).toEqual(['Gelu']);
});

describe('the packed projection of multi-head attention', () => {
  /** [6, 2, 3, 8]: the pieces move to the front and lose the axis that was added there. */
  const projection = (perm: readonly number[]): ModelGraph =>
    new ModelBuilder()
      .input('x', [6, 2, 8])
      .parameter('in_proj_weight', [8, 24])
      .constant('unflattened', [6, 2, 3, 8])
      .constant('front', [0])
      .constant('emptied', [3])
      .number('first', 0)
      .operator('MatMul', ['x', 'in_proj_weight'], ['packed'])
      .operator('Reshape', ['packed', 'unflattened'], ['apart'])
      .operator('Unsqueeze', ['apart', 'front'], ['added'])
      .operator('Transpose', ['added'], ['moved'], { perm })
      .operator('Squeeze', ['moved', 'emptied'], ['pieces'])
      .operator('Gather', ['pieces', 'first'], ['q'], { axis: 0 })
      .operator('Relu', ['q'], ['y'])
      .build('y');

  test('is one contiguous copy that the pieces are selected from', () => {
    const found = read(projection([3, 1, 2, 0, 4]));
    expect(patternsOf(found)).toEqual(['packed-projections']);
    expect(typesOf(found)).toContain('aten::contiguous_squeeze');
    expect(patternsOf(read(projection([3, 2, 1, 0, 4])))).toEqual([]);
  });
});

test('attention whose heads broadcast runs composed, with its own safe softmax', () => {
  const graph = (keyHeads: number): ModelGraph =>
    new ModelBuilder()
      .input('q', [2, 4, 6, 8])
      .input('kt', [2, keyHeads, 6, 8])
      .input('v', [2, keyHeads, 6, 8])
      .number('s', 0.5)
      .parameter('zero', [])
      .from('scaled_dot_product_attention_3')
      .operator('Transpose', ['kt'], ['k'], { perm: [0, 1, 3, 2] })
      .operator('Mul', ['q', 's'], ['qs'])
      .operator('Mul', ['k', 's'], ['ks'])
      .operator('MatMul', ['qs', 'ks'], ['scores'])
      .operator('Softmax', ['scores'], ['p'], { axis: -1 })
      .operator('IsNaN', ['p'], ['empty'])
      .operator('Where', ['empty', 'zero', 'p'], ['safe'])
      .operator('MatMul', ['safe', 'v'], ['y'])
      .build('y');
  expect(typesOf(read(graph(4)))).toEqual(['Attention']);
  expect(typesOf(read(graph(1)))).toEqual(['Transpose', 'Mul', 'Mul', 'MatMul', 'Softmax', 'MatMul']);
});
