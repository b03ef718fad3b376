import { describe, expect, it } from 'vitest';
import { ControlledJob, uncontrolled } from '../../../../planner-core/base/job';
import { strategies, type Decision, type Strategy } from '../../../../planner-core/plan/plan';
import { ChainPlanner } from '../../../../planner-core/planners/chain/chainPlanner';
import { PlanningContext } from '../../../../planner-core/planners/context';
import { MemoryProfile } from '../../../../planner-core/planners/memoryProfile';
import { ParetoPlans } from '../../../../planner-core/planners/paretoPlans';
import type { PlanningProblem } from '../../../../planner-core/planners/problem';
import { ModuleSpace } from '../../../../planner-core/planners/selection/moduleSpace';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import { simulate } from '../../../../planner-core/simulator/simulate';
import { layeredProblem } from '../../support/layeredStep';
import { randomProblem } from '../../support/randomProblem';

async function plansOf(problem: PlanningProblem, strategy: Strategy): Promise<ParetoPlans> {
  const pool = new ParetoPlans();
  await new ChainPlanner(new PlanningContext(problem)).collect(strategy, pool, uncontrolled);
  return pool;
}

const keys = (problem: PlanningProblem): string[] =>
  new ChainPlanner(new PlanningContext(problem)).blocks.map(({ key }) => key);

/** The layered problem with one activation of a block of another size. */
function withOddBlock(blocks: number, odd: number): PlanningProblem {
  const problem = layeredProblem(blocks);
  const valueBytes = problem.step.valueBytes.slice();
  valueBytes[problem.step.valueName.indexOf(`layers.${odd}.norm/out`)] += 1;
  return { ...problem, step: { ...problem.step, valueBytes } };
}

describe('blocks', () => {
  it('are alike when they cost the same, wherever they are', () => {
    // The first one reads the input of the model, which is there before the step.
    expect(new Set(keys(layeredProblem(6)).slice(1)).size).toBe(1);
  });

  it('are classes of their own where a byte, a time or a pin differs', () => {
    const all = keys(withOddBlock(6, 3));
    expect(all[3]).not.toBe(all[2]);
    expect(all[5]).toBe(all[2]);
    const pin: Decision = { target: '/layers.2/act', kind: 'operator', choice: 'keep', pinned: true };
    const pinned = keys(layeredProblem(6, [pin]));
    expect(pinned[2]).not.toBe(pinned[3]);
    expect(pinned[4]).toBe(pinned[3]);
    const problem = layeredProblem(6);
    const durationMs = problem.step.durationMs.slice();
    durationMs[problem.step.nodeName.indexOf('/layers.4/act backward')] += 0.5;
    const slower = keys({ ...problem, step: { ...problem.step, durationMs } });
    expect(slower[4]).not.toBe(slower[3]);
  });

  it('cost what they cost in the whole step, up to a constant', () => {
    for (let seed = 0; seed < 40; seed++) {
      const problem = seed < 5 ? withOddBlock(4 + seed, 2) : randomProblem(seed, { forwardNodes: 14 });
      const { step } = problem;
      const whole = new MemoryProfile(step).ofRecomputations(new Int32Array(0));
      for (const { cutOut, link } of new ChainPlanner(new PlanningContext(problem)).blocks) {
        const inside = new MemoryProfile(cutOut.step).ofRecomputations(new Int32Array(0));
        const beyond = Array.from(cutOut.nodeOf, (node, at) =>
          node < 0 ? NaN : whole.liveBytes[node] - inside.liveBytes[at],
        );
        for (let node = link.firstForward; node <= link.lastForward; node++)
          expect(beyond[node - link.firstForward], `seed ${seed}`).toBe(beyond[0]);
        for (let at = cutOut.rest + 1; at < beyond.length; at++)
          expect(beyond[at], `seed ${seed}`).toBe(beyond[cutOut.rest + 1]);
      }
    }
  });
});

describe('the chain programme', () => {
  it.each(strategies)('has plans that cost what it says: %s', async (strategy) => {
    for (let seed = 0; seed < 10; seed++) {
      const problem = seed < 2 ? layeredProblem(5 + seed) : randomProblem(seed, { forwardNodes: 14 });
      const context = new PlanningContext(problem);
      for (const { recomputations, peakBytes, stepTimeMs } of (await plansOf(problem, strategy)).all) {
        const schedule = compileSchedule(problem.step, context.directives(recomputations));
        const simulation = simulate(problem.step, schedule);
        expect(simulation.peakBytes, `seed ${seed}`).toBe(peakBytes);
        expect(simulation.stepTimeMs).toBeCloseTo(stepTimeMs, 6);
      }
    }
  });

  it('is as good as trying every set of modules', async () => {
    const problem = withOddBlock(3, 1);
    const context = new PlanningContext(problem);
    const space = new ModuleSpace(context);
    const plans = await plansOf(problem, 'module-checkpoint');
    const { layers, blocks } = problem.layers;
    const sets = blocks.map((block) => [
      [],
      [block],
      ...[1, 2, 3, 4, 5, 6, 7].map((bits) =>
        layers[block].children.filter((_, i) => ((bits >> i) & 1) === 1),
      ),
    ]);
    for (const a of sets[0])
      for (const b of sets[1])
        for (const c of sets[2]) {
          const selected = new Uint8Array(space.itemCount);
          for (const id of [...a, ...b, ...c]) selected[id] = 1;
          const { peakBytes, stepTimeMs } = context.evaluate(space.compile(selected));
          expect(plans.under(peakBytes)!.stepTimeMs).toBeLessThanOrEqual(stepTimeMs);
        }
  });

  it('goes on below what checkpoints of single blocks reach: runs of blocks are run again', async () => {
    const problem = layeredProblem(30);
    const perBlock = (await plansOf(problem, 'selective')).least!;
    const segments = (await plansOf(problem, 'schedule')).least!;
    // 30 inputs of blocks against some twice the square root of 30 of them, or less.
    expect(perBlock.peakBytes).toBeGreaterThan(3000);
    expect(segments.peakBytes).toBeLessThan(1600);
  });

  it('respects pins', async () => {
    const pins: Decision[] = [
      { target: 'layers.0', kind: 'module', choice: 'keep', pinned: true },
      { target: 'layers.3', kind: 'module', choice: 'recompute', pinned: true },
      { target: '/layers.1/act', kind: 'operator', choice: 'keep', pinned: true },
    ];
    const problem = layeredProblem(8, pins);
    const name = (node: number): string => problem.step.nodeName[node];
    for (const strategy of strategies) {
      const plans = (await plansOf(problem, strategy)).all;
      expect(plans.length).toBeGreaterThan(2);
      for (const { recomputations } of plans) {
        const again = new Set([...recomputations].filter((_, i) => i % 2 === 1).map(name));
        for (const repeated of again) expect(repeated).not.toMatch(/layers\.0|layers\.1\/act/);
        expect(again).toContain('/layers.3/norm');
        expect(again).toContain('/layers.3/act');
      }
    }
  });

  it('always finds the same', async () => {
    for (const strategy of strategies) {
      const [a, b] = [
        await plansOf(withOddBlock(9, 4), strategy),
        await plansOf(withOddBlock(9, 4), strategy),
      ];
      expect(a.all).toEqual(b.all);
    }
  });

  it('leaves several devices to others', async () => {
    const pins: Decision[] = [{ target: 'layers.1', kind: 'module', device: 'gpu1', pinned: true }];
    expect((await plansOf(layeredProblem(4, pins, 2), 'selective')).all).toHaveLength(0);
  });

  it('can be cancelled', async () => {
    const job = new ControlledJob();
    job.cancel();
    const planner = new ChainPlanner(new PlanningContext(layeredProblem(6)));
    await expect(planner.collect('schedule', new ParetoPlans(), job)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
