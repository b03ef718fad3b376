import { describe, expect, it } from 'vitest';
import { fitReturns } from '../../../../planner-core/planners/instances/fitReturns';
import { improveReturns, returnsJ } from '../../../../planner-core/planners/instances/improveReturns';
import { pagingActions, type Returns } from '../../../../planner-core/planners/instances/pagingPlan';
import { pagingProblem, type PagingProblem } from '../../../../planner-core/planners/instances/pagingProblem';
import { fits, joulesOf, replayPaging } from '../../../../planner-core/planners/instances/replayPaging';
import { searchReturns } from '../../../../planner-core/planners/instances/searchReturns';
import { readGraphInstance } from '../../../../planner-core/step/graphInstance';
import { fileOf, leastMemory, tinyBranches, tinyTraining } from './tinyPaging';

const never = (): boolean => false;
const weigh = (problem: PagingProblem, returns: Returns) =>
  replayPaging(problem, pagingActions(problem, returns));

/** Problems of dozens of computations, with budgets from the least memory on and with much, little and no time to spare. */
function* problems(): Generator<{ where: string; problem: PagingProblem }> {
  for (let seed = 0; seed < 12; seed++) {
    const tiny = seed % 2 === 0 ? tinyTraining(seed, 12) : tinyBranches(seed, 24);
    for (const more of [0, 4, 12]) {
      for (const ratio of [1, 1.2, 10]) {
        const budget = leastMemory(tiny) + more;
        const instance = readGraphInstance(fileOf(tiny));
        yield {
          where: `seed ${seed}, ${budget}, ${ratio}`,
          problem: pagingProblem(instance, 'd', budget, ratio),
        };
      }
    }
  }
}

describe('searching what comes back', () => {
  it('fits memory and time wherever the largest computation does, and gets no dearer with each part of it', () => {
    let improved = 0;
    let searched = 0;
    for (const { where, problem } of problems()) {
      const onceJ = problem.energy.reduce((sum, { computeJ }) => sum + computeJ, 0);
      const nothing: Returns = problem.bytes.map(() => []);
      const fitted = fitReturns(problem, nothing);
      const better = improveReturns(problem, fitted);
      const best = searchReturns(problem, better, 0, 20, never);
      for (const returns of [fitted, better, best]) {
        const cost = weigh(problem, returns);
        expect(fits(problem, cost), where).toBe(true);
        expect(joulesOf(cost), where).toBeCloseTo(onceJ + returnsJ(problem, returns), 6);
      }
      expect(returnsJ(problem, better), where).toBeLessThanOrEqual(returnsJ(problem, fitted));
      expect(returnsJ(problem, best), where).toBeLessThanOrEqual(returnsJ(problem, better));
      improved += Number(returnsJ(problem, better) < returnsJ(problem, fitted));
      searched += Number(returnsJ(problem, best) < returnsJ(problem, better));
    }
    expect(improved).toBeGreaterThan(10);
    expect(searched).toBeGreaterThan(10);
  });

  it('finds the same plan every time, and stops at one that is known to be the best', () => {
    const instance = readGraphInstance(fileOf(tinyTraining(3, 12)));
    const problem = pagingProblem(instance, 'd', leastMemory(tinyTraining(3, 12)) + 2, 10);
    const start = fitReturns(
      problem,
      problem.bytes.map(() => []),
    );
    const found = searchReturns(problem, start, 0, 30, never);
    expect(searchReturns(problem, start, 0, 30, never)).toEqual(found);
    expect(searchReturns(problem, start, returnsJ(problem, start), 30, never)).toBe(start);
  });

  it('can do whatever comes back where, and frees all of it', () => {
    for (const { where, problem } of problems()) {
      const returns: Returns = problem.inputs.map((reads, node) => [
        ...(node % 3 === 0 ? reads.map((read) => ['compute', read] as const) : []),
        ...(node % 4 === 1 ? reads.map((read) => ['in', read] as const) : []),
      ]);
      const actions = pagingActions(problem, returns);
      const cost = replayPaging(problem, actions);
      expect(cost.peakBytes, where).toBeGreaterThan(0);
      const left = new Set<number>();
      for (const [op, node] of actions) {
        if (op === 'free') left.delete(node);
        else left.add(node);
      }
      expect([...left], where).toEqual([]);
    }
  });
});
