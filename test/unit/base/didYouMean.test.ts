import { expect, test } from 'vitest';
import { didYouMean, nameHint } from '../../../planner-core/base/didYouMean';

const devices = [
  'RTX 3090',
  'RTX 4090',
  'RTX 4090 Laptop',
  'H100 SXM',
  'H100 PCIe',
  'H100 NVL',
  'H100X',
  'T4',
];

test('a part of a name, whatever its case and spaces, is taken for the name', () => {
  expect(didYouMean('4090', devices)).toBe('Did you mean RTX 4090 or RTX 4090 Laptop?');
  expect(didYouMean('rtx3090', devices)).toBe('Did you mean RTX 3090?');
  expect(didYouMean('h100', devices)).toBe('Did you mean H100 SXM, H100 PCIe or H100 NVL?');
});

test('else the names of which fewest letters differ; far ones are not guessed', () => {
  expect(didYouMean('bach', ['batch', 'seq'])).toBe('Did you mean batch?');
  expect(didYouMean('abacus', devices)).toBeUndefined();
  expect(didYouMean('', devices)).toBeUndefined();
});

test('a hint says what there is, first what may have been meant', () => {
  expect(nameHint('bach', ['batch'], 'Dimensions: batch.')).toBe('Did you mean batch? Dimensions: batch.');
  expect(nameHint('colour', ['batch'], 'Dimensions: batch.')).toBe('Dimensions: batch.');
});
