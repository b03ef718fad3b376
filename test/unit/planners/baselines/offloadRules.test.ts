import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../planner-core/base/job';
import { layerIndexOf } from '../../../../planner-core/plan/layerIndex';
import { planDearBaselines } from '../../../../planner-core/planners/baselines/baselines';
import { deltaPlan } from '../../../../planner-core/planners/baselines/delta';
import { layerOffload } from '../../../../planner-core/planners/baselines/layerOffload';
import { PlanningContext } from '../../../../planner-core/planners/context';
import { computeFrontier } from '../../../../planner-core/planners/computeFrontier';
import { pointAtBudget } from '../../../../planner-core/planners/frontier';
import { findPlanner } from '../../../../planner-core/planners/planners';
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
  it('can be asked for where values may leave, and say so where they may not', async () => {
    const step = plainStep(3);
    const budget = 0.9 * contextOf(step).evaluate(new Int32Array(0)).peakBytes;
    for (const name of ['DELTA', 'vDNN all']) {
      const planner = findPlanner('schedule', name);
      const { peakBytes, directives } = await planner.plan(problemOf(step, Infinity), budget, uncontrolled);
      expect(simulate(step, compileSchedule(step, directives))).toMatchObject({ peakBytes });
      await expect(planner.plan(problemOf(step), budget, uncontrolled)).rejects.toMatchObject({
        code: 'bad-usage',
        message: expect.stringContaining(name) as string,
      });
    }
  });

  it('are never faster than the curve of schedules', async () => {
    for (let seed = 0; seed < 6; seed++) {
      const problem = problemOf(plainStep(seed), Infinity);
      const { strategies, baselines } = await computeFrontier(new PlanPools(problem), uncontrolled);
      for (const { name, family, peakBytes, stepTimeMs } of baselines) {
        if (family !== 'offload') continue;
        const point = pointAtBudget(strategies.schedule, peakBytes)!;
        expect(point.stepTimeMs, `seed ${seed}, ${name}`).toBeLessThanOrEqual(stepTimeMs);
      }
    }
  });

  it('are drawn where values may leave, with what the simulator says of them, and nowhere else', async () => {
    const drawn = new Set<string>();
    for (let seed = 0; seed < 6; seed++) {
      const step = plainStep(seed);
      const { baselines } = await computeFrontier(new PlanPools(problemOf(step, Infinity)), uncontrolled);
      for (const point of baselines.filter(({ family }) => family === 'offload')) {
        const { peakBytes, stepTimeMs } = simulate(step, compileSchedule(step, point.directives));
        expect(point).toMatchObject({ peakBytes, stepTimeMs });
        drawn.add(point.name.split(' ')[0]);
      }
      const dear = await planDearBaselines(new PlanningContext(problemOf(step)), uncontrolled);
      expect(dear.some(({ baseline }) => baseline.family === 'offload')).toBe(false);
    }
    expect([...drawn].sort()).toEqual(['DELTA', 'vDNN']);
  });
});
