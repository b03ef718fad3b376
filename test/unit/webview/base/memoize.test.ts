import { expect, it, vi } from 'vitest';
import { memoizeLast } from '../../../../webview/base/memoize';

it('computes again only when an argument changed', () => {
  const compute = vi.fn((a: number, b: number) => a + b);
  const sum = memoizeLast(compute);
  expect([sum(1, 2), sum(1, 2), sum(1, 3), sum(1, 2)]).toEqual([3, 3, 4, 3]);
  expect(compute).toHaveBeenCalledTimes(3);
});
