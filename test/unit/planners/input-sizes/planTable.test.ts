import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  largestOf,
  planTable,
  type SizeCosts,
} from '../../../../planner-core/planners/input-sizes/planTable';

interface Instance {
  readonly costs: SizeCosts;
  readonly weights: Float64Array;
}

/** Candidates that fit up to some size; the first keeps everything and is the fastest. */
const instances: fc.Arbitrary<Instance> = fc
  .record({
    sizes: fc.integer({ min: 1, max: 7 }),
    ends: fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 4 }),
    times: fc.array(fc.integer({ min: 101, max: 112 }), { minLength: 28, maxLength: 28 }),
    weights: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 7, maxLength: 7 }),
  })
  .map(({ sizes: count, ends, times, weights }) => {
    const stepMs = ends.map((end, c) =>
      Float64Array.from({ length: count }, (_, s) =>
        s >= end ? Infinity : c === 0 ? 100 : times[c * 7 + s],
      ),
    );
    const best = Int32Array.from({ length: count }, (_, s) => {
      const fastest = stepMs.reduce((a, ms, c) => (ms[s] < (stepMs[a]?.[s] ?? Infinity) ? c : a), -1);
      return fastest;
    });
    const sizes = Array.from({ length: count }, (_, s) => [s + 1]);
    const keepAllMs = new Float64Array(count).fill(100);
    const costs = { sizes, keepAllMs, stepMs, addedMs: ends.map((_, c) => c), best };
    return { costs, weights: Float64Array.from(weights.slice(0, count)) };
  });

const merge = 5;

/** All divisions, by brute force: fewest rows, then least expected time. */
function cheapest({ costs: { stepMs, best }, weights }: Instance): { rows: number; cost: number } {
  const good = (c: number, s: number): boolean =>
    best[s] >= 0 &&
    (stepMs[0][s] === Infinity ? stepMs[c][s] <= stepMs[best[s]][s] * (1 + merge / 100) : c === 0);
  const from = (s: number, current: number): { rows: number; cost: number }[] => {
    if (s === best.length) return [{ rows: 0, cost: 0 }];
    if (best[s] < 0) return from(s + 1, -1);
    return stepMs.flatMap((ms, c) =>
      good(c, s)
        ? from(s + 1, c).map(({ rows, cost }) => ({
            rows: rows + Number(c !== current),
            cost: cost + ms[s] * (weights[s] + Number.EPSILON),
          }))
        : [],
    );
  };
  return from(0, -1).reduce((a, b) => (b.rows < a.rows || (b.rows === a.rows && b.cost < a.cost) ? b : a));
}

describe('planTable', () => {
  it('divides one dimension into the fewest intervals, and of these divisions takes the fastest', () => {
    fc.assert(
      fc.property(instances, (instance) => {
        const { costs, weights } = instance;
        const rows = planTable(costs, weights, merge);
        const cost = rows.reduce(
          (sum, { candidate, sizes }) =>
            sizes.reduce((part, s) => part + costs.stepMs[candidate][s] * (weights[s] + Number.EPSILON), sum),
          0,
        );
        const least = cheapest(instance);
        expect(rows.length).toBe(least.rows);
        expect(cost).toBeCloseTo(least.cost, 9);
        const covered = rows.flatMap(({ sizes }) => sizes);
        expect(covered).toEqual([...costs.best.keys()].filter((s) => costs.best[s] >= 0));
      }),
    );
  });

  it('takes no longer at a size than the limit for it', () => {
    fc.assert(
      fc.property(instances, fc.nat({ max: 3 }), ({ costs, weights }, other) => {
        const known = costs.stepMs[other % costs.stepMs.length];
        const limitMs = known.map((ms, s) =>
          Math.max(ms, costs.best[s] < 0 ? 0 : costs.stepMs[costs.best[s]][s]),
        );
        const rows = planTable(costs, weights, merge, limitMs);
        for (const { candidate, sizes } of rows)
          for (const s of sizes) expect(costs.stepMs[candidate][s]).toBeLessThanOrEqual(limitMs[s]);
        expect(rows.flatMap(({ sizes }) => sizes)).toEqual(
          [...costs.best.keys()].filter((s) => costs.best[s] >= 0),
        );
      }),
    );
  });

  it('covers several dimensions with plans that fit and are near the best', () => {
    const sizes = [
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 2],
    ];
    const stepMs = [
      Float64Array.of(100, Infinity, Infinity, Infinity),
      Float64Array.of(110, 104, 104, Infinity),
      Float64Array.of(120, 120, 105, 120),
    ];
    const costs = {
      sizes,
      keepAllMs: new Float64Array(4),
      stepMs,
      addedMs: [0, 5, 20],
      best: Int32Array.of(0, 1, 1, 2),
    };
    const rows = planTable(costs, Float64Array.of(1, 1, 1, 1), 2);
    expect(rows).toEqual([
      { candidate: 0, sizes: [0] },
      { candidate: 1, sizes: [1, 2] },
      { candidate: 2, sizes: [3] },
    ]);
    expect(largestOf(rows[1].sizes.map((s) => sizes[s]))).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });
});
