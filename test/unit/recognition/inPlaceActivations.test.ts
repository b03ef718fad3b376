import { expect, it } from 'vitest';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { ModelBuilder } from '../support/modelBuilder';
import { patternsOf, read } from './support';

const block = (shape: readonly number[], ...outputs: string[]): ModelGraph =>
  new ModelBuilder()
    .input('x', shape)
    .parameter('w', [4, 3, ...shape.slice(2).map(() => 3)])
    .operator('Conv', ['x', 'w'], ['h'])
    .operator('LeakyRelu', ['h'], ['y'])
    .build('y', ...outputs);

it('takes an activation after a convolution over an image as overwriting', () => {
  const found = read(block([2, 3, 8, 8]));
  expect(patternsOf(found)).toEqual(['in-place-activations']);
  expect(found.graph.operators[1].attributes.get('inplace')).toEqual({ kind: 'int', value: 1 });
});

it('leaves sequences, and inputs that something else reads', () => {
  expect(patternsOf(read(block([2, 3, 8])))).toEqual([]);
  expect(patternsOf(read(block([2, 3, 8, 8], 'h')))).toEqual([]);
  expect(patternsOf(read(block([2, 3, 8, 8]), ['in-place-activations']))).toEqual([]);
});
