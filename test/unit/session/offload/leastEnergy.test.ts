import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../planner-core/base/job';
import { layerIndexOf } from '../../../../planner-core/plan/layerIndex';
import { PlanningContext } from '../../../../planner-core/planners/context';
import { offloadPlans } from '../../../../planner-core/planners/offload/offloadPlans';
import { ParetoPlans } from '../../../../planner-core/planners/paretoPlans';
import { collectSchedulePlans } from '../../../../planner-core/planners/schedule/schedulePlans';
import { stepEnergy } from '../../../../planner-core/session/offload/stepEnergy';
import { defaultWorkload } from '../../../../planner-core/step/workload';
import type { Simulation } from '../../../../planner-core/simulator/simulate';
import { everyPaging } from '../../planners/offload/exhaustivePaging';
import { withLink } from '../../planners/offload/linkedStep';
import { tinyTraining } from '../../planners/offload/tinyTraining';

describe('least energy', () => {
  it('is near that of all plans of tiny steps, over links that take nothing, something and much', async () => {
    const ratios: number[] = [];
    let frugal = 0;
    for (const seed of [1, 3]) {
      const step = withLink(tinyTraining(seed), seed, { unitsPerMs: [1, 1], latencyMs: 0.1 });
      const root = { id: 0, name: '', parent: 0, children: [] };
      const layers = layerIndexOf([root], step);
      const context = new PlanningContext({ step, layers, pins: [], offload: { memoryBytes: Infinity } });
      const keepAll = context.planned('keep all', new Int32Array(0), []);
      const every = [...everyPaging(step)];
      for (const joulesPerGB of [0, 500, 5000]) {
        const link = { name: '', outGBPerS: 1, inGBPerS: 1, latencyMs: 0.1, shared: false, joulesPerGB };
        const inputs = {
          devices: [{ id: 'd0', name: 'T4', memoryBytes: 1 }],
          offload: { to: 'host', link },
          workload: defaultWorkload,
        } as const;
        const joulesOf = ({ simulation }: { simulation: Simulation }): number =>
          stepEnergy(step, inputs, simulation)!.joules;
        for (const share of [0.95, 0.85, 0.75, 0.65]) {
          const budget = Math.floor(share * keepAll.peakBytes);
          const least = every
            .filter(({ peakBytes }) => peakBytes <= budget)
            .reduce((joules, plan) => Math.min(joules, joulesOf(plan)), Infinity);
          const seeds = new ParetoPlans();
          seeds.add({ ...keepAll, recomputations: keepAll.directives.recomputations });
          const pool = await collectSchedulePlans(context, [budget], seeds, uncontrolled);
          const plans = await offloadPlans(context, pool.all, budget, uncontrolled, { costOf: joulesOf });
          if (plans.length === 0 || least === Infinity) continue;
          const ours = Math.min(...plans.map(joulesOf));
          ratios.push(ours / least);
          const fastest = plans.reduce((best, plan) => (plan.stepTimeMs < best.stepTimeMs ? plan : best));
          frugal += Number(ours < joulesOf(fastest) * (1 - 1e-9));
        }
      }
    }
    expect(ratios.length).toBeGreaterThan(12);
    expect(Math.max(...ratios)).toBeLessThan(1.15);
    expect(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length).toBeLessThan(1.02);
    expect(frugal).toBeGreaterThan(0);
  });
});
