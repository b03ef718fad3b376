import loadHighs from 'highs';
import { afterAll, describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../planner-core/base/job';
import { layerIndexOf } from '../../../planner-core/plan/layerIndex';
import type { Decision } from '../../../planner-core/plan/plan';
import { PlanningContext } from '../../../planner-core/planners/context';
import { roundRelaxation } from '../../../planner-core/planners/exact/lpRounding';
import { refine } from '../../../planner-core/planners/exact/refinement';
import { ScheduleFamily } from '../../../planner-core/planners/exact/scheduleFamily';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { keepEverything } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { HighsEngine } from '../../../planner-core/solvers/highsEngine';
import { Phase, type StepGraph } from '../../../planner-core/step/stepGraph';
import { exhaustiveLeastPeak, exhaustiveOptimum } from './oracles/exhaustive';
import { smallShapes, smallStep } from './oracles/smallSteps';

const engine = new HighsEngine(() => loadHighs());
afterAll(() => engine.dispose());

const contextOf = (step: StepGraph, pins: readonly Decision[] = []): PlanningContext =>
  new PlanningContext({
    step,
    layers: layerIndexOf([{ id: 0, name: '', parent: 0, children: [] }], step),
    pins,
  });

/** Refines without a start until nothing is open; what is claimed must be what exhaustive search finds. */
async function expectExact(context: PlanningContext, budget: number, label: string): Promise<void> {
  const { step, fixed } = context;
  const mayRepeat = fixed.map((flag) => 1 - flag);
  const optimum = exhaustiveOptimum(step, budget, mayRepeat);
  const limits = { timeLimitS: 60, rounds: 30 };
  const bounds: number[] = [];
  const family = new ScheduleFamily(context, budget);
  const found = await refine(family, undefined, engine, limits, uncontrolled, (progress) =>
    bounds.push(progress.leastAddedMs),
  );
  expect(bounds, label).toEqual([...bounds].sort((a, b) => a - b));
  expect(found.isInfeasible, label).toBe(optimum === undefined);
  if (!optimum) return;
  expect(found.isOptimal, label).toBe(true);
  const { recomputations, peakBytes, stepTimeMs } = found.plan!;
  expect(stepTimeMs, label).toBeCloseTo(optimum.stepTimeMs, 6);
  expect(peakBytes, label).toBeLessThanOrEqual(budget);
  const replay = simulate(step, compileSchedule(step, { ...keepEverything, recomputations }));
  expect(replay, label).toMatchObject({ peakBytes, stepTimeMs });
}

describe.each(smallShapes)('refining schedules of %s steps', (shape) => {
  it('proves exactly what exhaustive search finds, with and without pins', async () => {
    let cases = 0;
    for (let seed = 0; seed < 200; seed++) {
      const step = smallStep(shape, seed);
      if (!step) continue;
      const keepAll = simulate(step, compileSchedule(step, keepEverything));
      const least = exhaustiveLeastPeak(step);
      const kept = step.nodeName[seed % step.nodeCount];
      const pins: Decision[] = [{ target: kept, kind: 'operator', choice: 'keep' }];
      const isForward = step.nodePhase[seed % step.nodeCount] === Phase.forward;
      for (const budget of [least - 1, least, Math.floor((least + keepAll.peakBytes) / 2)]) {
        if (budget >= keepAll.peakBytes || budget <= 0) continue;
        await expectExact(contextOf(step), budget, `seed ${seed} budget ${budget}`);
        cases++;
        if (!isForward || seed % 4 !== 0) continue;
        await expectExact(contextOf(step, pins), budget, `seed ${seed} budget ${budget}, ${kept} kept`);
      }
    }
    expect(cases).toBeGreaterThan(200);
  });
});

describe('roundRelaxation', () => {
  it('gives plans within the budget that are never faster than the fastest', async () => {
    let found = 0;
    for (let seed = 0; seed < 60; seed++) {
      const step = smallStep(smallShapes[seed % smallShapes.length], seed);
      if (!step) continue;
      const context = contextOf(step);
      const least = exhaustiveLeastPeak(step);
      const budget = Math.floor((least + context.evaluate(new Int32Array(0)).peakBytes) / 2);
      const plan = await roundRelaxation(context, budget, engine, uncontrolled);
      if (!plan) continue;
      found++;
      expect(plan.peakBytes).toBeLessThanOrEqual(budget);
      expect(plan.stepTimeMs).toBeGreaterThanOrEqual(exhaustiveOptimum(step, budget)!.stepTimeMs - 1e-6);
    }
    expect(found).toBeGreaterThan(10);
  });
});
