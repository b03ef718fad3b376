import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { defaultPlanInputs } from '../../../planner-core/plan/planInputs';
import {
  curveOffloads,
  pointAtBudget,
  withPlan,
  type Frontier,
  type FrontierPoint,
} from '../../../planner-core/planners/frontier';

const directives = (offloads: readonly number[]): FrontierPoint['directives'] => ({
  recomputations: new Int32Array(0),
  offloads: Int32Array.from(offloads),
});

const point = (peakBytes: number, stepTimeMs: number, offloads: readonly number[] = []): FrontierPoint => ({
  ...{ peakBytes, stepTimeMs, overheadPercent: stepTimeMs - 100, lowerBoundPercent: 0, planner: 'p' },
  directives: directives(offloads),
});

function frontierOf(points: readonly FrontierPoint[]): Frontier {
  const strategies = { 'module-checkpoint': points, selective: points, schedule: points };
  return { strategies, baselines: [], floorBytes: 0, floorNode: '' };
}

const planOf = (made: FrontierPoint, budgetBytes = made.peakBytes) => {
  const { strategy } = defaultPlanInputs([]);
  const { peakBytes, stepTimeMs, overheadPercent, lowerBoundPercent, planner } = made;
  const prediction = { peakBytes, stepTimeMs, overheadPercent, lowerBoundPercent };
  return { strategy, budgetBytes, planner, prediction };
};

/** By ascending peak and descending time. */
const curves = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 100, max: 140 })), {
    selector: ([peak]) => peak,
    minLength: 1,
    maxLength: 8,
  })
  .map((pairs) =>
    pairs
      .sort(([a], [b]) => a - b)
      .reduce<FrontierPoint[]>(
        (curve, [peak, time]) =>
          curve.length === 0 || time < curve[curve.length - 1].stepTimeMs
            ? [...curve, point(peak, time)]
            : curve,
        [],
      ),
  );
const numbers = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 100, max: 140 }));

describe('a frontier with the plan on screen', () => {
  test('has at every budget the better of both, and no dominated plan', () => {
    fc.assert(
      fc.property(curves, numbers, (curve, [peak, time]) => {
        const made = point(peak, time);
        const after = withPlan(frontierOf(curve), planOf(made), made.directives);
        for (const name of ['module-checkpoint', 'schedule'] as const) {
          const points = after.strategies[name];
          for (let budget = 0; budget <= 41; budget++) {
            const before = pointAtBudget(curve, budget)?.stepTimeMs ?? Infinity;
            const own = peak <= budget ? time : Infinity;
            expect(pointAtBudget(points, budget)?.stepTimeMs ?? Infinity).toBe(Math.min(before, own));
          }
          for (const [i, { peakBytes, stepTimeMs }] of points.entries()) {
            if (i === 0) continue;
            expect(peakBytes).toBeGreaterThan(points[i - 1].peakBytes);
            expect(stepTimeMs).toBeLessThan(points[i - 1].stepTimeMs);
          }
        }
        expect(after.strategies.selective).toBe(curve);
      }),
    );
  });

  test('leaves out a plan over its budget, one whose layers are placed, and curves that are not there yet', () => {
    const frontier = frontierOf([point(10, 110)]);
    const made = point(5, 105);
    expect(withPlan(frontier, planOf(made, 4), made.directives)).toBe(frontier);
    const placed = { ...planOf(made), objective: 'latency' as const };
    expect(withPlan(frontier, placed, made.directives)).toBe(frontier);
    const empty = frontierOf([]);
    expect(withPlan(empty, planOf(made), made.directives).strategies).toEqual(empty.strategies);
  });

  test('tells from its plans whether they offload, not counting the one on screen', () => {
    const made = point(5, 105, [3]);
    const alone = withPlan(frontierOf([point(10, 110)]), planOf(made), made.directives);
    expect(curveOffloads(alone, 'module-checkpoint', made)).toBe(false);
    const both = withPlan(frontierOf([point(4, 120, [1])]), planOf(made), made.directives);
    expect(curveOffloads(both, 'module-checkpoint', made)).toBe(true);
    expect(curveOffloads(frontierOf([point(4, 120)]), 'module-checkpoint', made)).toBe(false);
  });
});
