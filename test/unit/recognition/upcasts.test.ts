import { describe, expect, test } from 'vitest';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { ModelBuilder } from '../support/modelBuilder';
import { patternsOf, read, typesOf } from './support';

/** A root mean square norm as transformers writes it, of a product, which autocast computes in a half type. */
function normed(scale: (builder: ModelBuilder) => ModelBuilder): ModelGraph {
  const graph = scale(
    new ModelBuilder()
      .input('x', [2, 8])
      .parameter('fc.weight', [8, 8])
      .parameter('norm.weight', [8])
      .number('two', 2)
      .number('one', 1)
      .number('epsilon', 1e-6)
      .operator('MatMul', ['x', 'fc.weight'], ['h'])
      .operator('Pow', ['h', 'two'], ['squares'])
      .operator('ReduceMean', ['squares'], ['mean'], { axes: [-1] })
      .operator('Add', ['mean', 'epsilon'], ['shifted'])
      .operator('Sqrt', ['shifted'], ['root'])
      .operator('Reciprocal', ['root'], ['inverse'])
      .operator('Mul', ['h', 'inverse'], ['normalized']),
  ).build('y');
  return { ...graph, declared: new Map(['fc.weight', 'norm.weight'].map((name) => [name, 'parameter'])) };
}

describe('norms that convert to fp32', () => {
  const plain = normed((b) => b.operator('Mul', ['norm.weight', 'normalized'], ['y']));

  test('convert their input once, and back before they scale by a weight', () => {
    const found = read(plain);
    expect(patternsOf(found)).toContain('upcasts');
    expect(typesOf(found)).toEqual([
      'MatMul',
      'Cast',
      'Pow',
      'ReduceMean',
      'Add',
      'aten::rsqrt',
      'Mul',
      'CastLike',
      'Mul',
    ]);
    const named = (type: string, at = 0): string[] =>
      found.graph.operators
        .filter((operator) => operator.type === type)
        [at].inputs.map((id) => found.graph.tensors[id].name);
    expect(named('Pow')[0]).toBe(named('Mul')[0]);
    expect(named('Mul', 1)).toEqual(['norm.weight', 'normalized']);
  });

  test('stay in fp32 where they scale by what is computed from a weight', () => {
    const gemma = normed((b) =>
      b.operator('Add', ['norm.weight', 'one'], ['w']).operator('Mul', ['normalized', 'w'], ['y']),
    );
    expect(typesOf(read(gemma))).toContain('Cast');
    expect(typesOf(read(gemma))).not.toContain('CastLike');
  });

  test('are left as traced files show them, and where switched off', () => {
    expect(patternsOf(read({ ...plain, declared: undefined }))).not.toContain('upcasts');
    expect(typesOf(read(plain, ['upcasts']))).not.toContain('Cast');
  });
});

test('a softmax whose result is converted computes in that type', () => {
  const graph = new ModelBuilder()
    .input('x', [2, 8])
    .operator('Softmax', ['x'], ['p'], { axis: -1 })
    .operator('Cast', ['p'], ['y'], { to: 1 })
    .build('y');
  expect(typesOf(read(graph))).toEqual(['Cast', 'Softmax']);
});

test('a softmax that was asked for fp32 converts its input', () => {
  const graph = new ModelBuilder()
    .input('x', [2, 8])
    .operator('Softmax', ['x'], ['y'], { axis: -1 })
    .build('y');
  const asked = (dtype?: string): ModelGraph => ({
    ...graph,
    operators: graph.operators.map((operator) => ({ ...operator, source: { fxNode: 'softmax', dtype } })),
  });
  expect(typesOf(read(asked('float32')))).toEqual(['Cast', 'Softmax']);
  expect(typesOf(read(asked()))).toEqual(['Softmax']);
});
