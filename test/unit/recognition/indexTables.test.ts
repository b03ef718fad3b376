import { expect, it } from 'vitest';
import { ModelBuilder } from '../support/modelBuilder';
import { patternsOf, read } from './support';

const picking = (count: number): ReturnType<ModelBuilder['build']> =>
  new ModelBuilder()
    .parameter('table', [3, 2])
    .constant(
      'indices',
      Array.from({ length: count }, (_, i) => i % 3),
    )
    .in('a')
    .operator('Gather', ['table', 'indices'], ['p'], { axis: 0 })
    .in('b')
    .operator('Gather', ['table', 'indices'], ['q'], { axis: 0 })
    .build('p', 'q');

it('makes repeated indices into a parameter a buffer of every reader', () => {
  const found = read(picking(9));
  expect(patternsOf(found)).toEqual(['index-tables', 'index-tables']);
  const buffers = found.graph.tensors.filter(({ role }) => role === 'buffer');
  expect(buffers.map(({ shape, dtype }) => [shape, dtype])).toEqual([
    [[9], 'int64'],
    [[9], 'int64'],
  ]);
});

it('leaves positions, which pick every row once', () => {
  expect(patternsOf(read(picking(3)))).toEqual([]);
});
