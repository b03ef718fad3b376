import { describe, expect, it } from 'vitest';
import { recomputableNodes } from '../../../planner-core/plan/layerIndex';
import { KnapsackBound } from '../../../planner-core/planners/bounds/knapsackBound';
import { memoryFloor } from '../../../planner-core/planners/bounds/memoryFloor';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { everyPlan } from '../support/exhaustivePlans';
import { layeredStep } from '../support/layeredStep';
import { randomDirectives, randomStep } from '../support/randomStep';

const noOffloads = { offloads: new Int32Array(0) };

describe('memoryFloor and KnapsackBound', () => {
  it('are never above what an exhaustive search over recomputations reaches', () => {
    let searched = 0;
    let tight = 0;
    for (let seed = 0; seed < 300; seed++) {
      const step = randomStep(seed, { forwardNodes: 1 + (seed % 4) });
      const plans = step.nodeCount <= 8 ? everyPlan(step, 14) : undefined;
      if (!plans) continue;
      searched++;
      const recomputable = recomputableNodes(step);
      const floor = memoryFloor(step, recomputable, noOffloads);
      const bound = new KnapsackBound(step, recomputable);
      const baseMs = plans[0].stepTimeMs;
      const leastMs = new Map<number, number>();
      for (const { peakBytes, stepTimeMs } of plans)
        leastMs.set(peakBytes, Math.min(stepTimeMs, leastMs.get(peakBytes) ?? Infinity));
      for (const [peakBytes, stepTimeMs] of leastMs) {
        expect(peakBytes, `seed ${seed}`).toBeGreaterThanOrEqual(floor.bytes);
        expect(stepTimeMs - baseMs + 1e-9, `seed ${seed}`).toBeGreaterThanOrEqual(
          bound.leastAddedMs(peakBytes),
        );
      }
      tight += Number(Math.min(...plans.map((plan) => plan.peakBytes)) === floor.bytes);
    }
    expect(searched).toBeGreaterThan(100);
    expect(tight / searched).toBeGreaterThan(0.5);
  });

  it('hold for random plans of larger steps, placed and offloaded ones included', () => {
    for (let seed = 0; seed < 400; seed++) {
      const step = randomStep(seed, { forwardNodes: 12, devices: 1 + (seed % 3) });
      const directives = randomDirectives(seed, step);
      const simulation = simulate(step, compileSchedule(step, directives));
      const floor = memoryFloor(step, recomputableNodes(step), directives);
      expect(simulation.perDevicePeakBytes[0], `seed ${seed}`).toBeGreaterThanOrEqual(floor.bytes);
    }
  });

  it('name the node that needs the most', () => {
    const step = layeredStep(3);
    // The input stays; a linear layer's backward holds its saved input, the gradient it gets and the one it makes.
    const floor = memoryFloor(step, recomputableNodes(step), noOffloads);
    expect(floor.bytes).toBe(400);
    expect(step.nodeName[floor.node]).toMatch(/backward$/);
  });

  it('say that a budget under the floor cannot be met, and that keeping everything costs nothing', () => {
    const step = layeredStep(4);
    const bound = new KnapsackBound(step, recomputableNodes(step));
    expect(bound.leastAddedMs(150)).toBe(Infinity);
    expect(bound.leastAddedMs(1e9)).toBe(0);
    expect(bound.leastAddedMs(900)).toBeGreaterThan(0);
  });
});
