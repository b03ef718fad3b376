import { expect, test } from 'vitest';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { ModelBuilder } from '../support/modelBuilder';
import { inputsOf, patternsOf, read } from './support';

/** softmax(scores + mask), the mask made from one that says which of [6, 6] pairs are visible. */
function masked(visible: (builder: ModelBuilder) => ModelBuilder): ModelGraph {
  const start = new ModelBuilder()
    .input('scores', [2, 4, 6, 6])
    .input('hidden', [6, 6], 'bool')
    .number('from', 0)
    .number('zero', 0)
    .number('infinite', -3e38)
    .number('step', 1)
    .constant('front', [0])
    .constant('back', [1])
    .constant('length', [6])
    .operator('Range', ['from', 'length', 'step'], ['positions'])
    .operator('Unsqueeze', ['positions', 'front'], ['keys'])
    .operator('Unsqueeze', ['positions', 'back'], ['queries']);
  return visible(start)
    .operator('Where', ['visible', 'zero', 'infinite'], ['mask'])
    .operator('Add', ['scores', 'mask'], ['sum'])
    .operator('Softmax', ['sum'], ['y'], { axis: -1 })
    .build('y');
}

test('a mask that hides nothing is none', () => {
  const found = read(masked((b) => b.operator('GreaterOrEqual', ['keys', 'zero'], ['visible'])));
  expect(patternsOf(found)).toEqual(['visible-mask']);
  expect(inputsOf(found, 'Softmax')).toEqual(['scores']);
});

test.each([
  ['compares positions', (b: ModelBuilder) => b.operator('LessOrEqual', ['keys', 'queries'], ['visible'])],
  ['is given', (b: ModelBuilder) => b.operator('Identity', ['hidden'], ['visible'])],
  [
    'is a triangle',
    (b: ModelBuilder) =>
      b
        .constant('shape', [6, 6])
        .operator('Expand', ['step', 'shape'], ['ones'])
        .operator('Trilu', ['ones'], ['triangle'])
        .operator('Greater', ['triangle', 'zero'], ['visible']),
  ],
  [
    'is stored',
    (b: ModelBuilder) =>
      b
        .constant('stored', [0, 1, 1, 1, 1, 1], 'float32')
        .operator('Greater', ['stored', 'zero'], ['visible']),
  ],
  [
    'is stored as booleans',
    (b: ModelBuilder) =>
      b.constant('stored', [0, 1, 1, 1, 1, 1], 'bool').operator('Identity', ['stored'], ['visible']),
  ],
])('a mask that %s stays', (_, visible) => {
  expect(patternsOf(read(masked(visible)))).not.toContain('visible-mask');
});
