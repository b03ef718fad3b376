import { describe, expect, it } from 'vitest';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { ModelBuilder } from '../support/modelBuilder';
import { inputsOf, read } from './support';

const declaring = (graph: ModelGraph, kind: 'parameter' | 'buffer', ...names: string[]): ModelGraph => ({
  ...graph,
  declared: new Map([...(graph.declared ?? []), ...names.map((name) => [name, kind] as const)]),
});

const readersOf = (graph: ModelGraph, type: string): (string | undefined)[][] =>
  read(graph)
    .graph.operators.filter((operator) => operator.type === type)
    .map(({ inputs }) => inputs.map((id) => graph.tensors[id]?.name ?? 'new'));

describe('what untrained models share', () => {
  it('gives cloned layers their own matrices', () => {
    const graph = new ModelBuilder()
      .input('x', [2, 8])
      .parameter('a.out.weight', [8, 8])
      .parameter('a.out.bias', [8])
      .in('a')
      .operator('Gemm', ['x', 'a.out.weight', 'a.out.bias'], ['h'])
      .in('b')
      .operator('Gemm', ['h', 'a.out.weight', 'a.out.bias'], ['y'])
      .build('y');
    const names = ['a.out.weight', 'a.out.bias', 'b.out.weight', 'b.out.bias'];
    const found = read(declaring(graph, 'parameter', ...names));
    const stored = found.graph.tensors.filter(({ role }) => role === 'parameter').map(({ name }) => name);
    expect(stored.sort()).toEqual([...names].sort());
  });

  it('leaves a matrix tied where the second layer has a bias of its own', () => {
    const graph = new ModelBuilder()
      .input('x', [2, 8])
      .parameter('a.weight', [8, 8])
      .parameter('b.bias', [8])
      .in('a')
      .operator('Gemm', ['x', 'a.weight'], ['h'])
      .in('b')
      .operator('Gemm', ['h', 'a.weight', 'b.bias'], ['y'])
      .build('y');
    const declared = declaring(graph, 'parameter', 'a.weight', 'b.weight', 'b.bias');
    expect(readersOf(declared, 'Gemm').map(([, weight]) => weight)).toEqual(['a.weight', 'a.weight']);
  });

  it('names folded scales after what their modules declare, and keeps one that somebody still reads', () => {
    const graph = (): ModelGraph =>
      new ModelBuilder()
        .input('x', [2, 5, 8])
        .parameter('folded', [1, 1, 8])
        .in('a')
        .operator('Mul', ['x', 'folded'], ['h'])
        .in('b')
        .operator('Mul', ['h', 'folded'], ['y'])
        .build('y');
    const storedNames = (...names: string[]): string[] =>
      read(declaring(graph(), 'parameter', ...names))
        .graph.tensors.filter(({ role }) => role === 'parameter')
        .map(({ name }) => name)
        .sort();
    expect(storedNames('a.alpha', 'a.beta', 'b.scale')).toEqual(['a.alpha', 'b.scale']);
    expect(storedNames('a.alpha')).toEqual(['a.alpha', 'folded']);
  });

  it('tells running statistics from the scale and shift they equal', () => {
    const graph = new ModelBuilder()
      .input('x', [2, 8, 4, 4])
      .parameter('n.weight', [8])
      .parameter('n.bias', [8])
      .in('n')
      .operator('BatchNormalization', ['x', 'n.weight', 'n.bias', 'n.bias', 'n.weight'], ['y'])
      .build('y');
    const found = read(
      declaring(
        declaring(graph, 'parameter', 'n.weight', 'n.bias'),
        'buffer',
        'n.running_mean',
        'n.running_var',
      ),
    );
    expect(inputsOf(found, 'BatchNormalization')).toEqual([
      'x',
      'n.weight',
      'n.bias',
      'n.running_mean',
      'n.running_var',
    ]);
    const buffers = found.graph.tensors.filter(({ role }) => role === 'buffer');
    expect(buffers.map(({ name, shape }) => [name, shape])).toEqual([
      ['n.running_mean', [8]],
      ['n.running_var', [8]],
    ]);
  });
});
