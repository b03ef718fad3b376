import { describe, expect, it } from 'vitest';
import { boundOfPlan } from '../../../../planner-core/planners/bounds/boundOfPlan';

describe('boundOfPlan', () => {
  it('is the bound, and the overhead where only rounding parts the two', () => {
    expect(boundOfPlan(3, 4)).toBe(3);
    expect(boundOfPlan(4 + 1e-9, 4)).toBe(4);
    expect(boundOfPlan(1e-12, -1e-12)).toBe(0);
  });

  it('says nothing where nothing is proven, however fast the plan is', () => {
    expect(boundOfPlan(0, -20)).toBe(0);
  });

  it('takes no bound that a plan beats', () => {
    expect(() => boundOfPlan(4.1, 4)).toThrow(/beaten/);
    expect(() => boundOfPlan(Infinity, 4)).toThrow(/beaten/);
  });
});
