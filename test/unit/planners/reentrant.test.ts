import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../planner-core/base/job';
import { strategies } from '../../../planner-core/plan/plan';
import { computeFrontier } from '../../../planner-core/planners/computeFrontier';
import { PlanningContext } from '../../../planner-core/planners/context';
import { planAtBudget } from '../../../planner-core/planners/planAtBudget';
import { PlanPools } from '../../../planner-core/planners/planPools';
import type { PlanningProblem } from '../../../planner-core/planners/problem';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import type { Directives } from '../../../planner-core/simulator/schedule';
import { layeredProblem } from '../support/layeredStep';
import { randomProblem } from '../support/randomProblem';

const reentrant = (problem: PlanningProblem): PlanningProblem => ({
  ...problem,
  step: { ...problem.step, reentrant: true },
});
const run = ({ step }: PlanningProblem, directives: Directives) =>
  simulate(step, compileSchedule(step, directives));

describe('planning under the reentrant checkpoint', () => {
  it.each(strategies)('tells the simulator’s numbers: %s', async (strategy) => {
    let repeated = 0;
    const problems = [
      reentrant(layeredProblem(6)),
      ...[1, 2, 3, 4, 5, 6].map((seed) => reentrant(randomProblem(seed, { forwardNodes: 10, modules: 3 }))),
    ];
    for (const [index, problem] of problems.entries()) {
      const keepAllBytes = new PlanningContext(problem).evaluate(new Int32Array(0)).peakBytes;
      for (const ratio of [0.9, 0.7, 0.5]) {
        const budget = Math.floor(ratio * keepAllBytes);
        const plan = await planAtBudget(problem, budget, strategy, undefined, uncontrolled);
        const { peakBytes, stepTimeMs } = run(problem, plan.directives);
        expect([plan.peakBytes, plan.stepTimeMs], `problem ${index} at ${ratio}`).toEqual([
          peakBytes,
          stepTimeMs,
        ]);
        if (!plan.infeasible) expect(peakBytes).toBeLessThanOrEqual(budget);
        repeated += plan.directives.recomputations.length;
      }
    }
    expect(repeated).toBeGreaterThan(0);
  });

  it('draws frontiers of the simulator’s numbers', async () => {
    const problem = reentrant(layeredProblem(6));
    const { strategies: curves } = await computeFrontier(new PlanPools(problem), uncontrolled);
    for (const { directives, peakBytes } of strategies.flatMap((strategy) => curves[strategy]))
      expect(run(problem, directives).peakBytes).toBe(peakBytes);
    expect(curves['module-checkpoint'].length).toBeGreaterThan(2);
  });
});
