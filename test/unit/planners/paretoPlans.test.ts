import { describe, expect, it } from 'vitest';
import { ParetoPlans } from '../../../planner-core/planners/paretoPlans';

function poolOf(points: readonly (readonly [peakBytes: number, stepTimeMs: number])[]): ParetoPlans {
  const pool = new ParetoPlans();
  for (const [peakBytes, stepTimeMs] of points)
    pool.add({ peakBytes, stepTimeMs, planner: 'test', recomputations: new Int32Array(0) });
  return pool;
}

describe('thinning', () => {
  it('keeps both ends and leaves out the plans that are missed least, in shares of the overhead', () => {
    // Without the plan at 3 the curve rises by a hair; without the one at 8, by the double of a small overhead.
    const pool = poolOf([
      [1, 200],
      [2, 180],
      [3, 179.9],
      [4, 150],
      [8, 101],
      [9, 100],
    ]);
    const peaks = (count: number): number[] => pool.thinned(count).map(({ peakBytes }) => peakBytes);
    expect(peaks(6)).toEqual([1, 2, 3, 4, 8, 9]);
    expect(peaks(5)).toEqual([1, 2, 4, 8, 9]);
    expect(peaks(3)).toEqual([1, 8, 9]);
    expect(peaks(2)).toEqual([1, 9]);
  });

  it('leaves empty and single pools as they are', () => {
    expect(poolOf([]).thinned(3)).toEqual([]);
    expect(poolOf([[1, 1]]).thinned(3)).toHaveLength(1);
  });
});
