import { expect, test } from 'vitest';
import { memoryTicks } from '../../../planner-core/base/memoryTicks';

test.each([
  [32 * 2 ** 30, 4],
  [23.6 * 2 ** 30, 6],
  [700 * 2 ** 20, 5],
  [1000, 5],
  [1, 5],
])('%d bytes: about %d round ticks within the range', (max, count) => {
  const ticks = memoryTicks(max, count);
  expect(ticks[0]).toBe(0);
  expect(ticks.at(-1)).toBeLessThanOrEqual(max);
  expect(ticks.length).toBeGreaterThanOrEqual(2);
  expect(ticks.length).toBeLessThanOrEqual(count + 2);
});

test('ticks are whole binary units', () => {
  expect(memoryTicks(32 * 2 ** 30, 4).map((b) => b / 2 ** 30)).toEqual([0, 10, 20, 30]);
  expect(memoryTicks(0, 4)).toEqual([0]);
});
