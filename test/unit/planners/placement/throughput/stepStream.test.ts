import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../../planner-core/base/job';
import { placementOfStep } from '../../../../../planner-core/planners/placement/ofStep';
import {
  placedOutcome,
  type PlacedOutcome,
} from '../../../../../planner-core/planners/placement/placedOutcome';
import { placeStep } from '../../../../../planner-core/planners/placement/placeStep';
import { planPlaced } from '../../../../../planner-core/planners/placement/planPlaced';
import type { PlanningProblem } from '../../../../../planner-core/planners/problem';
import { runView } from '../../../../../planner-core/session/pipelineRun';
import { compileSchedule } from '../../../../../planner-core/simulator/compileSchedule';
import { isTrained } from '../../../../../planner-core/simulator/pipeline/pipeline';
import { keepEverything, type Directives } from '../../../../../planner-core/simulator/schedule';
import { deviceOfNodes } from '../../../../../planner-core/simulator/sequence';
import { simulate } from '../../../../../planner-core/simulator/simulate';
import { layeredProblem } from '../../../support/layeredStep';
import { Random } from '../../../support/random';
import { randomProblem } from '../../../support/randomProblem';

function outcomeOf(
  { step, layers, pins }: PlanningProblem,
  directives: Directives,
  memoryBytes: readonly number[],
): PlacedOutcome {
  const { problem } = placementOfStep(step, layers, pins, memoryBytes);
  const schedule = compileSchedule(step, directives);
  const request = { step, problem, microBatches: 1, replicas: directives.replicas };
  const simulation = simulate(step, schedule);
  const devices = deviceOfNodes(step, directives);
  return placedOutcome({ ...request, objective: 'throughput' }, devices, schedule, simulation);
}

/** Blocks on the devices in turn. */
function alternating(blocks: number, devices: number) {
  const problem = layeredProblem(blocks, [], devices);
  const { step } = problem;
  const { problem: placing, forwardNodes } = placementOfStep(
    step,
    problem.layers,
    [],
    step.devices.map(() => Infinity),
  );
  const groupDevice = forwardNodes.map((nodes) => {
    const block = Math.max(0, ...nodes.map((node) => step.nodeModule[node]));
    return block % devices;
  });
  const placement = Uint8Array.from(placing.groupOf, (group) => groupDevice[group]);
  return { problem, directives: { ...keepEverything, placement } };
}

describe('a stream of steps', () => {
  it('keeps every device to its memory whatever is in flight, and loses to no simple rule that fits', async () => {
    let several = 0;
    const problems = fc.record({
      seed: fc.nat(1e5),
      nodes: fc.integer({ min: 2, max: 9 }),
      devices: fc.integer({ min: 2, max: 3 }),
      shares: fc.array(fc.integer({ min: 2, max: 30 }), { minLength: 3, maxLength: 3 }),
      isLayered: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(problems, async ({ seed, nodes, devices, shares, isLayered }) => {
        const problem = isLayered
          ? layeredProblem(1 + (nodes % 5), [], devices)
          : randomProblem(seed, { forwardNodes: nodes, modules: 3, devices });
        const { step, layers, pins } = problem;
        const onOne = simulate(step, compileSchedule(step, keepEverything));
        const memoryBytes = step.devices.map((_, device) => (onOne.peakBytes * shares[device]) / 10);
        const request = { strategy: 'module-checkpoint', objective: 'throughput', memoryBytes } as const;
        const placed = await placeStep({ step, layers, pins, ...request }, uncontrolled);
        const plan = await planPlaced({ problem, ...request }, placed, uncontrolled);
        if (plan.infeasible) {
          expect(placed.baselines.some(({ fits }) => fits)).toBe(false);
          return;
        }
        const { timeMs, peakBytes, stream } = outcomeOf(problem, plan.directives, memoryBytes);
        peakBytes.forEach((bytes, device) => expect(bytes).toBeLessThanOrEqual(memoryBytes[device]));
        for (const rule of placed.baselines)
          if (rule.fits) expect(timeMs).toBeLessThanOrEqual(rule.timeMs * (1 + 1e-9));
        if (!stream) return;
        // What is drawn of the stream shows no more.
        const { onePeakBytes, run, stepsInFlight, periodMs } = stream;
        const view = runView(stream, step.devices, onePeakBytes, periodMs, run.deviceBusyMs);
        for (const { device, peakBytes: shown } of view.devices)
          expect(shown).toBeLessThanOrEqual(memoryBytes[step.devices.indexOf(device)] * (1 + 1e-12));
        if (stepsInFlight > 1) several++;
      }),
      { seed: 31, numRuns: 120 },
    );
    expect(several).toBeGreaterThan(5);
  });

  it('has no more steps in flight than its memory, and is as slow as one step after the other with room for one', () => {
    const random = new Random(7);
    for (const blocks of [2, 4, 7]) {
      const { problem, directives } = alternating(blocks, 2);
      const { step } = problem;
      const free = outcomeOf(problem, directives, [Infinity, Infinity]);
      const alone = simulate(step, compileSchedule(step, directives));
      const tight = outcomeOf(problem, directives, [...alone.perDevicePeakBytes]);
      expect(tight.stream!.stepsInFlight).toBe(1);
      expect(tight.peakBytes).toEqual([...alone.perDevicePeakBytes]);
      expect(free.stream!.stepsInFlight).toBeGreaterThan(1);
      expect(free.timeMs).toBeLessThan(tight.timeMs);
      const share = random.int(1, 9) / 10;
      const between = [0, 1].map((device) => {
        const [low, high] = [tight.peakBytes[device], free.peakBytes[device]];
        return low + share * (high - low);
      });
      const throttled = outcomeOf(problem, directives, between);
      throttled.peakBytes.forEach((bytes, device) => expect(bytes).toBeLessThanOrEqual(between[device]));
      expect(throttled.timeMs).toBeGreaterThan(free.timeMs);
      expect(isTrained(throttled.stream!.pipeline)).toBe(true);
    }
  });
});
