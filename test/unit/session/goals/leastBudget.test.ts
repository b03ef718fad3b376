import { describe, expect, test } from 'vitest';
import { applyEdit } from '../../../../planner-core/plan/planInputs';
import { strategies } from '../../../../planner-core/plan/plan';
import { inputsOf, openSample } from './goalSupport';

const session = openSample('unet');
const workload = { dims: { batch: 4, height: 64, width: 64 } };

describe.each(strategies)('the smallest budget with %s', (strategy) => {
  const inputs = inputsOf(session, workload, { strategy });

  test.each([0, 12])(
    'is met at %d percent, and is no worse than any point of the frontier',
    async (percent) => {
      const answer = await session.answer({ goal: 'least-budget', inputs, maxOverheadPercent: percent });
      const { plan } = await session.plan(applyEdit(inputs, answer.plan!.edit));
      expect(plan.budgetBytes).toBe(answer.plan!.budgetBytes);
      expect(plan.prediction.peakBytes).toBe(answer.plan!.peakBytes);
      expect(plan.prediction.overheadPercent).toBeLessThanOrEqual(percent);
      const points = (await session.frontier(inputs)).strategies[strategy];
      const fast = points.filter(({ overheadPercent }) => overheadPercent <= percent);
      expect(answer.plan!.peakBytes).toBeLessThanOrEqual(fast[0].peakBytes);
      expect(answer.provenLeastBytes).toBeLessThanOrEqual(answer.plan!.peakBytes);
      // A proof about all budgets is none if a plan contradicts it.
      for (const { peakBytes } of fast) expect(peakBytes).toBeGreaterThanOrEqual(answer.provenLeastBytes);
    },
  );
});

test('with all the time in the world, what is proven is the floor', async () => {
  const inputs = inputsOf(session, workload);
  const answer = await session.answer({ goal: 'least-budget', inputs, maxOverheadPercent: 1e6 });
  expect(answer.provenLeastBytes).toBe((await session.frontier(inputs)).floorBytes);
});

test('pins that take more time than allowed leave no plan', async () => {
  const pins = [{ target: 'downs.0', kind: 'module', choice: 'recompute', pinned: true }] as const;
  const inputs = inputsOf(session, workload, { pins });
  const answer = await session.answer({ goal: 'least-budget', inputs, maxOverheadPercent: 1 });
  expect(answer.plan).toBeUndefined();
});
