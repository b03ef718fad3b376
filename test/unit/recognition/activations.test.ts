import { describe, expect, it } from 'vitest';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { inferTensors } from '../../../planner-core/operators/inferTensors';
import { recognise } from '../../../planner-core/recognition/recognise';
import { ModelBuilder } from '../support/modelBuilder';

function readAs(graph: ModelGraph): { types: string[]; patterns: string[] } {
  const { graph: read, recognitions } = recognise(graph, inferTensors(graph, {}).facts, []);
  return {
    types: read.operators.map(({ domain, type }) => (domain ? `${domain}::${type}` : type)),
    patterns: recognitions.map(({ pattern }) => pattern),
  };
}

describe('gated linear unit', () => {
  const halves = (split: ModelBuilder): ModelGraph =>
    split.operator('Sigmoid', ['b'], ['gate']).operator('Mul', ['a', 'gate'], ['y']).build('y');

  it('is one call where the cut has no sizes', () => {
    const graph = halves(
      new ModelBuilder().input('x', [2, 8, 5]).operator('Split', ['x'], ['a', 'b'], { axis: 1 }),
    );
    expect(readAs(graph)).toEqual({ types: ['aten::glu'], patterns: ['glu'] });
    const { graph: read } = recognise(graph, inferTensors(graph, {}).facts, []);
    expect(inferTensors(read, {}).facts[read.outputs[0]]?.shape).toEqual([2, 4, 5]);
  });

  it('stays taken apart where a program cuts by sizes', () => {
    const graph = halves(
      new ModelBuilder()
        .input('x', [2, 8, 5])
        .constant('sizes', [4, 4])
        .operator('Split', ['x', 'sizes'], ['a', 'b'], { axis: 1 }),
    );
    expect(readAs(graph).patterns).toEqual([]);
  });

  it('needs both halves in order', () => {
    const graph = new ModelBuilder()
      .input('x', [2, 8, 5])
      .operator('Split', ['x'], ['a', 'b'], { axis: 1 })
      .operator('Sigmoid', ['a'], ['gate'])
      .operator('Mul', ['b', 'gate'], ['y'])
      .build('y');
    expect(readAs(graph).patterns).toEqual([]);
  });
});

describe('logarithms', () => {
  it('reads the guard of softplus against overflow', () => {
    const graph = new ModelBuilder()
      .input('x', [4])
      .constant('limit', [20], 'float32')
      .operator('Softplus', ['x'], ['soft'])
      .operator('Greater', ['x', 'limit'], ['large'])
      .operator('Where', ['large', 'x', 'soft'], ['y'])
      .build('y');
    expect(readAs(graph)).toEqual({ types: ['Softplus'], patterns: ['softplus'] });
  });

  it('reads log(sigmoid(x)), unless the sigmoid is used elsewhere', () => {
    const sigmoid = (): ModelBuilder =>
      new ModelBuilder().input('x', [4]).operator('Sigmoid', ['x'], ['p']).operator('Log', ['p'], ['y']);
    expect(readAs(sigmoid().build('y')).types).toEqual(['aten::log_sigmoid']);
    expect(readAs(sigmoid().build('y', 'p')).types).toEqual(['Sigmoid', 'Log']);
  });
});

describe('thresholds', () => {
  const input = (): ModelBuilder =>
    new ModelBuilder().input('x', [4]).constant('limit', [0.5], 'float32').constant('zero', [0], 'float32');

  it('reads threshold, hardshrink and softshrink', () => {
    const threshold = input()
      .operator('LessOrEqual', ['x', 'limit'], ['low'])
      .operator('Where', ['low', 'zero', 'x'], ['y']);
    const hard = input()
      .operator('Abs', ['x'], ['size'])
      .operator('LessOrEqual', ['size', 'limit'], ['low'])
      .operator('Where', ['low', 'zero', 'x'], ['y']);
    const soft = input()
      .operator('Abs', ['x'], ['size'])
      .operator('Greater', ['size', 'limit'], ['high'])
      .operator('Sign', ['x'], ['sign'])
      .operator('Mul', ['sign', 'limit'], ['shift'])
      .operator('Sub', ['x', 'shift'], ['less'])
      .operator('Mul', ['x', 'zero'], ['nothing'])
      .operator('Where', ['high', 'less', 'nothing'], ['y']);
    expect([threshold, hard, soft].map((builder) => readAs(builder.build('y')).patterns)).toEqual([
      ['threshold'],
      ['hardshrink'],
      ['softshrink'],
    ]);
  });

  it('leaves a choice between two tensors alone', () => {
    const graph = input()
      .input('other', [4])
      .operator('LessOrEqual', ['x', 'limit'], ['low'])
      .operator('Where', ['low', 'other', 'x'], ['y'])
      .build('y');
    expect(readAs(graph).patterns).toEqual([]);
  });
});
