import { describe, expect, it } from 'vitest';
import { ControlledJob, uncontrolled } from '../../../planner-core/base/job';
import { directivesOf } from '../../../planner-core/plan/directives';
import { strategies, type Decision } from '../../../planner-core/plan/plan';
import { baselines as rules } from '../../../planner-core/planners/baselines/baselines';
import { computeFrontier } from '../../../planner-core/planners/computeFrontier';
import { pointAtBudget } from '../../../planner-core/planners/frontier';
import { planAtBudget } from '../../../planner-core/planners/planAtBudget';
import { PlanPools } from '../../../planner-core/planners/planPools';
import { planners } from '../../../planner-core/planners/planners';
import type { PlanningProblem } from '../../../planner-core/planners/problem';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { keepEverything, type Directives } from '../../../planner-core/simulator/schedule';
import { simulate, type Simulation } from '../../../planner-core/simulator/simulate';
import { layeredProblem } from '../support/layeredStep';
import { randomProblem } from '../support/randomProblem';

const run = ({ step }: PlanningProblem, directives: Directives): Simulation =>
  simulate(step, compileSchedule(step, directives));
const again = ({ step }: PlanningProblem, { recomputations }: Directives): Set<string> =>
  new Set([...recomputations].filter((_, i) => i % 2 === 1).map((node) => step.nodeName[node]));

/** Online ones may run out of memory, and those that swap need a place for values: they have tests of their own. */
const offline = planners.filter(({ name }) => !/^(DTR|DELTA|vDNN)/.test(name));

describe('every planner', () => {
  it.each(offline)('answers with what the simulator says: $name', async (planner) => {
    for (let seed = 0; seed < 25; seed++) {
      const problem = randomProblem(seed, { forwardNodes: 12 });
      const keepAll = run(problem, keepEverything);
      for (const ratio of [1, 0.9, 0.7]) {
        const plan = await planner.plan(problem, keepAll.peakBytes * ratio, uncontrolled);
        const simulation = run(problem, plan.directives);
        expect(plan.peakBytes, `seed ${seed}`).toBe(simulation.peakBytes);
        expect(plan.stepTimeMs).toBeCloseTo(simulation.stepTimeMs, 6);
        if (planner.name.startsWith('best') && ratio === 1) expect(plan.stepTimeMs).toBe(keepAll.stepTimeMs);
      }
    }
  });

  it.each(offline)('makes decisions that compile to its directives: $name', async (planner) => {
    for (let seed = 0; seed < 25; seed++) {
      const problem = randomProblem(seed, { forwardNodes: 12 });
      const budget = run(problem, keepEverything).peakBytes * 0.85;
      const plan = await planner.plan(problem, budget, uncontrolled);
      const { step, layers } = problem;
      const compiled = directivesOf(
        step,
        layers,
        plan.decisions,
        planner.strategy,
        plan.directives.recomputations,
      );
      expect([...compiled.recomputations], `seed ${seed}`).toEqual([...plan.directives.recomputations]);
    }
  });

  it.each(offline)('respects pins: $name', async (planner) => {
    const pins: Decision[] = [
      { target: 'layers.0', kind: 'module', choice: 'keep', pinned: true },
      { target: 'layers.3', kind: 'module', choice: 'recompute', pinned: true },
      { target: '/layers.1/act', kind: 'operator', choice: 'keep', pinned: true },
    ];
    const problem = layeredProblem(5, pins);
    const { peakBytes } = run(layeredProblem(5), keepEverything);
    const plan = await planner.plan(problem, peakBytes * 0.7, uncontrolled);
    const repeated = again(problem, plan.directives);
    for (const name of repeated) expect(name).not.toMatch(/layers\.0|layers\.1\/act/);
    expect(repeated).toContain('/layers.3/norm');
    expect(repeated).toContain('/layers.3/act');
    for (const pin of pins) expect(plan.decisions).toContainEqual(pin);
  });

  it.each(offline)('keeps pinned places and offloads: $name', async (planner) => {
    const pins: Decision[] = [
      { target: 'layers.1', kind: 'module', device: 'gpu1', pinned: true },
      { target: 'layers.2', kind: 'module', choice: 'offload', pinned: true },
    ];
    const problem = layeredProblem(4, pins, 2);
    const plan = await planner.plan(problem, 1300, uncontrolled);
    const simulation = run(problem, plan.directives);
    expect(plan.peakBytes).toBe(simulation.perDevicePeakBytes[0]);
    expect(plan.directives.offloads).toHaveLength(2);
    expect([...plan.directives.placement!].filter((device) => device === 1)).toHaveLength(6);
    for (const name of again(problem, plan.directives)) expect(name).not.toMatch(/layers\.2/);
  });
});

describe('computeFrontier', () => {
  it('has points of which none is dominated, from keeping everything down', async () => {
    for (let seed = 0; seed < 12; seed++) {
      const problem = randomProblem(seed, { forwardNodes: 14 });
      const frontier = await computeFrontier(new PlanPools(problem), uncontrolled);
      const keepAll = run(problem, keepEverything);
      for (const strategy of strategies) {
        const points = frontier.strategies[strategy];
        expect(points[points.length - 1].stepTimeMs).toBe(keepAll.stepTimeMs);
        points.forEach((point, i) => {
          const simulation = run(problem, point.directives);
          expect(point.peakBytes).toBe(simulation.peakBytes);
          expect(point.stepTimeMs).toBeCloseTo(simulation.stepTimeMs, 6);
          expect(point.peakBytes).toBeGreaterThanOrEqual(frontier.floorBytes);
          expect(point.lowerBoundPercent).toBeLessThanOrEqual(point.overheadPercent + 1e-9);
          if (i > 0) expect(point.peakBytes).toBeGreaterThan(points[i - 1].peakBytes);
          if (i > 0) expect(point.stepTimeMs).toBeLessThan(points[i - 1].stepTimeMs);
        });
        expect(points.length).toBeLessThanOrEqual(120);
      }
      const drawn = frontier.baselines.map(({ name }) => name);
      expect(drawn[0]).toBe('keep all');
      // In their order; of a sweep only what nothing in it beats.
      expect(drawn).toEqual(rules.map(({ name }) => name).filter((name) => drawn.includes(name)));
    }
  });

  it('is never worse than a well-known rule, and schedules are never worse than the other strategies', async () => {
    const problem = layeredProblem(9);
    const { strategies: found, baselines } = await computeFrontier(new PlanPools(problem), uncontrolled);
    for (const rule of baselines) {
      const point = pointAtBudget(found[rule.strategy ?? 'module-checkpoint'], rule.peakBytes)!;
      expect(point.stepTimeMs, rule.name).toBeLessThanOrEqual(rule.stepTimeMs);
      expect(rule.description).not.toBe('');
    }
    for (const strategy of strategies) {
      for (const point of found[strategy]) {
        const best = pointAtBudget(found.schedule, point.peakBytes)!;
        expect(best.stepTimeMs).toBeLessThanOrEqual(point.stepTimeMs + 1e-9);
      }
    }
  });

  it('wraps every block of a chain for the price of one more forward pass of them', async () => {
    const { baselines } = await computeFrontier(new PlanPools(layeredProblem(9)), uncontrolled);
    const rule = (name: string) => baselines.find((baseline) => baseline.name === name)!;
    expect(rule('every block').stepTimeMs - rule('keep all').stepTimeMs).toBe(9 * 10);
    expect(rule('every 3rd block').stepTimeMs - rule('keep all').stepTimeMs).toBe(3 * 10);
    expect(rule('first half').stepTimeMs - rule('keep all').stepTimeMs).toBe(4 * 10);
    expect(rule('√n').stepTimeMs - rule('keep all').stepTimeMs).toBe(6 * 10);
  });

  it('can be cancelled and reports progress', async () => {
    const fractions: number[] = [];
    await computeFrontier(
      new PlanPools(layeredProblem(6)),
      new ControlledJob((fraction) => fractions.push(fraction)),
    );
    expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
    expect(fractions[fractions.length - 1]).toBe(1);
    const job = new ControlledJob();
    job.cancel();
    await expect(computeFrontier(new PlanPools(layeredProblem(6)), job)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('always finds the same', async () => {
    const frontier = () => computeFrontier(new PlanPools(layeredProblem(7)), uncontrolled);
    expect(await frontier()).toEqual(await frontier());
  });

  it('measures overhead against keeping everything, whatever is pinned', async () => {
    const pins: Decision[] = [{ target: 'layers.0', kind: 'module', choice: 'recompute', pinned: true }];
    const { baselines } = await computeFrontier(new PlanPools(layeredProblem(4, pins)), uncontrolled);
    expect(baselines[0].overheadPercent).toBeCloseTo((100 * 10) / (4 * 30 + 1), 6);
  });
});

describe('planAtBudget', () => {
  it('says what makes a budget impossible', async () => {
    const problem = layeredProblem(4);
    const plan = await planAtBudget(problem, 200, 'schedule', undefined, uncontrolled);
    expect(plan.infeasible).toMatchObject({ leastBytes: 400 });
    expect(plan.infeasible!.message).toMatch(
      /No plan fits 200 B: the least possible is 400 B, because of operator .*backward/,
    );
    // Of modules none reaches that: what can be had comes first.
    const modules = await planAtBudget(problem, 200, 'module-checkpoint', undefined, uncontrolled);
    expect(modules.infeasible!.message).toMatch(
      /No plan fits 200 B: the least found needs 800 B, and none can need less than 400 B, because of /,
    );
  });

  it.each(strategies)('tells the same least at every budget that it misses: %s', async (strategy) => {
    const problem = layeredProblem(4);
    const least = new Set<number>();
    for (let budget = 100; budget <= 1000; budget += 50) {
      const plan = await planAtBudget(problem, budget, strategy, undefined, uncontrolled);
      if (plan.infeasible) least.add(plan.peakBytes);
      // What it reaches at all it also reaches under a budget of just that.
      else for (const bytes of least) expect(bytes).toBeLessThanOrEqual(budget);
    }
    expect(least.size).toBe(1);
    const [bytes] = least;
    const { infeasible } = await planAtBudget(problem, bytes, strategy, undefined, uncontrolled);
    expect(infeasible).toBeUndefined();
  });

  it.each(strategies)(
    'has an answer for every budget, but none for what is no number: %s',
    async (strategy) => {
      const problem = layeredProblem(3);
      const keepAll = run(problem, keepEverything).peakBytes;
      for (const budget of [-1, 0, 1, Number.MAX_VALUE, Infinity]) {
        const plan = await planAtBudget(problem, budget, strategy, undefined, uncontrolled);
        expect(plan.infeasible === undefined, String(budget)).toBe(budget > keepAll);
        if (plan.infeasible) expect(plan.infeasible).toMatchObject({ isProven: true, leastBytes: 400 });
        else expect(plan.directives.recomputations).toHaveLength(0);
      }
      await expect(planAtBudget(problem, NaN, strategy, undefined, uncontrolled)).rejects.toMatchObject({
        code: 'bad-usage',
      });
    },
  );

  it('says how far a strategy gets when others might get further', async () => {
    const problem = layeredProblem(8);
    const plan = await planAtBudget(problem, 450, 'module-checkpoint', undefined, uncontrolled);
    expect(plan.infeasible!.leastBytes).toBe(plan.peakBytes);
    expect(plan.infeasible!.message).toMatch(/No plan found under 450 B: the least this strategy reaches/);
    const schedule = await planAtBudget(problem, 450, 'schedule', undefined, uncontrolled);
    expect(schedule.infeasible).toBeUndefined();
    expect(schedule.peakBytes).toBeLessThanOrEqual(450);
  });

  it('says when it is the pins that make a budget impossible', async () => {
    const pins: Decision[] = [{ target: 'layers', kind: 'module', choice: 'keep', pinned: true }];
    const plan = await planAtBudget(layeredProblem(8, pins), 1000, 'schedule', undefined, uncontrolled);
    const keepAll = run(layeredProblem(8), keepEverything).peakBytes;
    expect(plan.infeasible!.leastBytes).toBe(keepAll);
    expect(plan.infeasible!.message).toMatch(/No plan with these pins fits 1000 B: .* Without pins .* 400 B/);
  });

  it('uses the planner that is asked for', async () => {
    const problem = layeredProblem(4);
    const plan = await planAtBudget(problem, 1e9, 'module-checkpoint', 'every block', uncontrolled);
    expect(plan.planner).toBe('every block');
    expect(plan.decisions.map(({ target }) => target)).toEqual([
      'layers.0',
      'layers.1',
      'layers.2',
      'layers.3',
    ]);
    await expect(planAtBudget(problem, 1, 'selective', 'nobody', uncontrolled)).rejects.toMatchObject({
      code: 'bad-usage',
    });
  });

  it('refuses pins that name nothing', async () => {
    const problem = layeredProblem(2, [{ target: 'layer.0', kind: 'module', choice: 'keep', pinned: true }]);
    await expect(planAtBudget(problem, 1, 'selective', undefined, uncontrolled)).rejects.toMatchObject({
      code: 'unknown-module',
    });
  });
});
