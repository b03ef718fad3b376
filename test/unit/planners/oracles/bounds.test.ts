import { describe, expect, it } from 'vitest';
import { recomputableNodes } from '../../../../planner-core/plan/layerIndex';
import { KnapsackBound } from '../../../../planner-core/planners/bounds/knapsackBound';
import { memoryFloor } from '../../../../planner-core/planners/bounds/memoryFloor';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import { keepEverything } from '../../../../planner-core/simulator/schedule';
import { simulate } from '../../../../planner-core/simulator/simulate';
import { exhaustiveLeastPeak, exhaustiveLeastTime } from './exhaustive';
import { smallShapes, smallStep } from './smallSteps';

const noOffloads = { offloads: new Int32Array(0) };

describe.each(smallShapes)('bounds of %s steps', (shape) => {
  it('are never above the optimum, and reach it often', () => {
    let steps = 0;
    let tightFloors = 0;
    let proven = 0;
    let boundSum = 0;
    let optimumSum = 0;
    for (let seed = 0; seed < 700; seed++) {
      const step = smallStep(shape, seed);
      if (!step) continue;
      steps++;
      const keepAll = simulate(step, compileSchedule(step, keepEverything));
      const leastPeak = exhaustiveLeastPeak(step);
      const floor = memoryFloor(step, recomputableNodes(step), noOffloads);
      expect(floor.bytes, `floor of seed ${seed}`).toBeLessThanOrEqual(leastPeak);
      tightFloors += Number(floor.bytes === leastPeak);
      const bound = new KnapsackBound(step, recomputableNodes(step));
      proven += Number(bound.leastAddedMs(leastPeak - 1) === Infinity);
      for (const share of [0, 0.25, 0.5, 0.75, 1]) {
        const budget = Math.floor(leastPeak + share * (keepAll.peakBytes - leastPeak));
        const optimum = exhaustiveLeastTime(step, budget)! - keepAll.stepTimeMs;
        const { addedMs, node } = bound.strongest(budget);
        expect(addedMs, `seed ${seed} at ${budget}`).toBeLessThanOrEqual(optimum + 1e-9);
        if (addedMs > 0) expect(node).toBeGreaterThanOrEqual(0);
        boundSum += addedMs;
        optimumSum += optimum;
      }
    }
    expect(steps).toBeGreaterThan(300);
    expect(tightFloors / steps).toBeGreaterThan(0.85);
    expect(proven / steps).toBeGreaterThan(0.85);
    expect(boundSum / optimumSum).toBeGreaterThan(0.75);
  });

  it('hold for many budgets at once', () => {
    for (let seed = 0; seed < 150; seed++) {
      const step = smallStep(shape, seed);
      if (!step) continue;
      const keepAll = simulate(step, compileSchedule(step, keepEverything));
      const leastPeak = exhaustiveLeastPeak(step);
      const budgets = [0.2, 1, 0.4, 0, 0.7].map((share) =>
        Math.floor(leastPeak + share * (keepAll.peakBytes - leastPeak)),
      );
      const least = new KnapsackBound(step, recomputableNodes(step)).leastAddedOver(budgets);
      for (const [i, budget] of budgets.entries()) {
        const optimum = exhaustiveLeastTime(step, budget)! - keepAll.stepTimeMs;
        expect(least[i], `seed ${seed} at ${budget}`).toBeLessThanOrEqual(optimum + 1e-9);
        for (const [j, other] of budgets.entries())
          if (other >= budget) expect(least[j]).toBeLessThanOrEqual(least[i]);
      }
    }
  });
});
