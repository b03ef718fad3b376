import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../planner-core/base/job';
import { layerIndexOf } from '../../../../planner-core/plan/layerIndex';
import { PlanningContext } from '../../../../planner-core/planners/context';
import { leastAddedWithOffload } from '../../../../planner-core/planners/offload/offloadBound';
import { offloadPlans } from '../../../../planner-core/planners/offload/offloadPlans';
import { ParetoPlans } from '../../../../planner-core/planners/paretoPlans';
import { collectSchedulePlans } from '../../../../planner-core/planners/schedule/schedulePlans';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import { Op } from '../../../../planner-core/simulator/schedule';
import { simulate } from '../../../../planner-core/simulator/simulate';
import type { StepGraph } from '../../../../planner-core/step/stepGraph';
import { linkedStep } from './linkedStep';

const contextOf = (step: StepGraph, memoryBytes = Infinity): PlanningContext => {
  const root = { id: 0, name: '', parent: 0, children: [] };
  return new PlanningContext({
    step,
    layers: layerIndexOf([root], step),
    pins: [],
    offload: { memoryBytes },
  });
};

async function poolOf(context: PlanningContext, budgets: readonly number[]): Promise<ParetoPlans> {
  const seeds = new ParetoPlans();
  const keepAll = context.planned('keep all', new Int32Array(0), []);
  seeds.add({ ...keepAll, recomputations: keepAll.directives.recomputations });
  return collectSchedulePlans(context, budgets, seeds, uncontrolled);
}

describe('offloadPlans', () => {
  it('keeps budget and host limit, is never worse than recomputing alone, never better than the bound', async () => {
    let paged = 0;
    for (let seed = 0; seed < 80; seed++) {
      const step = linkedStep(seed);
      const most = contextOf(step).evaluate(new Int32Array(0)).peakBytes;
      const memoryBytes = seed % 3 === 0 ? 4096 * 30 : Infinity;
      const context = contextOf(step, memoryBytes);
      const keepAllMs = context.evaluate(new Int32Array(0)).stepTimeMs;
      for (const budget of [0.9, 0.75, 0.6].map((share) => Math.floor(share * most))) {
        const pool = await poolOf(context, [budget]);
        const plans = await offloadPlans(context, pool.all, budget, uncontrolled);
        const alone = pool.under(budget);
        const best = Math.min(...plans.map(({ stepTimeMs }) => stepTimeMs));
        if (alone) expect(best, `seed ${seed}`).toBeLessThanOrEqual(alone.stepTimeMs);
        const boundMs = keepAllMs + leastAddedWithOffload(step, context.problem.layers.recomputable, budget);
        for (const plan of plans) {
          const directives = context.directives(plan.recomputations, plan.paging);
          const { peakBytes, stepTimeMs, hostPeakBytes } = simulate(step, compileSchedule(step, directives));
          expect(peakBytes, `seed ${seed}`).toBeLessThanOrEqual(budget);
          expect(hostPeakBytes, `seed ${seed}`).toBeLessThanOrEqual(memoryBytes);
          expect(stepTimeMs).toBe(plan.stepTimeMs);
          expect(stepTimeMs, `seed ${seed}`).toBeGreaterThanOrEqual(boundMs - 1e-6 * keepAllMs);
          paged += Number((plan.paging?.offloads.length ?? 0) > 0);
        }
      }
    }
    expect(paged).toBeGreaterThan(50);
  });

  it('is never worse than recomputing alone over any link, at any budget', async () => {
    let faster = 0;
    for (let seed = 0; seed < 24; seed++) {
      const unitsPerMs = [1e-9, 0.01, 1, 100, 1e12][seed % 5];
      const step = linkedStep(seed, { unitsPerMs: [unitsPerMs, unitsPerMs], latencyMs: seed % 2 });
      const context = contextOf(step);
      const most = context.evaluate(new Int32Array(0)).peakBytes;
      const shares = Array.from({ length: 10 }, (_, i) => Math.floor((1 - 0.05 * i) * most));
      const pool = await poolOf(context, shares);
      for (const budget of shares) {
        const plans = await offloadPlans(context, pool.all, budget, uncontrolled);
        const best = Math.min(Infinity, ...plans.map(({ stepTimeMs }) => stepTimeMs));
        const alone = pool.under(budget)?.stepTimeMs ?? Infinity;
        expect(best, `seed ${seed}, ${budget}`).toBeLessThanOrEqual(alone);
        faster += Number(best < alone);
      }
    }
    expect(faster).toBeGreaterThan(10);
  });

  it('finds plans under budgets that recomputing alone cannot meet', async () => {
    let gained = 0;
    for (let seed = 0; seed < 60; seed++) {
      const step = linkedStep(seed);
      const context = contextOf(step);
      const least = (await poolOf(context, [0])).least!;
      const plans = await offloadPlans(context, [least], least.peakBytes - 1, uncontrolled);
      gained += Number(plans.length > 0);
    }
    expect(gained).toBeGreaterThan(5);
  });

  it('moves on each channel no more than it carries, and each value out before back', async () => {
    for (let seed = 0; seed < 40; seed++) {
      const step = linkedStep(seed);
      const context = contextOf(step);
      const budget = Math.floor(0.7 * context.evaluate(new Int32Array(0)).peakBytes);
      for (const plan of await offloadPlans(
        context,
        (await poolOf(context, [budget])).all,
        budget,
        uncontrolled,
      )) {
        const schedule = compileSchedule(step, context.directives(plan.recomputations, plan.paging));
        const { timing } = simulate(step, schedule);
        if (!timing) continue;
        const left = new Map<number, number>();
        for (const [channel, [from, to]] of [
          [0, -1],
          [-1, 0],
        ].entries()) {
          const bytesPerMs = step.linkBytesPerMs[channel + 1];
          expect(timing.channelBytes[channel] / bytesPerMs).toBeLessThanOrEqual(timing.makespanMs + 1e-9);
          for (let entry = 0; entry < schedule.length; entry++) {
            if (schedule.op[entry] !== Op.copy || schedule.from[entry] !== from || schedule.to[entry] !== to)
              continue;
            const value = schedule.subject[entry];
            if (channel === 0) left.set(value, timing.endMs[entry]);
            else if (!step.residentAtStart[value])
              expect(timing.startMs[entry]).toBeGreaterThanOrEqual(left.get(value)!);
          }
        }
      }
    }
  });
});
