import loadHighs from 'highs';
import { afterAll, describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../planner-core/base/job';
import { layerIndexOf } from '../../../planner-core/plan/layerIndex';
import { PlanningContext } from '../../../planner-core/planners/context';
import { refineSchedule } from '../../../planner-core/planners/exact/refineSchedule';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { keepEverything } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { HighsEngine } from '../../../planner-core/solvers/highsEngine';
import type { StepGraph } from '../../../planner-core/step/stepGraph';
import { exhaustiveLeastPeak, exhaustiveOptimum } from './oracles/exhaustive';
import { smallShapes, smallStep } from './oracles/smallSteps';

const engine = new HighsEngine(() => loadHighs());
afterAll(() => engine.dispose());

const contextOf = (step: StepGraph): PlanningContext =>
  new PlanningContext({
    step,
    layers: layerIndexOf([{ id: 0, name: '', parent: 0, children: [] }], step),
    pins: [],
  });

describe.each(smallShapes)('refineSchedule on %s steps', (shape) => {
  it('proves exactly what exhaustive search finds', async () => {
    let cases = 0;
    let closed = 0;
    for (let seed = 0; seed < 220; seed++) {
      const step = smallStep(shape, seed);
      if (!step) continue;
      const context = contextOf(step);
      const keepAll = simulate(step, compileSchedule(step, keepEverything));
      const least = exhaustiveLeastPeak(step);
      for (const budget of [least - 1, least, Math.floor((least + keepAll.peakBytes) / 2)]) {
        if (budget >= keepAll.peakBytes || budget <= 0) continue;
        const optimum = exhaustiveOptimum(step, budget);
        const found = await refineSchedule(
          context,
          budget,
          undefined,
          engine,
          { timeLimitS: 60, rounds: 30 },
          uncontrolled,
          () => undefined,
        );
        cases++;
        const addedMs = optimum ? optimum.stepTimeMs - keepAll.stepTimeMs : Infinity;
        expect(found.leastAddedMs, `seed ${seed} budget ${budget}`).toBeLessThanOrEqual(addedMs + 1e-6);
        if (found.isInfeasible) expect(optimum).toBeUndefined();
        if (found.plan) {
          const replay = simulate(
            step,
            compileSchedule(step, { ...keepEverything, recomputations: found.plan.recomputations }),
          );
          expect(replay).toMatchObject({
            peakBytes: found.plan.peakBytes,
            stepTimeMs: found.plan.stepTimeMs,
          });
          expect(found.plan.peakBytes).toBeLessThanOrEqual(budget);
          expect(found.plan.stepTimeMs).toBeGreaterThanOrEqual(optimum!.stepTimeMs - 1e-6);
        }
        if (found.isOptimal) expect(found.plan!.stepTimeMs).toBeCloseTo(optimum!.stepTimeMs);
        if (found.isOptimal || found.isInfeasible) closed++;
      }
    }
    expect(cases).toBeGreaterThan(100);
    expect(closed).toBe(cases);
  }, 120_000);
});
