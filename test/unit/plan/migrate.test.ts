import { describe, expect, it } from 'vitest';
import type { HeadroomError } from '../../../planner-core/base/errors';
import { migratePlan, planUpgrades, type WrittenPlan } from '../../../planner-core/plan/migrate';
import { planFormat } from '../../../planner-core/plan/plan';
import { parsePlan } from '../../../planner-core/plan/readPlan';
import { planText } from '../../../planner-core/plan/writePlan';
import { examplePlan } from '../support/examplePlan';

describe('plans of other versions', () => {
  it('has an upgrade for every version before the one that is written', () => {
    expect(planFormat).toBe(`headroom-plan/${planUpgrades.length + 1}`);
  });

  it('takes a plan of this version as it is', () => {
    expect(migratePlan(examplePlan)).toBe(examplePlan);
    expect(parsePlan(planText(examplePlan))).toEqual(JSON.parse(planText(examplePlan)));
  });

  it('upgrades one version after the other', () => {
    const upgrades = [
      ({ budget, ...rest }: WrittenPlan): WrittenPlan => ({ ...rest, budgetBytes: budget }),
      ({ budgetBytes, ...rest }: WrittenPlan): WrittenPlan => ({ ...rest, budgets: [budgetBytes] }),
    ];
    expect(migratePlan({ format: 'headroom-plan/1', budget: 7 }, upgrades)).toEqual({
      format: 'headroom-plan/3',
      budgets: [7],
    });
    expect(migratePlan({ format: 'headroom-plan/2', budgetBytes: 7 }, upgrades)).toEqual({
      format: 'headroom-plan/3',
      budgets: [7],
    });
  });

  it.each([2, 10, 4096])('refuses version %i with advice', (version) => {
    const text = JSON.stringify({ ...examplePlan, format: `headroom-plan/${version}` });
    const read = (): unknown => parsePlan(text);
    expect(read).toThrow(`headroom-plan/${version}, which is newer`);
    try {
      read();
    } catch (error) {
      expect((error as HeadroomError).code).toBe('bad-plan');
      expect((error as HeadroomError).hint).toMatch(/Update Headroom/);
    }
  });

  it.each([
    null,
    [],
    7,
    'text',
    {},
    { format: 1 },
    { format: 'headroom-plan/0' },
    { format: 'headroom-plan/1.5' },
  ])('leaves %j for the checks to name', (value) => {
    expect(migratePlan(value)).toBe(value);
    expect(() => parsePlan(JSON.stringify(value))).toThrow(/The plan/);
  });
});
