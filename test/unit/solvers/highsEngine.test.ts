import loadHighs from 'highs';
import { describe, expect, it } from 'vitest';
import { HighsEngine } from '../../../planner-core/solvers/highsEngine';
import { LinearProgramBuilder, type LinearProgram } from '../../../planner-core/solvers/linearProgram';

/** Least cost of items that weigh at least `needed`. */
function coverProgram(costs: number[], weights: number[], needed: number): LinearProgram {
  const builder = new LinearProgramBuilder();
  const terms = costs.map((cost, i) => [builder.binary(cost), weights[i]] as const);
  builder.row(terms, needed, Infinity);
  return builder.build();
}

describe('HighsEngine', () => {
  const engine = new HighsEngine(() => loadHighs());
  const limits = { timeLimitS: 10 };

  it('finds the cheapest whole cover and a cheaper fractional one', async () => {
    const program = coverProgram([5, 4, 3], [4, 3, 2], 5);
    const whole = await engine.solve(program, limits);
    expect(whole.status).toBe('optimal');
    expect(whole.incumbent!.objective).toBeCloseTo(7);
    expect(whole.bound).toBeCloseTo(7);
    const relaxed = await engine.solve(program, { ...limits, isRelaxed: true });
    expect(relaxed.bound).toBeCloseTo(5 + 4 / 3);
  });

  it('proves that there is no solution', async () => {
    const result = await engine.solve(coverProgram([1, 1], [1, 1], 3), limits);
    expect(result).toMatchObject({ status: 'infeasible', bound: Infinity });
  });

  it('says solver-failed when the module breaks, and works again afterwards', async () => {
    let loads = 0;
    const fragile = new HighsEngine(() => {
      loads++;
      return loads === 1 ? Promise.reject(new Error('out of memory')) : loadHighs();
    });
    const program = coverProgram([1], [1], 1);
    await expect(fragile.solve(program, limits)).rejects.toMatchObject({ code: 'solver-failed' });
    expect((await fragile.solve(program, limits)).status).toBe('optimal');
  });
});
