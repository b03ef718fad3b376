import { describe, expect, it } from 'vitest';
import { uncontrolled, type Job } from '../../../../planner-core/base/job';
import { layerIndexOf } from '../../../../planner-core/plan/layerIndex';
import { PlanningContext } from '../../../../planner-core/planners/context';
import type { Candidate } from '../../../../planner-core/planners/paretoPlans';
import { quickPlans } from '../../../../planner-core/planners/schedule/quickPlans';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import { keepEverything } from '../../../../planner-core/simulator/schedule';
import { simulate } from '../../../../planner-core/simulator/simulate';
import type { StepGraph } from '../../../../planner-core/step/stepGraph';
import { layeredProblem } from '../../support/layeredStep';
import { randomStep } from '../../support/randomStep';

const contextOf = (step: StepGraph): PlanningContext =>
  new PlanningContext({
    step,
    layers: layerIndexOf([{ id: 0, name: '', parent: 0, children: [] }], step),
    pins: [],
  });

async function plansOf(context: PlanningContext, budget: number, job: Job = uncontrolled) {
  const plans: Candidate[] = [];
  for await (const plan of quickPlans(context, budget, job)) plans.push(plan);
  return plans;
}

describe('quickPlans', () => {
  it('fit the budget as the simulator sees it, the second no slower than the first', async () => {
    let found = 0;
    for (let seed = 0; seed < 150; seed++) {
      const step = randomStep(seed, { forwardNodes: 12 });
      const context = contextOf(step);
      const keepAll = context.evaluate(new Int32Array(0)).peakBytes;
      for (const ratio of [0.95, 0.85, 0.7]) {
        const plans = await plansOf(context, ratio * keepAll);
        for (const { recomputations, peakBytes, stepTimeMs } of plans) {
          const run = simulate(step, compileSchedule(step, { ...keepEverything, recomputations }));
          expect([run.peakBytes, run.stepTimeMs], `seed ${seed}`).toEqual([peakBytes, stepTimeMs]);
          expect(peakBytes).toBeLessThanOrEqual(ratio * keepAll);
          for (let i = 1; i < recomputations.length; i += 2) expect(context.fixed[recomputations[i]]).toBe(0);
        }
        if (plans.length === 0) continue;
        found++;
        expect(plans[1].stepTimeMs).toBeLessThanOrEqual(plans[0].stepTimeMs);
      }
    }
    expect(found).toBeGreaterThan(50);
  });

  it('are found for chains, and cost little where little has to go', async () => {
    const context = new PlanningContext(layeredProblem(20));
    const { peakBytes, stepTimeMs } = { ...context.evaluate(new Int32Array(0)) };
    const keepAll = { peakBytes, stepTimeMs };
    const [, mild] = await plansOf(context, 0.9 * keepAll.peakBytes);
    const [, hard] = await plansOf(context, 0.6 * keepAll.peakBytes);
    expect(mild.stepTimeMs).toBeGreaterThan(keepAll.stepTimeMs);
    expect(mild.stepTimeMs).toBeLessThan(1.03 * keepAll.stepTimeMs);
    expect(hard.stepTimeMs).toBeGreaterThan(mild.stepTimeMs);
  });

  it('do nothing where something is pinned to run again', async () => {
    const pins = [{ target: 'layers.0', kind: 'module', choice: 'recompute', pinned: true }] as const;
    expect(await plansOf(new PlanningContext(layeredProblem(8, [...pins])), 500)).toEqual([]);
  });
});
