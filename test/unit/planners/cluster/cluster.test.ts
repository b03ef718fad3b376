import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../planner-core/base/job';
import { allReduceMs, groupOf } from '../../../../planner-core/planners/cluster/collectives';
import type { Parallelism } from '../../../../planner-core/planners/cluster/parallelism';
import { bestPartition, pipelineMs } from '../../../../planner-core/planners/cluster/partition';
import { recomputes } from '../../../../planner-core/planners/cluster/recompute';
import { scale } from '../../../../planner-core/planners/cluster/scale';
import { StageCosts } from '../../../../planner-core/planners/cluster/stageCosts';
import { clusterOf, simulate1F1B, stacks } from './smallStacks';

const seed = 8_080;

/** All ways to cut `count` layers into `parts` runs: where each begins, and the end. */
function* cuts(count: number, parts: number, from = 0): Generator<number[]> {
  if (parts === 1) {
    if (count > from) yield [from, count];
    return;
  }
  for (let to = from + 1; to < count; to++)
    for (const rest of cuts(count, parts - 1, to)) yield [from, ...rest];
}

describe('bestPartition', () => {
  it('is the best of all cuts and recomputations', () => {
    let [feasible, recomputing] = [0, 0];
    fc.assert(
      fc.property(
        stacks,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 20, max: 400 }),
        (stack, stages, microBatches, memoryBytes) => {
          if (stages > stack.layers.length) return;
          const cluster = clusterOf(2, 2, memoryBytes);
          const parallelism: Parallelism = {
            ...{ tensor: 1, stages, replicas: 1, sharding: 0, innermost: 'replicas' },
            ...{ microBatch: 1, microBatches },
          };
          const costs = new StageCosts(stack, cluster, parallelism);
          let least = Infinity;
          for (const cut of cuts(stack.layers.length, stages)) {
            for (let code = 0; code < 3 ** stages; code++) {
              let [maxMs, sumMs] = [0, 0];
              for (let stage = 0; stage < stages; stage++) {
                const recompute = recomputes[Math.floor(code / 3 ** stage) % 3];
                const [from, to] = [cut[stage], cut[stage + 1]];
                if (costs.bytes(stage, from, to, recompute) > memoryBytes) sumMs = Infinity;
                const ms = costs.stageMs(stage, from, to, recompute);
                maxMs = Math.max(maxMs, ms);
                sumMs += ms;
              }
              least = Math.min(least, pipelineMs(maxMs, sumMs, microBatches));
            }
          }
          const found = bestPartition(costs, stack.layers.length, stages, microBatches, memoryBytes);
          if (least === Infinity) expect(found).toBeUndefined();
          else expect(found?.pipelineMs).toBeCloseTo(least, 8);
          feasible += Number(found !== undefined);
          recomputing += Number(found?.stages.some(({ recompute }) => recompute !== 'none') ?? false);
        },
      ),
      { seed, numRuns: 400 },
    );
    expect(feasible).toBeGreaterThan(100);
    expect(recomputing).toBeGreaterThan(20);
  });

  it('times 1F1B: to the point for equal stages, never too little for like ones of other sizes', () => {
    const times = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(
        fc.array(times, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 12 }),
        (forwardMs, ratio, microBatches) => {
          const backwardMs = forwardMs.map((ms) => ratio * ms);
          const loads = forwardMs.map((ms) => ms + ratio * ms);
          const sumMs = loads.reduce((sum, ms) => sum + ms, 0);
          const ms = pipelineMs(Math.max(...loads), sumMs, microBatches);
          expect(simulate1F1B(forwardMs, backwardMs, microBatches)).toBeLessThanOrEqual(ms);
          const [forward, backward] = [forwardMs[0], backwardMs[0]];
          const equal = (time: number): number[] => forwardMs.map(() => time);
          expect(simulate1F1B(equal(forward), equal(backward), microBatches)).toBe(
            (microBatches - 1 + forwardMs.length) * (forward + backward),
          );
        },
      ),
      { seed, numRuns: 500 },
    );
  });
});

describe('StageCosts', () => {
  it('adds up memory and time as written out for one stage', () => {
    fc.assert(
      fc.property(
        stacks,
        fc.constantFrom(1, 2, 4),
        fc.constantFrom(0, 1, 2, 3),
        (stack, tensor, sharding) => {
          const cluster = clusterOf(4, 4, Infinity);
          const replicas = 4;
          const parallelism: Parallelism = {
            ...{ tensor, stages: 1, replicas, sharding: sharding as 0 | 1 | 2 | 3, innermost: 'replicas' },
            ...{ microBatch: 1, microBatches: 3 },
          };
          const costs = new StageCosts(stack, cluster, parallelism);
          const { layers } = stack;
          let [state, kept, running, ms] = [0, 0, 0, 0];
          for (const layer of layers) {
            state += layer.parameterBytes / tensor / (sharding === 3 ? replicas : 1);
            state += layer.gradientBytes / tensor / (sharding >= 2 ? replicas : 1);
            state += layer.optimizerBytes / tensor / (sharding >= 1 ? replicas : 1);
            kept += layer.recompute.selective.keptBytes / tensor;
            const again = layer.recompute.none.keptBytes - layer.recompute.selective.keptBytes;
            const gathered =
              (sharding === 3 ? 2 * layer.parameterBytes : 0) + (sharding >= 2 ? layer.gradientBytes : 0);
            running = Math.max(running, (layer.transientBytes + again + gathered) / tensor);
            const works = [layer.forward, layer.backward, layer.recompute.selective.again];
            ms += works.reduce((sum, { dividedMs, fixedMs }) => sum + dividedMs / tensor + fixedMs, 0);
            const ring = (bytes: number): number => 2 * (tensor - 1) * (bytes / tensor / 8 + 0.01);
            ms += 2 * layer.reductions * ring(layer.reducedBytes);
          }
          expect(costs.bytes(0, 0, layers.length, 'selective')).toBeCloseTo(state + kept + running, 6);
          // Beyond that, shared-out gradients and parameters travel beside the computations.
          const time = costs.stageMs(0, 0, layers.length, 'selective');
          if (sharding < 2) expect(time).toBeCloseTo(ms, 6);
          else expect(time).toBeGreaterThanOrEqual(ms - 1e-9);
        },
      ),
      { seed, numRuns: 200 },
    );
  });
});

describe('collectives', () => {
  it('sends 2 (n - 1) / n of the bytes around a ring, and each share between servers', () => {
    const cluster = clusterOf(4, 8, 0);
    expect(groupOf(cluster, 8, 1)).toEqual({ servers: 1, perServer: 8 });
    expect(groupOf(cluster, 4, 8)).toEqual({ servers: 4, perServer: 1 });
    expect(groupOf(cluster, 8, 4)).toEqual({ servers: 4, perServer: 2 });
    const within = allReduceMs(cluster, { servers: 1, perServer: 8 }, 800);
    expect(within).toBeCloseTo((2 * 7 * 800) / 8 / 8 + 14 * 0.01, 9);
    const both = allReduceMs(cluster, { servers: 4, perServer: 8 }, 800);
    expect(both).toBeCloseTo(within + (2 * 3 * 100) / 4 / 1.6 + 6 * 0.1, 9);
    expect(allReduceMs(cluster, { servers: 1, perServer: 1 }, 800)).toBe(0);
  });
});

describe('scale', () => {
  it('uses every device, fits, ranks by time and never beats the bound', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(stacks, fc.integer({ min: 30, max: 300 }), async (stack, memoryBytes) => {
        const cluster = clusterOf(2, 4, memoryBytes);
        const problem = { cluster, stacks: [stack], globalBatch: 16, maxSharding: 3 };
        const { options, rejected, boundMs } = await scale(problem, uncontrolled);
        found += options.length;
        for (const [i, option] of options.entries()) {
          expect(option.tensor * option.stages * option.replicas).toBe(8);
          expect(option.replicas * option.microBatches).toBe(16);
          expect(option.peakBytes).toBeLessThanOrEqual(memoryBytes);
          expect(option.stepMs).toBeGreaterThanOrEqual(boundMs * (1 - 1e-9));
          expect(option.bubbleShare).toBeGreaterThanOrEqual(-1e-9);
          if (i > 0) expect(option.stepMs).toBeGreaterThanOrEqual(options[i - 1].stepMs);
          expect(option.stageList[0].from).toBe(0);
          option.stageList.forEach(({ to }, stage) =>
            expect(to).toBe(option.stageList[stage + 1]?.from ?? stack.layers.length),
          );
        }
        for (const { reason, sharding, stages } of rejected)
          expect(reason).toMatch(
            sharding > 1 && stages > 1 ? /ZeRO 1 goes with any pipeline/ : /needs .* run again; there are/,
          );
        for (const { sharding, stages } of options) expect(sharding > 1 && stages > 1).toBe(false);
        // Every pipeline with replicas is listed with ZeRO 2, and why that is refused.
        const wanted = [2, 4].filter((stages) => stages <= stack.layers.length);
        for (const stages of wanted)
          expect(
            rejected.some((way) => way.tensor === 1 && way.stages === stages && way.sharding === 2),
          ).toBe(true);
      }),
      { seed, numRuns: 60 },
    );
    expect(found).toBeGreaterThan(100);
  });

  it('says which batch cannot be shared out, and refuses counts that are none', async () => {
    const [stack] = fc.sample(stacks, { seed, numRuns: 1 });
    const problem = { cluster: clusterOf(1, 4, 1e9), stacks: [stack], globalBatch: 6, maxSharding: 0 };
    const { rejected } = await scale(problem, uncontrolled);
    expect(rejected.map(({ reason }) => reason)).toContain(
      'A batch of 6 cannot be shared out among 4 replicas in micro-batches of 1.',
    );
    await expect(scale({ ...problem, globalBatch: 0 }, uncontrolled)).rejects.toMatchObject({
      code: 'bad-usage',
    });
  });
});
