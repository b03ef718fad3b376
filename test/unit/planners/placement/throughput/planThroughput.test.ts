import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../../planner-core/base/job';
import { loadBound } from '../../../../../planner-core/planners/placement/bounds/loadBound';
import { annealLoads } from '../../../../../planner-core/planners/placement/throughput/annealLoads';
import { contracted, expanded } from '../../../../../planner-core/planners/placement/throughput/clusters';
import { coarsen } from '../../../../../planner-core/planners/placement/throughput/coarsen';
import { exactPeriod } from '../../../../../planner-core/planners/placement/throughput/exactPeriod';
import { idealLattice } from '../../../../../planner-core/planners/placement/throughput/idealLattice';
import { precedenceOf } from '../../../../../planner-core/planners/placement/throughput/linearOrders';
import { loadModelOf } from '../../../../../planner-core/planners/placement/throughput/loadModel';
import { LoadState } from '../../../../../planner-core/planners/placement/throughput/loadState';
import { planThroughput } from '../../../../../planner-core/planners/placement/throughput/planThroughput';
import { reduceBelow } from '../../../../../planner-core/planners/placement/throughput/reduceBelow';
import { splitLattice } from '../../../../../planner-core/planners/placement/throughput/splitLattice';
import { sequenceOfChance } from '../../../../../planner-core/planners/schedule/chance';
import { periodOf, problemShapes, randomProblem, validPlacements } from './randomProblems';

const bestOf = (problem: Parameters<typeof validPlacements>[0]): number => {
  let best = Infinity;
  for (const { periodMs } of validPlacements(problem)) best = Math.min(best, periodMs);
  return best;
};

describe('loads', () => {
  it('stay those of the definition however groups move', () => {
    fc.assert(
      fc.property(problemShapes(12, 4), (shape) => {
        const problem = randomProblem(shape);
        const model = loadModelOf(problem);
        const chance = sequenceOfChance(shape.seed + 1);
        const state = new LoadState(model, new Uint8Array(model.groupCount).fill(shape.devices - 1));
        for (let i = 0; i < 30; i++) {
          const group = Math.floor(chance() * model.groupCount);
          const device = Math.floor(chance() * shape.devices);
          if (model.timeMs[device * model.groupCount + group] === Infinity) continue;
          state.move(group, device);
          const expected = periodOf(problem, state.placement);
          expect(state.isValid).toBe(expected < Infinity);
          if (state.isValid) expect(state.periodMs).toBeCloseTo(expected, 9);
        }
      }),
      { seed: 11, numRuns: 500 },
    );
  });

  it('are the same for clusters and for the groups in them', () => {
    fc.assert(
      fc.property(problemShapes(12, 3), (shape) => {
        const model = loadModelOf(randomProblem(shape));
        const chance = sequenceOfChance(shape.seed + 2);
        const joined = coarsen(model, 4, Infinity, chance);
        const placement = Uint8Array.from({ length: joined.model.groupCount }, () =>
          Math.floor(chance() * shape.devices),
        );
        const coarse = new LoadState(joined.model, placement);
        const fine = new LoadState(model, expanded(joined, placement));
        expect(contracted(joined, fine.placement)).toEqual(placement);
        if (coarse.periodMs < Infinity) expect(coarse.periodMs).toBeCloseTo(fine.periodMs, 9);
      }),
      { seed: 12, numRuns: 300 },
    );
  });
});

describe('the exact search', () => {
  it('finds what trying everything finds', async () => {
    await fc.assert(
      fc.asyncProperty(problemShapes(8, 3), async (shape) => {
        const problem = randomProblem(shape);
        const model = loadModelOf(problem);
        const best = bestOf(problem);
        const { plan, isComplete } = await exactPeriod(model, Infinity, 1e7, uncontrolled);
        expect(isComplete).toBe(true);
        expect(plan?.periodMs ?? Infinity).toBeCloseTo(best, 9);
        if (plan) expect(periodOf(problem, plan.placement)).toBeCloseTo(best, 9);
      }),
      { seed: 13, numRuns: 1500 },
    );
  });
});

describe('bounds and reductions', () => {
  it('keep every placement that is better than asked', () => {
    fc.assert(
      fc.property(problemShapes(7, 3), fc.double({ min: 0.8, max: 1.5, noNaN: true }), (shape, factor) => {
        const problem = randomProblem(shape);
        const model = loadModelOf(problem);
        const best = bestOf(problem);
        const belowMs = best < Infinity ? best * factor : 30 * factor;
        const reduced = reduceBelow(model, belowMs);
        for (const { placement, periodMs } of validPlacements(problem)) {
          // Sums in another order may differ by their rounding.
          if (periodMs >= belowMs * (1 - 1e-9)) continue;
          expect(reduced).toBeDefined();
          const small = contracted(reduced!, placement);
          expect(expanded(reduced!, small)).toEqual(placement);
          expect(new LoadState(reduced!.model, small).periodMs).toBeCloseTo(periodMs, 9);
        }
      }),
      { seed: 14, numRuns: 400 },
    );
  });

  it('are never above the best', () => {
    fc.assert(
      fc.property(problemShapes(8, 3), (shape) => {
        const problem = randomProblem(shape);
        const best = bestOf(problem);
        fc.pre(best < Infinity);
        const bound = loadBound(loadModelOf(problem), 2 * best + 1);
        expect(bound).toBeLessThanOrEqual(best * (1 + 1e-9));
      }),
      { seed: 15, numRuns: 1000 },
    );
  });
});

describe('contiguous splits', () => {
  it('are the best of those along downward-closed sets', async () => {
    await fc.assert(
      fc.asyncProperty(problemShapes(6, 3), async (shape) => {
        const problem = randomProblem({ ...shape, kind: 'through-host', isRestricted: false });
        const model = loadModelOf(problem);
        const lattice = idealLattice(precedenceOf(problem), 10_000)!;
        const split = await splitLattice(model, lattice, Infinity, uncontrolled);
        expect(new LoadState(model, split!).periodMs).toBeCloseTo(bestContiguous(problem), 9);
      }),
      { seed: 16, numRuns: 400 },
    );
  });
});

/** The best placement whose devices, in some order, hold differences of growing downward-closed sets. */
function bestContiguous(problem: Parameters<typeof validPlacements>[0]): number {
  const { before } = precedenceOf(problem);
  let best = Infinity;
  for (const { placement, periodMs } of validPlacements(problem)) {
    // Contiguous: the devices' graph of what comes first has no cycle.
    const isBefore = Array.from({ length: problem.deviceCount }, () => new Set<number>());
    before.forEach((sources, group) =>
      sources.forEach((source) => {
        if (placement[source] !== placement[group]) isBefore[placement[group]].add(placement[source]);
      }),
    );
    const done = new Set<number>();
    for (let i = 0; i < problem.deviceCount; i++)
      isBefore.forEach(
        (sources, device) => [...sources].every((source) => done.has(source)) && done.add(device),
      );
    if (done.size === problem.deviceCount) best = Math.min(best, periodMs);
  }
  return best;
}

describe('planThroughput', () => {
  it('gives a valid placement between its bound and everything on one device', async () => {
    await fc.assert(
      fc.asyncProperty(problemShapes(9, 3), async (shape) => {
        const problem = randomProblem(shape);
        const best = bestOf(problem);
        const plan = await planThroughput(problem, uncontrolled, { timeLimitS: 0 });
        if (!plan) return;
        expect(periodOf(problem, plan.placement)).toBeCloseTo(plan.periodMs, 9);
        expect(plan.boundMs).toBeLessThanOrEqual(best * (1 + 1e-9));
        expect(plan.periodMs).toBeGreaterThanOrEqual(best * (1 - 1e-9));
        for (let device = 0; device < shape.devices; device++) {
          const single = periodOf(problem, new Uint8Array(plan.placement.length).fill(device));
          expect(plan.periodMs).toBeLessThanOrEqual(single * (1 + 1e-9));
        }
      }),
      { seed: 17, numRuns: 300 },
    );
  });

  it('gives the best placement of small problems, and proves it', async () => {
    await fc.assert(
      fc.asyncProperty(problemShapes(9, 3), async (shape) => {
        const problem = randomProblem(shape);
        const best = bestOf(problem);
        const plan = await planThroughput(problem, uncontrolled, {});
        expect(plan?.periodMs ?? Infinity).toBeCloseTo(best, 9);
        if (plan) expect(plan.boundMs).toBeCloseTo(best, 9);
      }),
      { seed: 18, numRuns: 300 },
    );
  });

  it('gives the same placement for the same problem', async () => {
    const problem = randomProblem({ seed: 5, tasks: 30, devices: 3, kind: 'links', isRestricted: true });
    const plans = [1, 2].map(() => planThroughput(problem, uncontrolled, {}));
    const [first, second] = await Promise.all(plans);
    expect(first).toEqual(second);
  });

  it('improves on its start by annealing', async () => {
    const problem = randomProblem({
      seed: 3,
      tasks: 40,
      devices: 3,
      kind: 'through-host',
      isRestricted: false,
    });
    const model = loadModelOf(problem);
    const start = new Uint8Array(model.groupCount);
    const limits = { moves: 50_000, seed: 1, temperature: 0.05, isOver: () => false };
    const { periodMs, placement } = await annealLoads(model, start, limits, uncontrolled);
    expect(periodMs).toBeLessThan(0.6 * new LoadState(model, start).periodMs);
    expect(periodOf(problem, placement)).toBeCloseTo(periodMs, 9);
  });

  it('splits long orders in bundles', async () => {
    const problem = randomProblem({
      ...{ seed: 9, tasks: 2000, devices: 3, kind: 'through-host', isRestricted: false },
    });
    const plan = await planThroughput(problem, uncontrolled, { timeLimitS: 0 });
    expect(periodOf(problem, plan!.placement)).toBeCloseTo(plan!.periodMs, 6);
    expect(plan!.boundMs).toBeLessThanOrEqual(plan!.periodMs);
  });

  it('refuses transfers that never overlap', async () => {
    const problem = randomProblem({ seed: 3, tasks: 4, devices: 2, kind: 'links', isRestricted: false });
    const listed = { ...problem, transfers: { kind: 'listed' as const, entryMs: new Float64Array(0) } };
    await expect(planThroughput(listed, uncontrolled, {})).rejects.toMatchObject({ code: 'bad-usage' });
  });
});
