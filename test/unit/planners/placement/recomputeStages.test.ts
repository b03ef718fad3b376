import fc from 'fast-check';
import { expect, it } from 'vitest';
import { uncontrolled } from '../../../../planner-core/base/job';
import { directivesOf } from '../../../../planner-core/plan/directives';
import { strategies, type Decision, type Strategy } from '../../../../planner-core/plan/plan';
import { placementOfStep } from '../../../../planner-core/planners/placement/ofStep';
import { placedOutcome, type PlacedOutcome } from '../../../../planner-core/planners/placement/placedOutcome';
import type { DecidedPlacement } from '../../../../planner-core/planners/placement/placeStep';
import { recomputeStages } from '../../../../planner-core/planners/placement/recomputeStages';
import type { PlanningProblem } from '../../../../planner-core/planners/problem';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import type { Directives } from '../../../../planner-core/simulator/schedule';
import { deviceOfNodes } from '../../../../planner-core/simulator/sequence';
import { simulate } from '../../../../planner-core/simulator/simulate';
import { layeredProblem } from '../../support/layeredStep';

const devices = 3;

/** So many blocks on each of two devices, the third empty or a replica of the first. */
function placedBlocks(blocks: number, microBatches: number, strategy: Strategy, isShared: boolean) {
  const problem = layeredProblem(2 * blocks, [], devices);
  const { step, layers } = problem;
  const limits = new Array<number>(devices).fill(Infinity);
  const request = { step, problem: placementOfStep(step, layers, [], limits).problem, microBatches };
  const outcome = { ...request, objective: 'throughput' as const };
  const decisions = Array.from({ length: 2 * blocks }, (_, i): Decision => ({
    ...{ target: `layers.${i}`, kind: 'module', device: i < blocks ? 'gpu0' : 'gpu1' },
  }));
  const replicas = isShared ? [[2], [], []] : undefined;
  const ofDecisions = (chosen: readonly Decision[]): Directives => ({
    ...directivesOf(step, layers, chosen, strategy),
    ...(replicas ? { replicas } : {}),
  });
  const run = (directives: Directives): PlacedOutcome => {
    const schedule = compileSchedule(step, directives);
    const nodes = deviceOfNodes(step, directives);
    return placedOutcome(
      { ...outcome, replicas: directives.replicas },
      nodes,
      schedule,
      simulate(step, schedule),
    );
  };
  const directives = ofDecisions(decisions);
  const { timeMs, peakBytes } = run(directives);
  const placed: DecidedPlacement = {
    ...{ name: 'halves', directives, decisions, timeMs, peakBytes, fits: false },
  };
  const least = run(ofDecisions(decisions.map((decision) => ({ ...decision, choice: 'recompute' }))));
  return { problem, outcome, placed, run, least };
}

const choicesOn = (decisions: readonly Decision[], device: string): number =>
  decisions.filter((decision) => decision.choice === 'recompute' && decision.device === device).length;

it('makes every device keep to its memory with all that is in flight, and runs again no more than that takes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(1, 2, 4, 8),
      fc.constantFrom(...strategies),
      fc.boolean(),
      fc.tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 10 })),
      async (blocks, microBatches, strategy, isShared, shares) => {
        const { problem, outcome, placed, run, least } = placedBlocks(
          blocks,
          microBatches,
          strategy,
          isShared,
        );
        const memoryBytes = [0, 1, 0].map((home, device) => {
          const [low, high] = [least.peakBytes[device], placed.peakBytes[device]];
          return Math.max(low, low + ((high - low) * shares[home]) / 10);
        });
        const plan = await recomputeStages({ problem, strategy, outcome, memoryBytes }, placed, uncontrolled);
        expect(plan).toBeDefined();
        const { peakBytes, timeMs } = run(plan!.directives);
        peakBytes.forEach((bytes, device) => expect(bytes).toBeLessThanOrEqual(memoryBytes[device]));
        expect(timeMs).toBe(plan!.stepTimeMs);
        expect(plan!.directives.placement).toEqual(placed.directives.placement);
        expect(plan!.directives.replicas).toEqual(placed.directives.replicas);
        // The decisions alone say as much.
        const { step, layers } = problem;
        expect(directivesOf(step, layers, plan!.decisions, strategy).recomputations).toEqual(
          plan!.directives.recomputations,
        );
        if (placed.peakBytes.every((bytes, device) => bytes <= memoryBytes[device]))
          expect(plan!.directives.recomputations).toHaveLength(0);
      },
    ),
    { seed: 5, numRuns: 60 },
  );
});

it('runs more again where more micro-batches are in flight', async () => {
  const { problem, outcome, placed, run, least } = placedBlocks(4, 8, 'module-checkpoint', false);
  const limit = Math.max(...least.peakBytes);
  const request: {
    problem: PlanningProblem;
    strategy: Strategy;
    outcome: typeof outcome;
    memoryBytes: number[];
  } = {
    ...{ problem, strategy: 'module-checkpoint', outcome },
    memoryBytes: new Array<number>(devices).fill(limit),
  };
  const plan = await recomputeStages(request, placed, uncontrolled);
  const [first, second] = ['gpu0', 'gpu1'].map((device) => choicesOn(plan!.decisions, device));
  expect(first).toBeGreaterThan(second);
  // What runs again takes time, in the backward passes of its own stage.
  const { pipeline, run: after } = run(plan!.directives).pipeline!;
  const before = run(placed.directives).pipeline!;
  expect(after.makespanMs).toBeGreaterThan(before.run.makespanMs);
  const blockMs = (8 + 1 + 1) / 8;
  expect(pipeline.stages[0].backwardMs[0]).toBeGreaterThan(before.pipeline.stages[0].backwardMs[0]);
  expect(pipeline.stages[0].backwardMs[0]).toBeLessThanOrEqual(
    before.pipeline.stages[0].backwardMs[0] + first * blockMs + 1e-9,
  );
  expect(pipeline.stages[0].forwardMs).toEqual(before.pipeline.stages[0].forwardMs);
});

it('says so where running everything again is not enough', async () => {
  const { problem, outcome, placed, least } = placedBlocks(3, 4, 'module-checkpoint', false);
  const memoryBytes = least.peakBytes.map((bytes) => bytes / 4);
  const request = { problem, strategy: 'module-checkpoint' as const, outcome, memoryBytes };
  expect(await recomputeStages(request, placed, uncontrolled)).toBeUndefined();
});
