import fc from 'fast-check';
import loadHighs from 'highs';
import { afterAll, describe, expect, it } from 'vitest';
import { ControlledJob, uncontrolled } from '../../../../../planner-core/base/job';
import { LoadProgram } from '../../../../../planner-core/planners/placement/throughput/loadProgram';
import { loadModelOf } from '../../../../../planner-core/planners/placement/throughput/loadModel';
import { LoadState } from '../../../../../planner-core/planners/placement/throughput/loadState';
import { planThroughput } from '../../../../../planner-core/planners/placement/throughput/planThroughput';
import { proveLoad } from '../../../../../planner-core/planners/placement/throughput/proveLoad';
import type { LinearProgram } from '../../../../../planner-core/solvers/linearProgram';
import { HighsEngine } from '../../../../../planner-core/solvers/highsEngine';
import { problemShapes, randomProblem, validPlacements } from './randomProblems';

const engine = new HighsEngine(() => loadHighs());
afterAll(() => engine.dispose());

/** By how much a point breaks a program's rows and bounds. */
function breach(program: LinearProgram, point: Float64Array): number {
  let most = 0;
  for (let row = 0; row < program.rowCount; row++) {
    let sum = 0;
    for (let i = program.starts[row]; i < program.starts[row + 1]; i++)
      sum += program.values[i] * point[program.indices[i]];
    most = Math.max(most, program.rowLower[row] - sum, sum - program.rowUpper[row]);
  }
  point.forEach((value, column) => {
    most = Math.max(most, program.lower[column] - value, value - program.upper[column]);
  });
  return most;
}

describe('the load program', () => {
  it('has a point for every valid placement, with its period', () => {
    fc.assert(
      fc.property(problemShapes(6, 3), (shape) => {
        const problem = randomProblem(shape);
        const program = new LoadProgram(loadModelOf(problem), 20);
        for (const { placement, periodMs } of validPlacements(problem)) {
          const point = program.pointOf(placement);
          expect(breach(program.program, point)).toBeLessThan(1e-9);
          expect(point[0] / program.costPerMs).toBeCloseTo(periodMs, 9);
          const renamed = new LoadState(loadModelOf(problem), program.placementOf(point));
          expect(renamed.periodMs).toBeCloseTo(periodMs, 9);
        }
      }),
      { seed: 41, numRuns: 150 },
    );
  });

  it('is solved to the best placement', async () => {
    await fc.assert(
      fc.asyncProperty(problemShapes(7, 3), async (shape) => {
        const problem = randomProblem(shape);
        let best = Infinity;
        for (const { periodMs } of validPlacements(problem)) best = Math.min(best, periodMs);
        const program = new LoadProgram(loadModelOf(problem), 20);
        const { status, incumbent, bound } = await engine.solve(program.program, { timeLimitS: 20 });
        expect(status).toBe(best < Infinity ? 'optimal' : 'infeasible');
        if (!incumbent) return;
        expect(incumbent.objective / program.costPerMs).toBeCloseTo(best, 4);
        expect(bound / program.costPerMs).toBeLessThanOrEqual(best + 1e-4);
      }),
      { seed: 42, numRuns: 50 },
    );
  });
});

describe('proveLoad', () => {
  it('improves a plan to the best and proves it', async () => {
    await fc.assert(
      fc.asyncProperty(problemShapes(7, 3), async (shape) => {
        const problem = randomProblem({ ...shape, isRestricted: false });
        const all = [...validPlacements(problem)];
        const worst = all.reduce((a, b) => (b.periodMs > a.periodMs ? b : a));
        const bestMs = Math.min(...all.map(({ periodMs }) => periodMs));
        let best = worst;
        let boundMs = 0;
        const proof = {
          best: () => best,
          found: (plan: typeof best) => void (best = plan),
          proven: (ms: number) => void (boundMs = Math.max(boundMs, ms)),
          isOver: () => boundMs > 0,
          leftS: () => 20,
        };
        await proveLoad(loadModelOf(problem), proof, engine, uncontrolled);
        expect(best.periodMs).toBeCloseTo(bestMs, 4);
        expect(boundMs).toBeCloseTo(bestMs, 4);
      }),
      { seed: 43, numRuns: 60 },
    );
  });
});

describe('planThroughput', () => {
  it('ends when its job is cancelled', async () => {
    const shape = { seed: 7, tasks: 60, devices: 4, kind: 'through-host', isRestricted: false } as const;
    const job = new ControlledJob();
    const plan = planThroughput(randomProblem(shape), job, { onPlan: () => job.cancel() });
    await expect(plan).rejects.toMatchObject({ code: 'cancelled' });
  });
});
