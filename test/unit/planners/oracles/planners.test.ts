import { describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../../planner-core/base/errors';
import { uncontrolled } from '../../../../planner-core/base/job';
import { layerIndexOf } from '../../../../planner-core/plan/layerIndex';
import { strategies, type Decision } from '../../../../planner-core/plan/plan';
import { KnapsackBound } from '../../../../planner-core/planners/bounds/knapsackBound';
import { PlanningContext } from '../../../../planner-core/planners/context';
import { planAtBudget } from '../../../../planner-core/planners/planAtBudget';
import { planners } from '../../../../planner-core/planners/planners';
import type { PlannedDirectives, Planner, PlanningProblem } from '../../../../planner-core/planners/problem';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import { keepEverything } from '../../../../planner-core/simulator/schedule';
import { simulate } from '../../../../planner-core/simulator/simulate';
import type { StepGraph } from '../../../../planner-core/step/stepGraph';
import { nestedModules, randomProblem } from '../../support/randomProblem';
import { exhaustiveLeastPeak, exhaustiveLeastTime } from './exhaustive';
import { smallShapes, smallStep } from './smallSteps';

const keepAllOf = (step: StepGraph) => simulate(step, compileSchedule(step, keepEverything));
const problemOf = (step: StepGraph): PlanningProblem => ({
  step,
  layers: layerIndexOf(nestedModules(2), step),
  pins: [],
});

/** undefined for a rule that says it has no plan for this step. */
async function planUnlessDeclined(
  planner: Planner,
  problem: PlanningProblem,
  budget: number,
): Promise<PlannedDirectives | undefined> {
  try {
    return await planner.plan(problem, budget, uncontrolled);
  } catch (error) {
    if (error instanceof HeadroomError && error.code === 'infeasible') return undefined;
    throw error;
  }
}

/** Random steps of at most 9 nodes in modules, with pins on some of them. */
function* pinnedProblems(count: number): Generator<PlanningProblem> {
  for (let seed = 0; seed < count; seed++) {
    const problem = randomProblem(seed, { forwardNodes: 4, modules: 2 });
    if (problem.step.nodeCount > 10) continue;
    const choice = seed % 2 === 0 ? 'keep' : 'recompute';
    const isModule = seed % 3 === 0;
    const target = isModule ? 'm1' : problem.step.nodeName[seed % 4];
    const pins: Decision[] = [{ target, kind: isModule ? 'module' : 'operator', choice, pinned: true }];
    yield { ...problem, pins };
  }
}

/** Rules that send values away: `baselines/offloadRules.test.ts` is about them. */
const sendsAway = (name: string): boolean => /^(DELTA|vDNN)/.test(name);

describe('the planners against exhaustive search', () => {
  it.each(planners.map(({ name }) => name).filter(sendsAway))(
    'are refused where nothing may leave: %s',
    async (name) => {
      const planner = planners.find((candidate) => candidate.name === name)!;
      const step = smallShapes.flatMap((shape) => smallStep(shape, 1) ?? [])[0];
      const plan = planner.plan(problemOf(step), keepAllOf(step).peakBytes, uncontrolled);
      await expect(plan).rejects.toMatchObject({ code: 'bad-usage' });
    },
  );

  it.each(planners.map(({ name }) => name).filter((name) => !sendsAway(name)))(
    'never claim what is impossible: %s',
    async (name) => {
      const planner = planners.find((candidate) => candidate.name === name)!;
      for (const shape of smallShapes) {
        for (let seed = 0; seed < 30; seed++) {
          const step = smallStep(shape, seed);
          if (!step) continue;
          const keepAll = keepAllOf(step);
          const budget = Math.floor(0.8 * keepAll.peakBytes);
          const plan = await planUnlessDeclined(planner, problemOf(step), budget);
          if (!plan) continue;
          const replay = simulate(step, compileSchedule(step, plan.directives));
          expect(plan.peakBytes, `${shape} ${seed}`).toBe(replay.peakBytes);
          const leastMs = exhaustiveLeastTime(step, replay.peakBytes);
          expect(leastMs, `${shape} ${seed}`).toBeDefined();
          expect(replay.stepTimeMs + 1e-9).toBeGreaterThanOrEqual(leastMs!);
        }
      }
    },
  );

  it('say that nothing fits only when nothing does, and find most optima', async () => {
    let found = 0;
    let optimal = 0;
    let feasible = 0;
    for (const shape of smallShapes) {
      for (let seed = 0; seed < 60; seed++) {
        const step = smallStep(shape, seed);
        if (!step) continue;
        const leastPeak = exhaustiveLeastPeak(step);
        const keepAll = keepAllOf(step);
        for (const share of [-0.2, 0, 0.5]) {
          const budget = Math.floor(leastPeak + share * (keepAll.peakBytes - leastPeak + 1));
          const plan = await planAtBudget(problemOf(step), budget, 'schedule', undefined, uncontrolled);
          const leastMs = exhaustiveLeastTime(step, budget);
          if (plan.infeasible?.message.startsWith('No plan fits')) expect(leastMs).toBeUndefined();
          if (leastMs === undefined) expect(plan.infeasible, `${shape} ${seed}`).toBeDefined();
          if (leastMs === undefined) continue;
          feasible++;
          found += Number(!plan.infeasible);
          optimal += Number(!plan.infeasible && plan.stepTimeMs <= leastMs + 1e-9);
        }
      }
    }
    expect(found / feasible).toBeGreaterThan(0.9);
    expect(optimal / feasible).toBeGreaterThan(0.85);
  });

  it.each(strategies)('respect pins and are no faster than the best with them: %s', async (strategy) => {
    let checked = 0;
    let number = 0;
    for (const problem of pinnedProblems(200)) {
      const { step, pins } = problem;
      const context = new PlanningContext(problem);
      const mayRepeat = context.fixed.map((flag) => Number(!flag));
      const keepAll = keepAllOf(step);
      const budget = Math.floor((0.85 + 0.05 * (number++ % 4)) * keepAll.peakBytes);
      const plan = await planAtBudget(problem, budget, strategy, undefined, uncontrolled);
      const again = new Set(plan.directives.recomputations.filter((_, i) => i % 2 === 1));
      for (const node of again) expect(mayRepeat[node], step.nodeName[node]).toBe(1);
      // What is pinned to run again does, unless backward needs nothing that it makes.
      const asked = new Set(context.pinnedRecomputations.filter((_, i) => i % 2 === 1));
      for (const node of asked) expect(again.has(node), `${plan.planner} ${step.nodeName[node]}`).toBe(true);
      expect(plan.decisions).toContainEqual(pins[0]);
      const leastMs = exhaustiveLeastTime(step, budget, mayRepeat);
      if (plan.infeasible) {
        if (/No plan (with these pins )?fits/.test(plan.infeasible.message)) expect(leastMs).toBeUndefined();
        continue;
      }
      checked++;
      const bound = new KnapsackBound(step, mayRepeat).leastAddedMs(budget);
      expect(plan.stepTimeMs - keepAll.stepTimeMs + 1e-9).toBeGreaterThanOrEqual(bound);
      expect(plan.stepTimeMs + 1e-9).toBeGreaterThanOrEqual(leastMs!);
    }
    expect(checked).toBeGreaterThan(25);
  });
});
