import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeOrder } from '../../../planner-core/simulator/timeOrder';

describe('timeOrder', () => {
  it('is a stable sort by time, whatever the draft', () => {
    const draws = fc
      .array(fc.oneof(fc.nat(5), fc.double({ min: 0, max: 9, noNaN: true })), { maxLength: 60 })
      .chain((ms) =>
        fc.record({
          ms: fc.constant(ms),
          draft: fc.shuffledSubarray(
            ms.map((_, i) => i),
            { minLength: ms.length },
          ),
        }),
      );
    fc.assert(
      fc.property(draws, ({ ms, draft }) => {
        const expected = ms.map((_, i) => i).sort((a, b) => ms[a] - ms[b] || a - b);
        expect([...timeOrder(Float64Array.from(ms), Int32Array.from(draft))]).toEqual(expected);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
