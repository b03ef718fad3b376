import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../planner-core/base/job';
import { layerIndexOf } from '../../../../planner-core/plan/layerIndex';
import { planDearBaselines } from '../../../../planner-core/planners/baselines/baselines';
import { deltaPlan } from '../../../../planner-core/planners/baselines/delta';
import { layerOffload } from '../../../../planner-core/planners/baselines/layerOffload';
import { PlanningContext } from '../../../../planner-core/planners/context';
import { computeFrontier } from '../../../../planner-core/planners/computeFrontier';
import { PlanPools } from '../../../../planner-core/planners/planPools';
import type { PlanningProblem } from '../../../../planner-core/planners/problem';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import { simulate } from '../../../../planner-core/simulator/simulate';
import type { StepGraph } from '../../../../planner-core/step/stepGraph';
import { randomStep } from '../../support/randomStep';
import { linkedStep, withLink, type LinkOptions } from '../offload/linkedStep';

const problemOf = (step: StepGraph, memoryBytes?: number): PlanningProblem => {
  const layers = layerIndexOf([{ id: 0, name: '', parent: 0, children: [] }], step);
  return { step, layers, pins: [], ...(memoryBytes === undefined ? {} : { offload: { memoryBytes } }) };
};

const contextOf = (step: StepGraph, memoryBytes: number | undefined = Infinity): PlanningContext =>
  new PlanningContext(problemOf(step, memoryBytes));

const fast = { unitsPerMs: [1e6, 1e6], latencyMs: 0 } as const;
const slow = { unitsPerMs: [1e-3, 1e-3] } as const;

/** Without what an online run cannot release. */
const plainStep = (seed: number, link?: LinkOptions): StepGraph =>
  withLink(randomStep(seed, { forwardNodes: 12, oddities: false }), seed, link);

describe('DELTA', () => {
  it('keeps its budget, as simulated, and says nothing where nothing may leave', () => {
    let answered = 0;
    for (let seed = 0; seed < 60; seed++) {
      const step = plainStep(seed);
      const context = contextOf(step);
      const budget = 0.85 * context.evaluate(new Int32Array(0)).peakBytes;
      expect(deltaPlan(new PlanningContext(problemOf(step)), budget)).toBeUndefined();
      const plan = deltaPlan(context, budget);
      if (!plan) continue;
      answered++;
      const { peakBytes, stepTimeMs } = simulate(step, compileSchedule(step, plan.directives));
      expect(plan, `seed ${seed}`).toMatchObject({ peakBytes, stepTimeMs });
      expect(peakBytes, `seed ${seed}`).toBeLessThanOrEqual(budget);
    }
    expect(answered).toBeGreaterThan(20);
  });

  it('swaps where the link is fast, and computes again where it is slow', () => {
    const counts = { swapped: 0, repeated: 0 };
    for (let seed = 0; seed < 40; seed++) {
      for (const link of [fast, slow]) {
        const step = plainStep(seed, link);
        // What takes no time to compute again is never worth a transfer.
        const context = contextOf({ ...step, durationMs: step.durationMs.map((ms) => ms + 1) });
        const plan = deltaPlan(context, 0.85 * context.evaluate(new Int32Array(0)).peakBytes);
        if (!plan) continue;
        const { offloads, recomputations } = plan.directives;
        if (link === slow) expect(offloads, `seed ${seed}`).toHaveLength(0);
        counts.swapped += Number(offloads.length > 0);
        counts.repeated += Number(link === slow && recomputations.length > 0);
      }
    }
    expect(counts.swapped).toBeGreaterThan(5);
    expect(counts.repeated).toBeGreaterThan(5);
  });
});

describe('offloading by layers', () => {
  it('computes nothing again, takes less memory than keeping everything, and no more than the host has', () => {
    let smaller = 0;
    for (let seed = 0; seed < 40; seed++) {
      const context = contextOf(linkedStep(seed));
      const keepAll = context.evaluate(new Int32Array(0)).peakBytes;
      for (const rule of layerOffload) {
        const plan = rule.plan(context, 'schedule')!;
        expect(plan.directives.recomputations).toHaveLength(0);
        smaller += Number(plan.peakBytes < keepAll);
        if (plan.directives.offloads.length > 0)
          expect(rule.plan(contextOf(linkedStep(seed), 1), 'schedule')).toBeUndefined();
      }
    }
    expect(smaller).toBeGreaterThan(20);
  });
});

describe('rules that offload', () => {
  it('are drawn where values may leave, with what the simulator says of them, and nowhere else', async () => {
    const step = linkedStep(8);
    const offloading = async (problem: PlanningProblem): Promise<string[]> =>
      (await computeFrontier(new PlanPools(problem), uncontrolled)).baselines
        .filter(({ family }) => family === 'offload')
        .map((point) => {
          const { peakBytes, stepTimeMs } = simulate(step, compileSchedule(step, point.directives));
          expect(point).toMatchObject({ peakBytes, stepTimeMs });
          return point.name;
        });
    expect(await offloading(problemOf(step, Infinity))).toEqual(
      expect.arrayContaining([expect.stringContaining('DELTA'), 'vDNN all']),
    );
    expect(await offloading(problemOf(step))).toEqual([]);
    const dear = await planDearBaselines(new PlanningContext(problemOf(step)), uncontrolled);
    expect(dear.some(({ baseline }) => baseline.family === 'offload')).toBe(false);
  });
});
