import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BudgetBound, Proof } from '../../../../planner-core/session/refine';
import type { Frontier, FrontierPoint } from '../../../../planner-core/planners/frontier';
import { boundAt, boundStairs } from '../../../../webview/state/provenBound';

const bound = fc.record({
  budgetBytes: fc.integer({ min: 1, max: 30 }),
  lowerBoundPercent: fc.integer({ min: 0, max: 9 }),
});
const bounds = fc.array(bound, { maxLength: 10 });

const frontierOf = (known: readonly BudgetBound[]): Frontier => {
  const points = known.map(
    ({ budgetBytes, lowerBoundPercent }) => ({ peakBytes: budgetBytes, lowerBoundPercent }) as FrontierPoint,
  );
  const strategies = { 'module-checkpoint': points, selective: [], schedule: [] };
  return { strategies, baselines: [], floorBytes: 0, floorNode: '' };
};

it('the bound at a budget is the highest one proven for it or a higher budget', () => {
  fc.assert(
    fc.property(bounds, bounds, fc.integer({ min: 0, max: 31 }), (ofPoints, ofProof, budget) => {
      const stairs = boundStairs(frontierOf(ofPoints), { bounds: ofProof } as unknown as Proof);
      const holding = [...ofPoints, ...ofProof].filter(({ budgetBytes }) => budgetBytes >= budget);
      expect(boundAt(stairs, budget)).toBe(
        Math.max(0, ...holding.map(({ lowerBoundPercent }) => lowerBoundPercent)),
      );
      stairs.forEach((stair, i) => {
        if (i === 0) return;
        expect(stair.budgetBytes).toBeGreaterThan(stairs[i - 1].budgetBytes);
        expect(stair.lowerBoundPercent).toBeLessThan(stairs[i - 1].lowerBoundPercent);
      });
    }),
  );
});
