import fc from 'fast-check';
import { expect, test } from 'vitest';
import { largestFitting, lookAhead } from '../../../../planner-core/session/goals/sizeSearch';

const sizes = fc.record({
  limit: fc.integer({ min: 0, max: 300 }),
  start: fc.integer({ min: 1, max: 400 }),
  granularity: fc.integer({ min: 1, max: 9 }),
});

test('where needs only grow, the answer is the largest multiple that fits, and no size is tried twice', () =>
  fc.assert(
    fc.asyncProperty(sizes, async ({ limit, start, granularity }) => {
      const tried: number[] = [];
      const fits = (size: number): Promise<boolean> => {
        tried.push(size);
        return Promise.resolve(size <= limit);
      };
      const found = await largestFitting(fits, start, granularity, 1000);
      expect(found).toBe(Math.floor(limit / granularity) * granularity);
      expect(new Set(tried).size).toBe(tried.length);
      expect(tried.every((size) => size % granularity === 0)).toBe(true);
      expect(tried.length).toBeLessThan(30);
    }),
  ));

test('whatever fits, the answer fits and as many sizes above it as are looked at do not', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 60 }),
      async (fitting, start) => {
        const fits = (size: number): Promise<boolean> => Promise.resolve(fitting[size - 1]);
        const found = await largestFitting(fits, start, 1, fitting.length);
        if (found > 0) expect(fitting[found - 1]).toBe(true);
        expect(fitting.slice(found, found + 1 + lookAhead)).not.toContain(true);
      },
    ),
  ));

test('ends at the largest size that may be tried', async () => {
  expect(await largestFitting(() => Promise.resolve(true), 8, 3, 100)).toBe(99);
});
