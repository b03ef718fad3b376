import { expect, it } from 'vitest';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { ModelBuilder } from '../support/modelBuilder';
import { inputsOf, patternsOf, read, typesOf } from './support';

const scaled = (dtype: 'float32' | 'float16', ...outputs: string[]): ModelGraph =>
  new ModelBuilder()
    .input('x', [2, 4])
    .input('s', [1], dtype)
    .operator('CastLike', ['s', 'x'], ['like'])
    .operator('Mul', ['x', 'like'], ['y'])
    .build('y', ...outputs);

it('drops a conversion to the type a tensor has', () => {
  const found = read(scaled('float32'));
  expect(typesOf(found)).toEqual(['Mul']);
  expect(inputsOf(found, 'Mul')).toEqual(['x', 's']);
});

it('keeps real conversions, and results of the model', () => {
  expect(patternsOf(read(scaled('float16')))).toEqual([]);
  expect(patternsOf(read(scaled('float32', 'like')))).toEqual([]);
});
