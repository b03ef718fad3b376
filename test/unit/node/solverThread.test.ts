import { createRequire } from 'node:module';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nodeSolverThreads } from '../../../planner-core/node/solverThread';
import { LinearProgramBuilder, type LinearProgram } from '../../../planner-core/solvers/linearProgram';
import { WorkerEngine } from '../../../planner-core/solvers/workerEngine';
import { Random } from '../support/random';

const repoRoot = path.resolve(import.meta.dirname, '../../..');
const wasm = createRequire(import.meta.url).resolve('highs/runtime');
let script: string;
let engine: WorkerEngine | undefined;

beforeAll(async () => {
  const { bundleForNode } = (await import(path.join(repoRoot, 'scripts/lib/loadTypeScript.mjs'))) as {
    bundleForNode(source: string): Promise<string>;
  };
  script = await bundleForNode('planner-core/node/solverWorker.ts');
});

afterEach(() => engine?.dispose());

/** Values of 2 and weight of 3, 4 and 2 under 6: the best two weigh 6. */
function knapsack(): LinearProgram {
  const builder = new LinearProgramBuilder();
  const items = [-4, -5, -3].map((cost) => builder.binary(cost));
  builder.row(
    [3, 4, 2].map((weight, i) => [items[i], weight] as const),
    -Infinity,
    6,
  );
  return builder.build();
}

/** A market-split problem (Cornuéjols and Dawande 1998): small, and out of reach for branch and bound. */
function hopeless(): LinearProgram {
  const random = new Random(7);
  const builder = new LinearProgramBuilder();
  const columns = Array.from({ length: 50 }, () => builder.binary(0));
  for (let row = 0; row < 6; row++) {
    const weights = columns.map(() => random.int(0, 99));
    const half = Math.floor(weights.reduce((sum, weight) => sum + weight, 0) / 2);
    const slack = [builder.column(1, 0, Infinity), builder.column(1, 0, Infinity)];
    const terms = columns.map((column, i) => [column, weights[i]] as const);
    builder.row([...terms, [slack[0], 1], [slack[1], -1]], half, half);
  }
  return builder.build();
}

describe('a solver in a thread of Node', () => {
  it('solves', async () => {
    engine = new WorkerEngine(nodeSolverThreads(script, wasm));
    const result = await engine.solve(knapsack(), { timeLimitS: 30 });
    expect(result).toMatchObject({ status: 'optimal', bound: -8, incumbent: { objective: -8 } });
  });

  it('stops in the middle of a solve with the point it has, and solves again', async () => {
    engine = new WorkerEngine(nodeSolverThreads(script, wasm));
    const controller = new AbortController();
    const result = await engine.solve(hopeless(), {
      timeLimitS: 300,
      signal: controller.signal,
      onProgress: ({ incumbent }) => incumbent && controller.abort(),
    });
    expect(result.status).toBe('stopped');
    expect(result.incumbent!.objective).toBeGreaterThanOrEqual(result.bound);
    expect(await engine.solve(knapsack(), { timeLimitS: 30 })).toMatchObject({ status: 'optimal' });
  });

  it('says why when the engine cannot be loaded', async () => {
    engine = new WorkerEngine(nodeSolverThreads(script, `${wasm}.missing`));
    await expect(engine.solve(knapsack(), { timeLimitS: 30 })).rejects.toMatchObject({
      code: 'solver-failed',
      message: expect.stringContaining('ENOENT') as string,
    });
    engine.dispose();
    engine = new WorkerEngine(nodeSolverThreads(script, script));
    await expect(engine.solve(knapsack(), { timeLimitS: 30 })).rejects.toMatchObject({
      code: 'solver-failed',
    });
  });
});
