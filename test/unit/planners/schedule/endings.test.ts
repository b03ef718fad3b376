import { describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../../planner-core/base/errors';
import { uncontrolled, type Job } from '../../../../planner-core/base/job';
import { strategies } from '../../../../planner-core/plan/plan';
import { PlanningContext } from '../../../../planner-core/planners/context';
import { ParetoPlans } from '../../../../planner-core/planners/paretoPlans';
import { PlanPools } from '../../../../planner-core/planners/planPools';
import { computeFrontier } from '../../../../planner-core/planners/computeFrontier';
import { planAtBudget } from '../../../../planner-core/planners/planAtBudget';
import { descendGradually } from '../../../../planner-core/planners/schedule/descendGradually';
import { dropNeedlessRepeats } from '../../../../planner-core/planners/schedule/dropNeedlessRepeats';
import { insertionGreedy } from '../../../../planner-core/planners/schedule/insertionGreedy';
import { InsertionState } from '../../../../planner-core/planners/schedule/insertionState';
import { reduceExcess } from '../../../../planner-core/planners/schedule/reduceExcess';
import { collectSchedulePlans } from '../../../../planner-core/planners/schedule/schedulePlans';
import { randomProblem } from '../../support/randomProblem';
import { layeredProblem } from '../../support/layeredStep';

const none = new Int32Array(0);

/** A job that is cancelled at its checkpoint number `count`. */
function cancelledAfter(count: number): Job {
  let seen = 0;
  return {
    progress: () => undefined,
    checkpoint: () =>
      ++seen < count ? Promise.resolve() : Promise.reject(new HeadroomError('cancelled', 'Cancelled.')),
  };
}

describe('a search that is cancelled', () => {
  it.each(strategies)('leaves nothing behind that changes the next answer: %s', async (strategy) => {
    const problem = layeredProblem(6);
    const plan = (job: Job) => planAtBudget(problem, 900, strategy, undefined, job);
    const undisturbed = await plan(uncontrolled);
    let cancelled = 0;
    for (const count of [1, 2, 3, 5, 8, 13, 21, 50, 120]) {
      try {
        expect(await plan(cancelledAfter(count))).toEqual(undisturbed);
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'cancelled' });
        cancelled++;
      }
    }
    expect(cancelled).toBeGreaterThan(3);
    expect(await plan(uncontrolled)).toEqual(undisturbed);
  });

  it('leaves the pools of a frontier as they were', async () => {
    const undisturbed = await computeFrontier(new PlanPools(layeredProblem(4)), uncontrolled);
    for (const count of [1, 4, 20, 60]) {
      const pools = new PlanPools(layeredProblem(4));
      await expect(computeFrontier(pools, cancelledAfter(count))).rejects.toMatchObject({
        code: 'cancelled',
      });
      expect(await computeFrontier(pools, uncontrolled)).toEqual(undisturbed);
    }
  });
});

describe('collectSchedulePlans', () => {
  it('ends when it is told to, with or without a plan, and what it has then is sound', async () => {
    let without = 0;
    let withPlan = 0;
    for (let seed = 0; seed < 20; seed++) {
      const problem = randomProblem(seed, { forwardNodes: 10 });
      const context = new PlanningContext(problem);
      const budget = Math.floor(0.85 * context.evaluate(none).peakBytes);
      for (const questions of [1, 3, 10, 40]) {
        let asked = 0;
        const isOver = (): boolean => ++asked >= questions;
        const pool = await collectSchedulePlans(context, [budget], new ParetoPlans(), uncontrolled, {
          isOver,
        });
        expect(asked).toBeLessThanOrEqual(questions);
        for (const { recomputations, peakBytes } of pool.all)
          expect(context.evaluate(recomputations).peakBytes, `seed ${seed}`).toBe(peakBytes);
        if (pool.under(budget)) withPlan++;
        else without++;
      }
    }
    expect(without).toBeGreaterThan(10);
    expect(withPlan).toBeGreaterThan(10);
  });
});

const excess = ({ liveBytes, length }: InsertionState, budget: number): number =>
  liveBytes.slice(0, length).reduce((sum, bytes) => sum + Math.max(0, bytes - budget), 0);

describe('reduceExcess', () => {
  it('brings a stalled state to the budget when it says so, and never further over it', async () => {
    let stalled = 0;
    let repaired = 0;
    for (let seed = 0; seed < 150; seed++) {
      const problem = randomProblem(seed, { forwardNodes: 12 });
      const { step } = problem;
      const { fixed } = new PlanningContext(problem);
      const state = new InsertionState(step, none, none);
      const budget = Math.floor(0.75 * state.peakBytes);
      if ((await insertionGreedy(state, fixed, [budget], uncontrolled, () => undefined)) === undefined)
        continue;
      stalled++;
      const before = excess(state, budget);
      const limit = { idleRounds: 20, isOver: () => false };
      const fits = await reduceExcess(state, fixed, budget, limit, uncontrolled);
      expect(fits, `seed ${seed}`).toBe(state.peakBytes <= budget);
      expect(excess(state, budget)).toBeLessThanOrEqual(before);
      const anew = new InsertionState(step, state.recomputations(), none);
      expect(anew.peakBytes).toBe(state.peakBytes);
      repaired += Number(fits);
    }
    expect(stalled).toBeGreaterThan(20);
    expect(repaired).toBeLessThan(stalled);
  });
});

describe('descendGradually', () => {
  it('gives plans within the budget, keeps what is fixed, and always the same', async () => {
    let found = 0;
    for (let seed = 0; seed < 25; seed++) {
      const context = new PlanningContext(randomProblem(seed, { forwardNodes: 10 }));
      const budget = Math.floor(0.8 * context.evaluate(none).peakBytes);
      const plan = await descendGradually(context, budget, uncontrolled);
      if (!plan) continue;
      found++;
      expect(context.evaluate(plan).peakBytes, `seed ${seed}`).toBeLessThanOrEqual(budget);
      for (let i = 1; i < plan.length; i += 2) expect(context.fixed[plan[i]]).toBe(0);
      expect(await descendGradually(context, budget, uncontrolled)).toEqual(plan);
    }
    expect(found).toBeGreaterThan(5);
  });
});

describe('dropNeedlessRepeats', () => {
  it('leaves a state that fits, wherever it is cancelled', async () => {
    const { step } = layeredProblem(60);
    const all = Array.from({ length: 150 }, (_, node) => [step.nodeCount - 1, node]).flat();
    const state = new InsertionState(step, Int32Array.from(all), none);
    const budget = state.peakBytes;
    const before = state.repeats().length;
    await expect(dropNeedlessRepeats(state, budget, cancelledAfter(2))).rejects.toThrow();
    expect(state.peakBytes).toBeLessThanOrEqual(budget);
    expect(state.repeats().length).toBeGreaterThan(0);
    expect(state.repeats().length).toBeLessThan(before);
  });
});
