import { describe, expect, it } from 'vitest';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { inferTensors } from '../../../planner-core/operators/inferTensors';
import { recognise } from '../../../planner-core/recognition/recognise';
import { ModelBuilder } from '../support/modelBuilder';

/** A convolution of module `conv` with a weight that has no name of the program. */
function folded(declared: readonly (readonly [string, 'parameter' | 'buffer'])[]): ModelGraph {
  const graph = new ModelBuilder()
    .input('x', [2, 4, 9])
    .parameter('mul', [8, 4, 3])
    .operator('Conv', ['x', 'mul'], ['y'])
    .build('y');
  return {
    ...graph,
    modules: [
      { id: 0, name: '', parent: -1, children: [1] },
      { id: 1, name: 'conv', parent: 0, children: [] },
    ],
    operators: graph.operators.map((operator) => ({ ...operator, module: 1 })),
    declared: new Map(declared),
  };
}

function storedIn(graph: ModelGraph): Record<string, readonly unknown[] | undefined> {
  const { graph: read } = recognise(graph, inferTensors(graph, {}).facts, []);
  const stored = read.tensors.filter(({ role }) => role === 'parameter' || role === 'buffer');
  return Object.fromEntries(stored.map(({ name, role, shape }) => [`${role} ${name}`, shape]));
}

describe('weights computed in every forward pass', () => {
  it('reads a weight norm from v·g/‖v‖', () => {
    const graph = new ModelBuilder()
      .input('x', [2, 4, 9])
      .parameter('v', [8, 4, 3])
      .parameter('g', [8, 1, 1])
      .operator('ReduceL2', ['v'], ['norm'], { axes: [1, 2], keepdims: 1 })
      .operator('Div', ['v', 'norm'], ['unit'])
      .operator('Mul', ['unit', 'g'], ['w'])
      .operator('Conv', ['x', 'w'], ['y'])
      .build('y');
    const { graph: read } = recognise(graph, inferTensors(graph, {}).facts, []);
    expect(read.operators.map(({ type }) => type)).toEqual(['weight_norm', 'Conv']);
  });

  it('takes a folded weight norm apart again, in both spellings', () => {
    const old = folded([
      ['conv.weight_g', 'parameter'],
      ['conv.weight_v', 'parameter'],
    ]);
    expect(storedIn(old)).toEqual({
      'parameter conv.weight_v': [8, 4, 3],
      'parameter conv.weight_g': [8, 1, 1],
    });
    const parametrization = 'conv.parametrizations.weight';
    const modern = folded([
      [`${parametrization}.original0`, 'parameter'],
      [`${parametrization}.original1`, 'parameter'],
    ]);
    expect(storedIn(modern)).toEqual({
      [`parameter ${parametrization}.original1`]: [8, 4, 3],
      [`parameter ${parametrization}.original0`]: [8, 1, 1],
    });
  });

  it('tells a spectral norm by its buffers', () => {
    const graph = folded([
      ['conv.weight_orig', 'parameter'],
      ['conv.weight_u', 'buffer'],
      ['conv.weight_v', 'buffer'],
    ]);
    expect(storedIn(graph)).toEqual({
      'parameter conv.weight_orig': [8, 4, 3],
      'buffer conv.weight_u': [8],
      'buffer conv.weight_v': [12],
    });
  });

  it('leaves a weight of the program alone', () => {
    const graph = folded([['mul', 'parameter']]);
    expect(storedIn(graph)).toEqual({ 'parameter mul': [8, 4, 3] });
  });
});
