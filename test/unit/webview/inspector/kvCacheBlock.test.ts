// @vitest-environment jsdom
import { expect, it } from 'vitest';
import { kvCacheBlock } from '../../../../webview/inspector/kvCacheBlock';
import { sampleState } from '../support/sample';

const { step } = await sampleState();
if (!step) throw new Error('the sample has no step');
const layer = {
  module: 'h.0.attn',
  operator: '/h.0/attn/MatMul',
  keyValueHeads: 12,
  keyHeadSize: 64,
  valueHeadSize: 64,
  dtype: 'float32',
  bytesPerToken: 6144,
  bytes: 4 * 1024 * 6144,
};
const cache = { tokens: 1024, sequences: 4, bytesPerToken: 6144, bytes: 4 * 1024 * 6144, layers: [layer] };
const textOf = (parts: readonly HTMLElement[]): string =>
  parts.map(({ textContent }) => textContent).join(' ');

it('tells how large the key-value cache is, and what makes it so', () => {
  const text = textOf(kvCacheBlock({ ...step, kvCache: cache }));
  expect(text).toContain('24.0 MiB');
  expect(text).toContain('1,024 in each of 4 sequences');
  expect(text).toContain('6.00 KiB in 1 layer');
});

it('says nothing where no token is cached', () => {
  expect(kvCacheBlock(step)).toEqual([]);
  expect(kvCacheBlock({ ...step, kvCache: { ...cache, tokens: 0, bytes: 0 } })).toEqual([]);
});
