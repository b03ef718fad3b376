import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../planner-core/base/job';
import { ownStrategy } from '../../../../planner-core/planners/baselines/baseline';
import {
  baselines,
  planBaselines,
  planDearBaselines,
  withoutBeaten,
  type PlannedBaseline,
} from '../../../../planner-core/planners/baselines/baselines';
import { fixedCheckpoints } from '../../../../planner-core/planners/baselines/fixedCheckpoints';
import { KnapsackBound } from '../../../../planner-core/planners/bounds/knapsackBound';
import { PlanningContext, provenFloor } from '../../../../planner-core/planners/context';
import { findPlanner, planners } from '../../../../planner-core/planners/planners';
import type { PlanningProblem } from '../../../../planner-core/planners/problem';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import { simulate } from '../../../../planner-core/simulator/simulate';
import { layeredProblem } from '../../support/layeredStep';
import { randomProblem } from '../../support/randomProblem';

/** By peak, what no plan within it can go below. */
function leastAdded(
  { step, layers }: PlanningProblem,
  planned: readonly PlannedBaseline[],
): Map<number, number> {
  const peaks = [...new Set(planned.map(({ plan }) => plan.peakBytes))].sort((a, b) => a - b);
  const least = new KnapsackBound(step, layers.recomputable).leastAddedOver(peaks);
  return new Map(peaks.map((peak, i) => [peak, least[i]]));
}

describe('baselines', () => {
  it('are what the simulator says, and beat no bound', async () => {
    let planned = 0;
    for (let seed = 0; seed < 6; seed++) {
      const problem = randomProblem(seed, { forwardNodes: 14 });
      const context = new PlanningContext(problem);
      const { step } = problem;
      const floor = provenFloor(context).bytes;
      const keepAllMs = context.evaluate(new Int32Array(0)).stepTimeMs;
      const all = [...planBaselines(context), ...(await planDearBaselines(context, uncontrolled))];
      const leastAddedMs = leastAdded(problem, all);
      for (const { baseline, plan } of all) {
        const what = `${baseline.name}, seed ${seed}`;
        const simulation = simulate(step, compileSchedule(step, plan.directives));
        expect(plan.peakBytes, what).toBe(simulation.peakBytes);
        expect(plan.stepTimeMs, what).toBeCloseTo(simulation.stepTimeMs, 6);
        expect(plan.peakBytes, what).toBeGreaterThanOrEqual(floor);
        expect(plan.stepTimeMs - keepAllMs + 1e-9, what).toBeGreaterThanOrEqual(
          leastAddedMs.get(plan.peakBytes)!,
        );
        planned++;
      }
    }
    expect(planned).toBeGreaterThan(100);
  });

  it('have names of their own, by which each can be asked for, and say where they come from', () => {
    expect(new Set(baselines.map(({ name }) => name)).size).toBe(baselines.length);
    for (const rule of baselines) {
      expect(planners.map(({ name }) => name)).toContain(rule.name);
      expect(rule.description.length).toBeGreaterThan(20);
      expect(findPlanner('module-checkpoint', rule.name).strategy).toBe(
        rule.strategies.includes('module-checkpoint') ? 'module-checkpoint' : ownStrategy(rule),
      );
    }
    expect(findPlanner('selective', 'every block').strategy).toBe('selective');
  });

  it('of a sweep are drawn only where nothing in it is better', () => {
    const context = new PlanningContext(layeredProblem(9));
    const drawn = planBaselines(context);
    const sweep = drawn.filter(({ baseline }) => baseline.sweep === 'Chen greedy');
    expect(sweep.length).toBeGreaterThan(0);
    for (const { plan } of sweep)
      for (const other of sweep)
        if (other.plan !== plan)
          expect(other.plan.peakBytes < plan.peakBytes && other.plan.stepTimeMs < plan.stepTimeMs).toBe(
            false,
          );
    expect(withoutBeaten([drawn[1], drawn[1]])).toHaveLength(2);
  });

  it('can be cancelled', async () => {
    const context = new PlanningContext(layeredProblem(4));
    let checkpoints = 0;
    const job = {
      ...uncontrolled,
      checkpoint: () => (++checkpoints > 2 ? Promise.reject(new Error('cancelled')) : Promise.resolve()),
    };
    await expect(planDearBaselines(context, job)).rejects.toThrow('cancelled');
  });
});

describe('fixedCheckpoints', () => {
  /** Blocks of linear, norm, act; backward of linear and norm reads the input, of act the output. */
  const context = new PlanningContext(layeredProblem(4));
  const again = (checkpoints: readonly number[]): string[] => {
    const pairs = fixedCheckpoints(context, checkpoints)!;
    return [...pairs].flatMap((node, i) =>
      i % 2 === 1 ? [`${context.step.nodeName[node]} before ${context.step.nodeName[pairs[i - 1]]}`] : [],
    );
  };

  it('run each segment again at its first backward node', () => {
    // Kept: the results of blocks 1 and 3, each the last of its half.
    const first = '/layers.3/norm backward';
    const second = '/layers.1/norm backward';
    expect(again([5, 11])).toEqual([
      ...['2/linear', '2/norm', '2/act', '3/linear', '3/norm'].map(
        (name) => `/layers.${name} before ${first}`,
      ),
      ...['0/linear', '0/norm', '0/act', '1/linear', '1/norm'].map(
        (name) => `/layers.${name} before ${second}`,
      ),
    ]);
  });

  it('run nothing again when everything is kept, nor when there is but one segment', () => {
    expect(again(Array.from({ length: 12 }, (_, node) => node))).toEqual([]);
    expect(again([])).toEqual([]);
    // All but the last result are made again.
    expect(again([11])).toHaveLength(11);
  });

  it('keep what is pinned to be kept', () => {
    const pinned = new PlanningContext(
      layeredProblem(4, [{ target: 'layers.0', kind: 'module', choice: 'keep', pinned: true }]),
    );
    const pairs = fixedCheckpoints(pinned, [11])!;
    const names = [...pairs].filter((_, i) => i % 2 === 1).map((node) => pinned.step.nodeName[node]);
    expect(names.some((name) => name.startsWith('/layers.0'))).toBe(false);
    expect(names).toContain('/layers.1/linear');
  });
});
