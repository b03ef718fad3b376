import { expect, it } from 'vitest';
import { uncontrolled } from '../../../../planner-core/base/job';
import { layerIndexOf } from '../../../../planner-core/plan/layerIndex';
import { PlanningContext } from '../../../../planner-core/planners/context';
import { awayPositions } from '../../../../planner-core/planners/input-sizes/awayPositions';
import { directivesOfPaged } from '../../../../planner-core/planners/input-sizes/pagedCandidate';
import { withoutAway } from '../../../../planner-core/planners/input-sizes/sizedModel';
import { MemoryProfile } from '../../../../planner-core/planners/memoryProfile';
import { offloadPlans } from '../../../../planner-core/planners/offload/offloadPlans';
import { stateKinds } from '../../../../planner-core/planners/offload/gaps';
import { PlanPools } from '../../../../planner-core/planners/planPools';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import { simulate } from '../../../../planner-core/simulator/simulate';
import type { StepGraph } from '../../../../planner-core/step/stepGraph';
import { Random } from '../../support/random';
import { linkedStep, withLink } from '../offload/linkedStep';

const root = { id: 0, name: '', parent: 0, children: [] };

/** The same step with other times, over another link. */
function otherTimes(step: StepGraph, seed: number): StepGraph {
  const random = new Random(seed);
  const unitsPerMs = [0.01, 0.3, 2, 40, 1e9][seed % 5];
  const linked = withLink(step, seed, {
    unitsPerMs: [unitsPerMs, unitsPerMs * (1 + (seed % 3))],
    latencyMs: seed % 2,
    isShared: seed % 7 === 0,
  });
  return {
    ...linked,
    valueBytes: step.valueBytes,
    workspaceBytes: step.workspaceBytes,
    durationMs: step.durationMs.map(() => random.int(0, 9)),
  };
}

it('no link and no time of a computation leads to more memory than what is surely away leaves', async () => {
  let proven = 0;
  let simulated = 0;
  for (let seed = 0; seed < 80; seed++) {
    const step = linkedStep(seed);
    const problem = { step, layers: layerIndexOf([root], step), pins: [] };
    const pools = new PlanPools(problem);
    const bases = (await pools.of('schedule', uncontrolled)).all;
    const context = new PlanningContext({ ...problem, offload: { memoryBytes: Infinity, stateStays: true } });
    for (const share of [0.9, 0.75, 0.6]) {
      const budget = Math.floor(share * pools.keepAllPeakBytes);
      for (const { recomputations, paging } of await offloadPlans(context, bases, budget, uncontrolled)) {
        if (!paging) continue;
        for (const value of paging.offloads) expect(stateKinds).not.toContain(step.valueKind[value]);
        const { liveBytes, length } = new MemoryProfile(step).ofRecomputations(recomputations);
        const away = awayPositions(step, recomputations, paging);
        const live = withoutAway(liveBytes.slice(0, length), away, step.valueBytes);
        const most = live.reduce((highest, bytes) => Math.max(highest, bytes));
        proven += Number(most <= budget);
        for (let other = 0; other < 5; other++) {
          const timed = otherTimes(step, 5 * seed + other);
          const schedule = compileSchedule(timed, directivesOfPaged(recomputations, paging));
          expect(simulate(timed, schedule).peakBytes, `seed ${seed}, ${other}`).toBeLessThanOrEqual(most);
          simulated++;
        }
      }
    }
  }
  // Else the test would hold of plans that send nothing away, and of a bound that proves nothing.
  expect(simulated).toBeGreaterThan(400);
  expect(proven).toBeGreaterThan(simulated / 5 / 2);
});
