import { expect, it } from 'vitest';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { ModelBuilder } from '../support/modelBuilder';
import { inputsOf, patternsOf, read, typesOf } from './support';

/** Attention as the exporter writes it; the key comes as [batch * heads, length, size] and is transposed first. */
const attention = (batch: number): ModelGraph =>
  new ModelBuilder()
    .input('q', [batch, 4, 17, 8])
    .input('k', [4 * batch, 17, 8])
    .input('v', [batch, 4, 17, 8])
    .constant('sizes', [batch, 4, 8, 17])
    .constant('scale', [0.6], 'float32')
    .operator('Transpose', ['k'], ['kt'], { perm: [0, 2, 1] })
    .operator('Reshape', ['kt', 'sizes'], ['kh'])
    .operator('Mul', ['q', 'scale'], ['qs'])
    .operator('Mul', ['kh', 'scale'], ['ks'])
    .operator('MatMul', ['qs', 'ks'], ['scores'])
    .operator('Softmax', ['scores'], ['p'], { axis: -1 })
    .operator('MatMul', ['p', 'v'], ['y'])
    .build('y');

it('puts the transpose of a key behind the reshape to heads', () => {
  const found = read(attention(2));
  expect(patternsOf(found)).toEqual(['split-keys', 'attention']);
  expect(typesOf(found)).toEqual(['Reshape', 'Attention']);
  expect(inputsOf(found, 'Attention').slice(0, 3)).toEqual(['q', 'kh key', 'v']);
  expect(found.graph.tensors.find(({ name }) => name === 'kh key')!.shape).toEqual([2, 4, 17, 8]);
});

it('leaves the view that attention makes of a key with heads', () => {
  const graph = new ModelBuilder()
    .input('key', [2, 4, 17, 8])
    .input('q', [2, 4, 17, 8])
    .constant('flat', [8, 17, 8])
    .constant('sizes', [2, 4, 8, 17])
    .operator('Reshape', ['key', 'flat'], ['k'])
    .operator('Transpose', ['k'], ['kt'], { perm: [0, 2, 1] })
    .operator('Reshape', ['kt', 'sizes'], ['kh'])
    .operator('MatMul', ['q', 'kh'], ['y'])
    .build('y');
  expect(patternsOf(read(graph))).toEqual([]);
});

it('leaves a transpose whose result something else reads', () => {
  const graph = attention(2);
  const transposed = graph.tensors.find(({ name }) => name === 'kt')!.id;
  const found = read({ ...graph, outputs: [...graph.outputs, transposed] });
  expect(patternsOf(found)).not.toContain('split-keys');
});
