import { describe, expect, it } from 'vitest';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import { keepEverything } from '../../../../planner-core/simulator/schedule';
import { simulate } from '../../../../planner-core/simulator/simulate';
import { everyPlan } from '../../support/exhaustivePlans';
import { layeredStep } from '../../support/layeredStep';
import { exhaustiveLeastPeak, exhaustiveLeastTime, exhaustiveOptimum } from './exhaustive';
import { smallShapes, smallStep } from './smallSteps';

describe.each(smallShapes)('exhaustive search over %s steps', (shape) => {
  it('finds schedules that the simulator confirms, faster ones for larger budgets', () => {
    let repeated = 0;
    for (let seed = 0; seed < 400; seed++) {
      const step = smallStep(shape, seed);
      if (!step) continue;
      const keepAll = simulate(step, compileSchedule(step, keepEverything));
      const least = exhaustiveLeastPeak(step);
      expect(least).toBeLessThanOrEqual(keepAll.peakBytes);
      expect(exhaustiveLeastTime(step, least - 1)).toBeUndefined();
      let slower = Infinity;
      for (const share of [0, 0.3, 0.6, 1]) {
        const budget = Math.floor(least + share * (keepAll.peakBytes - least));
        const { stepTimeMs, recomputations } = exhaustiveOptimum(step, budget)!;
        const replay = simulate(step, compileSchedule(step, { ...keepEverything, recomputations }));
        expect(replay.peakBytes, `seed ${seed}`).toBeLessThanOrEqual(budget);
        expect(replay.stepTimeMs).toBe(stepTimeMs);
        expect(stepTimeMs).toBeLessThanOrEqual(slower);
        slower = stepTimeMs;
        repeated += recomputations.length / 2;
      }
      expect(slower).toBe(keepAll.stepTimeMs);
    }
    expect(repeated).toBeGreaterThan(100);
  });
});

describe('exhaustive search', () => {
  it('is never beaten by a list of plans, and as good where the list has everything', () => {
    let same = 0;
    let compared = 0;
    for (let seed = 0; seed < 600; seed++) {
      const step = smallStep(smallShapes[seed % smallShapes.length], seed);
      const plans = step && everyPlan(step, 12);
      if (!plans) continue;
      for (const { peakBytes } of plans.slice(0, 64)) {
        const fitting = plans.filter((plan) => plan.peakBytes <= peakBytes);
        const listed = Math.min(...fitting.map((plan) => plan.stepTimeMs));
        const found = exhaustiveLeastTime(step, peakBytes)!;
        expect(found, `seed ${seed}`).toBeLessThanOrEqual(listed);
        compared++;
        same += Number(found === listed);
      }
    }
    expect(compared).toBeGreaterThan(500);
    expect(same / compared).toBeGreaterThan(0.9);
  });

  it('knows the optimum of a chain by hand', () => {
    // linear, norm, act of 100 bytes each and their backward: the input stays, act's result is read by its backward.
    const step = layeredStep(1);
    const keepAll = simulate(step, compileSchedule(step, keepEverything));
    expect(exhaustiveLeastTime(step, keepAll.peakBytes)).toBe(31);
    expect(exhaustiveLeastPeak(step)).toBe(400);
  });
});
