import loadHighs from 'highs';
import { afterAll, describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../planner-core/base/job';
import { PlanningContext } from '../../../planner-core/planners/context';
import { ModuleFamily } from '../../../planner-core/planners/exact/moduleFamily';
import { refine } from '../../../planner-core/planners/exact/refinement';
import type { PlanningProblem } from '../../../planner-core/planners/problem';
import { HighsEngine } from '../../../planner-core/solvers/highsEngine';
import { layeredProblem } from '../support/layeredStep';
import { randomProblem } from '../support/randomProblem';

const engine = new HighsEngine(() => loadHighs());
afterAll(() => engine.dispose());

/** Peak and time of every choice of modules none of which is inside another. */
function everyChoice(context: PlanningContext): { peakBytes: number; stepTimeMs: number }[] {
  const { layers } = context.problem.layers;
  const ids = layers.filter(({ checkpointable }) => checkpointable).map(({ id }) => id);
  const isInside = (id: number, other: number): boolean => {
    for (let above = layers[id].parent; above > 0; above = layers[above].parent)
      if (above === other) return true;
    return false;
  };
  return Array.from({ length: 2 ** ids.length }, (_, choice) => ids.filter((_id, i) => (choice >> i) & 1))
    .filter((chosen) => !chosen.some((id) => chosen.some((other) => isInside(id, other))))
    .map((chosen) => {
      const { peakBytes, stepTimeMs } = context.evaluate(context.regions.compile(chosen));
      return { peakBytes, stepTimeMs };
    });
}

/** Compares with every choice at budgets where something changes; tells how many of them were settled. */
async function expectExact(problem: PlanningProblem): Promise<{ settled: number; cases: number }> {
  const context = new PlanningContext(problem);
  const choices = everyChoice(context);
  const keepAll = choices[0];
  const peaks = [...new Set(choices.map(({ peakBytes }) => peakBytes))].sort((a, b) => a - b);
  let settled = 0;
  let cases = 0;
  for (const budget of [peaks[0] - 1, ...peaks.slice(0, 4)]) {
    if (budget >= keepAll.peakBytes) continue;
    const fitting = choices.filter(({ peakBytes }) => peakBytes <= budget);
    const least = Math.min(...fitting.map(({ stepTimeMs }) => stepTimeMs));
    const limits = { timeLimitS: 60, rounds: 40 };
    const found = await refine(
      new ModuleFamily(context, budget),
      undefined,
      engine,
      limits,
      uncontrolled,
      () => undefined,
    );
    cases++;
    expect(found.leastAddedMs).toBeLessThanOrEqual(least - keepAll.stepTimeMs + 1e-6);
    if (found.isInfeasible) expect(fitting).toEqual([]);
    if (found.plan) expect(found.plan.peakBytes).toBeLessThanOrEqual(budget);
    if (found.isOptimal) expect(found.plan!.stepTimeMs).toBeCloseTo(least, 6);
    settled += Number(found.isOptimal || found.isInfeasible);
  }
  return { settled, cases };
}

describe('refining choices of modules', () => {
  it('never proves more than trying every choice finds, and nearly always as much', async () => {
    let settled = 0;
    let cases = 0;
    for (let seed = 0; seed < 150; seed++) {
      const result = await expectExact(randomProblem(seed, { forwardNodes: 6 + (seed % 7), modules: 8 }));
      settled += result.settled;
      cases += result.cases;
    }
    expect(cases).toBeGreaterThan(150);
    expect(settled / cases).toBeGreaterThan(0.95);
  });

  it('settles all budgets of a stack of like blocks', async () => {
    expect(await expectExact(layeredProblem(3))).toEqual({ settled: 3, cases: 3 });
  });

  it('wraps what is pinned', async () => {
    const pins = [{ target: 'layers.1', kind: 'module', choice: 'recompute' } as const];
    const context = new PlanningContext(layeredProblem(3, pins));
    const budget = context.evaluate(context.pinnedRecomputations).peakBytes - 100;
    const found = await refine(
      new ModuleFamily(context, budget),
      undefined,
      engine,
      { timeLimitS: 60 },
      uncontrolled,
      () => undefined,
    );
    expect(found.isOptimal).toBe(true);
    const again = [...found.plan!.recomputations].filter((_, i) => i % 2 === 1);
    expect(again).toEqual(expect.arrayContaining([3, 4]));
  });
});
