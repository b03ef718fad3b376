import loadHighs from 'highs';
import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../../planner-core/base/job';
import { layerIndexOf } from '../../../../../planner-core/plan/layerIndex';
import { jointPlan } from '../../../../../planner-core/planners/placement/joint/jointPlan';
import { leastStepTime } from '../../../../../planner-core/planners/placement/joint/stepBound';
import { StepPlans, type StepPlan } from '../../../../../planner-core/planners/placement/joint/stepPlans';
import type { PlanningProblem } from '../../../../../planner-core/planners/problem';
import { compileSchedule } from '../../../../../planner-core/simulator/compileSchedule';
import { simulate } from '../../../../../planner-core/simulator/simulate';
import { HighsEngine } from '../../../../../planner-core/solvers/highsEngine';
import { Phase } from '../../../../../planner-core/step/stepGraph';
import { Random } from '../../../support/random';
import { randomStep } from '../../../support/randomStep';

const engine = new HighsEngine(() => loadHighs());

function problemOf(seed: number): PlanningProblem {
  const step = randomStep(seed, { forwardNodes: 3 + (seed % 7), devices: 2 });
  return { step, layers: layerIndexOf([{ id: 0, name: '', parent: 0, children: [] }], step), pins: [] };
}

const unlimited = (problem: PlanningProblem): Float64Array =>
  new Float64Array(problem.step.devices.length).fill(Infinity);

function randomPlan(plans: StepPlans, random: Random): StepPlan {
  let plan = plans.onDevice(0);
  const groups = Array.from({ length: plans.groupCount }, (_, group) => group);
  for (let round = random.int(0, 3); round > 0; round--) {
    const chosen = new Set(random.some(groups, 0.4));
    const device = random.int(-1, 1);
    plan = { ...plan, repeats: plans.withRepeats(plan.repeats, chosen, device) };
  }
  const away = new Set(random.some(groups, random.pick([0, 0.5])));
  plan = { ...plan, offloads: plans.withOffloads(plan.offloads, away, true) };
  return { ...plan, devices: plan.devices.map(() => random.int(0, 1)) };
}

describe('jointPlan', () => {
  it('has a bound that no plan beats under the memory it takes', async () => {
    let tight = 0;
    for (let seed = 0; seed < 80; seed++) {
      const problem = problemOf(seed);
      const random = new Random(seed);
      const free = new StepPlans(problem, unlimited(problem));
      const plan = free.weigh(randomPlan(free, random));
      const plans = new StepPlans(problem, plan.peakBytes);
      const least = await leastStepTime(plans, engine, uncontrolled);
      expect(plan.timeMs, `seed ${seed}`).toBeGreaterThanOrEqual(least - 1e-9);
      if (least > (await leastStepTime(free, engine, uncontrolled)) + 1e-6) tight++;
    }
    // Memory is more than an ornament of the bound.
    expect(tight).toBeGreaterThan(1);
  });

  it('keeps to the limits, is never slower than one device that does, nor quicker than its bound', async () => {
    let better = 0;
    for (let seed = 0; seed < 8; seed++) {
      const { step, layers } = problemOf(seed);
      const whole = new StepPlans({ step, layers, pins: [] }, new Float64Array(2).fill(Infinity));
      const all = whole.weigh(whole.onDevice(0));
      const memoryBytes = Float64Array.of(Math.ceil(all.peakBytes[0] * 0.8), Infinity);
      const plan = await jointPlan(step, layers, [], { memoryBytes, trials: 150 }, uncontrolled, engine);
      const again = simulate(step, compileSchedule(step, plan.directives));
      expect(again.stepTimeMs).toBe(plan.stepTimeMs);
      expect(again.perDevicePeakBytes).toEqual(plan.perDevicePeakBytes);
      expect(plan.stepTimeMs).toBeGreaterThanOrEqual(plan.leastMs - 1e-9);
      const single = Math.min(...plan.baselines.filter((b) => b.isFitting).map((b) => b.stepTimeMs));
      if (single < Infinity) expect(plan.isFitting).toBe(true);
      expect(plan.stepTimeMs).toBeLessThanOrEqual(single);
      if (plan.stepTimeMs < single) better++;
      if (plan.isFitting) expect(again.perDevicePeakBytes[0]).toBeLessThanOrEqual(memoryBytes[0]);
    }
    expect(better).toBeGreaterThan(1);
  });

  it('leaves what a person placed where it is', async () => {
    const { step, layers } = problemOf(6);
    const memoryBytes = new Float64Array(2).fill(Infinity);
    const pins = [{ target: '', kind: 'module', device: step.devices[1], pinned: true }] as const;
    const { directives } = await jointPlan(step, layers, pins, { memoryBytes, trials: 80 }, uncontrolled);
    const placed = [...step.nodePhase.keys()].filter((node) => step.nodePhase[node] === Phase.forward);
    expect(placed.map((node) => directives.placement?.[node])).toEqual(placed.map(() => 1));
  });

  it('is the same every time', async () => {
    const { step, layers } = problemOf(6);
    const memoryBytes = new Float64Array(2).fill(Infinity);
    const first = await jointPlan(step, layers, [], { memoryBytes, trials: 80 }, uncontrolled);
    const second = await jointPlan(step, layers, [], { memoryBytes, trials: 80 }, uncontrolled);
    expect(second).toEqual(first);
  });
});
