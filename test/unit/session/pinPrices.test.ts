import { describe, expect, it } from 'vitest';
import { ControlledJob, uncontrolled } from '../../../planner-core/base/job';
import { strategies, type Decision, type Strategy } from '../../../planner-core/plan/plan';
import { PlanningContext } from '../../../planner-core/planners/context';
import { planAtBudget } from '../../../planner-core/planners/planAtBudget';
import type { PlanningProblem } from '../../../planner-core/planners/problem';
import { pricesOfPins, type PinPriceRequest } from '../../../planner-core/session/pinPrices';
import { layeredProblem } from '../support/layeredStep';

const keepAll = (problem: PlanningProblem): { peakBytes: number; stepTimeMs: number } => {
  const { peakBytes, stepTimeMs } = new PlanningContext(problem).evaluate(new Int32Array(0));
  return { peakBytes, stepTimeMs };
};
async function requestOf(
  problem: PlanningProblem,
  budgetBytes: number,
  strategy: Strategy,
): Promise<PinPriceRequest> {
  const planned = await planAtBudget(problem, budgetBytes, strategy, undefined, uncontrolled);
  const keepAllMs = keepAll({ ...problem, pins: [] }).stepTimeMs;
  return { problem, budgetBytes, strategy, keepAllMs, planned };
}

const keep = (target: string): Decision => ({ target, kind: 'module', choice: 'keep', pinned: true });
const recompute = (target: string): Decision => ({
  target,
  kind: 'module',
  choice: 'recompute',
  pinned: true,
});

describe('pricesOfPins', () => {
  it.each(strategies)('is what planning without the pin saves: %s', async (strategy) => {
    const pins = [keep('layers.1'), recompute('layers.4')];
    const problem = layeredProblem(6, pins);
    const request = await requestOf(problem, 0.8 * keepAll(layeredProblem(6)).peakBytes, strategy);
    const prices = await pricesOfPins(request, uncontrolled);
    expect(prices.map(({ target }) => target)).toEqual(['layers.1', 'layers.4']);
    for (const [index, price] of prices.entries()) {
      const rest = layeredProblem(6, [pins[1 - index]]);
      const { stepTimeMs } = await planAtBudget(rest, request.budgetBytes, strategy, undefined, uncontrolled);
      const savedMs = Math.max(0, request.planned.stepTimeMs - stepTimeMs);
      expect(price.overheadPercent).toBeCloseTo((100 * savedMs) / request.keepAllMs, 9);
      expect(price.unlocksBudget).toBe(false);
    }
  });

  it('charges a module that is recomputed without need, and nothing for one that would be kept anyway', async () => {
    const problem = layeredProblem(4, [recompute('layers.0'), keep('layers.2')]);
    const request = await requestOf(problem, 1e9, 'module-checkpoint');
    const prices = await pricesOfPins(request, uncontrolled);
    expect(prices[0].overheadPercent).toBeCloseTo((100 * 10) / request.keepAllMs, 9);
    expect(prices[1].overheadPercent).toBe(0);
  });

  it('says which pin puts a budget out of reach', async () => {
    const free = await requestOf(layeredProblem(6), 0, 'schedule');
    const problem = layeredProblem(6, [keep('layers')]);
    const request = await requestOf(problem, free.planned.peakBytes, 'schedule');
    const [price] = await pricesOfPins(request, uncontrolled);
    expect(price.overheadPercent).toBeUndefined();
    expect(price.unlocksBudget).toBe(true);
    expect(price.unreachable!.fromBytes).toBeLessThanOrEqual(free.planned.peakBytes);
    expect(price.unreachable!.toBytes).toBe(keepAll(layeredProblem(6)).peakBytes);
  });

  it('is always the same, and can be cancelled', async () => {
    const request = await requestOf(layeredProblem(6, [keep('layers.1')]), 1200, 'selective');
    expect(await pricesOfPins(request, uncontrolled)).toEqual(await pricesOfPins(request, uncontrolled));
    const job = new ControlledJob();
    job.cancel();
    await expect(pricesOfPins(request, job)).rejects.toMatchObject({ code: 'cancelled' });
  });
});
