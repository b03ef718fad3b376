import { describe, expect, it } from 'vitest';
import { uncontrolled, type Job } from '../../../planner-core/base/job';
import { strategies } from '../../../planner-core/plan/plan';
import { computeFrontier } from '../../../planner-core/planners/computeFrontier';
import type { Frontier } from '../../../planner-core/planners/frontier';
import { planAtBudget } from '../../../planner-core/planners/planAtBudget';
import { PlanPools } from '../../../planner-core/planners/planPools';
import { layeredProblem } from '../support/layeredStep';

describe('a frontier that is watched', () => {
  const shown = strategies.filter((strategy) => strategy !== 'schedule');
  const plansOf = (points: Frontier['strategies']['selective']) =>
    points.map(({ peakBytes, stepTimeMs, directives }) => ({ peakBytes, stepTimeMs, directives }));

  for (const first of strategies) {
    it(`shows ${first} first, and nothing that it takes back`, async () => {
      const parts: Frontier[] = [];
      const watch = { first, part: (soFar: Frontier) => parts.push(soFar) };
      const frontier = await computeFrontier(new PlanPools(layeredProblem(9)), uncontrolled, [], watch);
      expect(parts).toHaveLength(strategies.length);
      parts.forEach((part, at) => {
        const there = strategies.filter((strategy) => part.strategies[strategy].length > 0);
        expect(there).toHaveLength(at + 1);
        expect(there).toContain(first);
        for (const strategy of there)
          expect(plansOf(part.strategies[strategy])).toEqual(plansOf(frontier.strategies[strategy]));
        for (const rule of part.baselines)
          expect(frontier.baselines.map(({ name }) => name)).toContain(rule.name);
        expect(part.floorBytes).toBe(frontier.floorBytes);
      });
      // Nothing is said to be proven before it is.
      for (const strategy of shown)
        for (const point of parts[0].strategies[strategy]) expect(point.lowerBoundPercent).toBe(0);
    });
  }

  it('ends as one that is not', async () => {
    const problem = layeredProblem(9);
    const watch = { first: 'schedule', part: () => undefined } as const;
    expect(await computeFrontier(new PlanPools(problem), uncontrolled, [], watch)).toEqual(
      await computeFrontier(new PlanPools(problem), uncontrolled),
    );
  });
});

describe('the plans of a long chain', () => {
  const problem = layeredProblem(170);

  it('are the same for one budget as for all, and are not looked for twice', async () => {
    const pools = new PlanPools(problem);
    expect(pools.serveEachBudget).toBe(true);
    for (const strategy of strategies) {
      const known = await pools.knownOf(strategy, uncontrolled);
      const budget = Math.round(0.6 * pools.keepAllPeakBytes);
      const planned = async (known?: Parameters<typeof planAtBudget>[5]) => {
        let steps = 0;
        const job: Job = { checkpoint: async () => void steps++, progress: () => undefined };
        return { plan: await planAtBudget(problem, budget, strategy, undefined, job, known), steps };
      };
      const afresh = await planned();
      const fromKnown = await planned(known);
      expect(fromKnown.plan).toEqual(afresh.plan);
      // A schedule is searched around in both cases.
      expect(fromKnown.steps).toBeLessThan(strategy === 'schedule' ? afresh.steps : 2);
    }
  });

  it('of a short one may be better for one budget', () => {
    expect(new PlanPools(layeredProblem(9)).serveEachBudget).toBe(false);
  });
});
