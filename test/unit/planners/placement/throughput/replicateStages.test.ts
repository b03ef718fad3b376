import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../../planner-core/base/job';
import type { PlacementProblem } from '../../../../../planner-core/planners/placement/problem';
import { pipelineOf, stagesOf } from '../../../../../planner-core/planners/placement/throughput/pipelineOf';
import { replicateStages } from '../../../../../planner-core/planners/placement/throughput/replicateStages';
import { sequenceOfChance } from '../../../../../planner-core/planners/schedule/chance';
import { pipelinePeriodMs } from '../../../../../planner-core/simulator/pipeline/pipeline';
import { simulatePipeline } from '../../../../../planner-core/simulator/pipeline/simulatePipeline';
import { periodOf, problemShapes, randomProblem } from './randomProblems';

/** A chain of layers on like devices with like links. */
function chainProblem(times: readonly number[], devices: number, bytes: number): PlacementProblem {
  const count = times.length;
  const size = devices * devices;
  const one = (values: readonly number[]): { offsets: Int32Array; items: Int32Array } => ({
    offsets: Int32Array.from({ length: values.length + 1 }, (_, i) => i),
    items: Int32Array.from(values),
  });
  const groups = Array.from({ length: count }, (_, task) => task);
  return {
    taskCount: count,
    deviceCount: devices,
    taskName: groups.map((task) => `t${task}`),
    deviceName: Array.from({ length: devices }, (_, device) => `d${device}`),
    durationMs: Float64Array.from({ length: devices * count }, (_, at) => times[at % count]),
    order: Int32Array.from(groups),
    resultProducer: Int32Array.from(groups.slice(0, -1)),
    resultReaders: one(groups.slice(1)),
    resultBytes: new Float64Array(count - 1).fill(bytes),
    transfers: {
      kind: 'links',
      latencyMs: new Float64Array(size),
      msPerByte: new Float64Array(size).fill(1),
      channel: Int32Array.from({ length: size }, (_, pair) => pair),
      channelCount: size,
    },
    groupOf: Int32Array.from(groups),
    groups: one(groups),
    isBackward: new Uint8Array(count),
    groupBytes: new Float64Array(count),
    memoryBytes: new Float64Array(devices).fill(Infinity),
    pinnedDevice: new Int32Array(count).fill(-1),
  };
}

/** Every way to cut a chain and to share devices out among the stages. */
function bestChain(times: readonly number[], devices: number, bytes: number): number {
  const best = (first: number, left: number): number => {
    if (first === times.length) return 0;
    let least = Infinity;
    for (let end = first + 1; end <= times.length; end++) {
      const ms = times.slice(first, end).reduce((sum, time) => sum + time, 0);
      const linkMs = Math.max(first > 0 ? bytes : 0, end < times.length ? bytes : 0);
      for (let width = 1; width <= left; width++)
        least = Math.min(least, Math.max(Math.max(ms, linkMs) / width, best(end, left - width)));
    }
    return least;
  };
  return best(0, devices);
}

describe('replicateStages', () => {
  it('shares out devices as well as trying everything', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 6 }),
        async (times, devices, bytes) => {
          const problem = chainProblem(times, devices, bytes);
          const plan = await replicateStages(problem, { microBatches: 8 }, uncontrolled);
          expect(plan!.estimatedPeriodMs).toBeCloseTo(bestChain(times, devices, bytes), 9);
          const used = plan!.stages.flatMap((stage) => stage.devices);
          expect(new Set(used).size).toBe(used.length);
          const pipeline = pipelineOf(problem, plan!.stages, { microBatches: 8, order: '1f1b' });
          expect(pipelinePeriodMs(pipeline)).toBeLessThanOrEqual(plan!.estimatedPeriodMs + 1e-9);
        },
      ),
      { seed: 31, numRuns: 300 },
    );
  });

  it('replicates a layer that takes longer than all others', async () => {
    // A device has room for the last two.
    const problem = {
      ...chainProblem([2, 9, 1], 4, 1),
      groupBytes: Float64Array.from([3, 3, 1]),
      memoryBytes: new Float64Array(4).fill(4),
    };
    const plan = await replicateStages(problem, { microBatches: 8 }, uncontrolled);
    expect(plan!.stages.map(({ devices }) => devices.length)).toEqual([1, 3]);
    expect(plan!.estimatedPeriodMs).toBeCloseTo(10 / 3, 9);
    // Where the sum of the gradients costs more than it brings, there are no replicas.
    const gradientBytes = new Float64Array(3).fill(1000);
    const alone = await replicateStages(problem, { microBatches: 8, gradientBytes }, uncontrolled);
    expect(alone!.stages.every(({ devices }) => devices.length === 1)).toBe(true);
  });
});

describe('pipelineOf', () => {
  it('has the period of the placement, whatever it is', () => {
    fc.assert(
      fc.property(problemShapes(10, 4), (shape) => {
        const problem = randomProblem({ ...shape, isRestricted: false });
        const chance = sequenceOfChance(shape.seed + 3);
        const placement = Uint8Array.from({ length: shape.tasks }, () =>
          Math.floor(chance() * shape.devices),
        );
        const expected = periodOf(problem, placement);
        fc.pre(expected < Infinity);
        const stages = stagesOf(problem, placement);
        expect(stages.flatMap(({ groups }) => groups).sort((a, b) => a - b)).toEqual([...placement.keys()]);
        const pipeline = pipelineOf(problem, stages, { microBatches: 4, order: 'gpipe' });
        expect(pipelinePeriodMs(pipeline)).toBeCloseTo(expected, 9);
        expect(simulatePipeline(pipeline).makespanMs).toBeGreaterThanOrEqual(4 * expected - 1e-9);
      }),
      { seed: 32, numRuns: 500 },
    );
  });

  it('runs training forward and back, and the optimizer once', () => {
    const forward = chainProblem([2, 4], 2, 1);
    // Backward of the second layer, of the first, then what runs once.
    const problem: PlacementProblem = {
      ...forward,
      taskCount: 5,
      taskName: ['f0', 'f1', 'b1', 'b0', 'step'],
      durationMs: Float64Array.from([2, 4, 8, 4, 3, 2, 4, 8, 4, 3]),
      order: Int32Array.from([0, 1, 2, 3, 4]),
      resultProducer: Int32Array.from([0, 1, 2, 3]),
      resultReaders: { offsets: Int32Array.from([0, 2, 3, 4, 5]), items: Int32Array.from([1, 3, 2, 3, 4]) },
      resultBytes: Float64Array.from([1, 1, 2, 1]),
      groupOf: Int32Array.from([0, 1, 1, 0, 0]),
      groups: { offsets: Int32Array.from([0, 3, 5]), items: Int32Array.from([0, 3, 4, 1, 2]) },
      isBackward: Uint8Array.from([0, 0, 1, 1, 1]),
    };
    const pipeline = pipelineOf(problem, stagesOf(problem, Uint8Array.from([0, 1])), {
      microBatches: 4,
      order: '1f1b',
      keptBytes: Float64Array.from([10, 20]),
      runsOnce: Uint8Array.from([0, 0, 0, 0, 1]),
    });
    expect(pipeline.handOns).toEqual([
      { from: 0, to: 1, results: 1, bytes: 1, gradients: 1, gradientBytes: 2 },
    ]);
    const run = simulatePipeline(pipeline);
    // Out with the first micro-batch, four of them on the second stage, back with the last, then the optimizer.
    expect(run.makespanMs).toBe(2 + 1 + 4 * (4 + 8) + 2 + 4 + 3);
    expect([...run.devicePeakBytes]).toEqual([20, 20]);
  });

  it('says which task stands in the way of an order', () => {
    const problem = chainProblem([1, 1, 1], 2, 1);
    const stages = [
      { groups: [1], devices: [0] },
      { groups: [0, 2], devices: [1] },
    ];
    expect(() => pipelineOf(problem, stages, { microBatches: 1, order: 'gpipe' })).toThrow(
      /t0 would have to/,
    );
  });
});
