import { expect, it } from 'vitest';
import { valueTitle } from '../../../../webview/timeline/valueTitle';

const step = {
  valueName: ['wte.weight', 'v105', 'val_7', 'attention_scores', '12'],
  nodeName: ['/h.7/mlp/Gelu', '/h.7/softmax'],
  producer: new Int32Array([-1, 0, 1, 1, -1]),
};

it.each([
  [0, 'wte.weight'],
  [1, '/h.7/mlp/Gelu (v105)'],
  [2, '/h.7/softmax (val_7)'],
  [3, 'attention_scores'],
  [4, '12'],
])('names value %i %s', (value, title) => {
  expect(valueTitle(step, value)).toBe(title);
});
