import { describe, expect, it, vi } from 'vitest';
import { planInputsOf } from '../../../../planner-core/plan/planInputs';
import { planText } from '../../../../planner-core/plan/writePlan';
import type { PlannerHost } from '../../../../extension/planner/plannerHost';
import { placeInJson } from '../../../../extension/problems/placeInJson';
import { planProblem } from '../../../../extension/problems/planProblem';
import { examplePlan } from '../../support/examplePlan';

const text = planText(examplePlan);

/** A planner that has the model open and says this of the plan. */
function planner({ stale = false, infeasible = undefined as object | undefined } = {}) {
  const dispose = vi.fn();
  const host = {
    newJob: () => 1,
    readPlan: () => Promise.resolve({ ok: true, value: { inputs: planInputsOf(examplePlan), stale } }),
    plan: () => Promise.resolve({ ok: true, value: { plan: examplePlan, infeasible } }),
    dispose,
  };
  return { open: () => Promise.resolve(host as unknown as PlannerHost), dispose };
}

const shown = (at: readonly (string | number)[]): string => {
  const { offset, length } = placeInJson(text, at);
  return text.slice(offset, offset + length);
};

describe('planProblem', () => {
  it('finds none in a plan that fits its model', async () => {
    const { open, dispose } = planner();
    expect(await planProblem(text, open)).toBeUndefined();
    expect(dispose).toHaveBeenCalledOnce();
  });

  it('finds none where there is no model to compare with', async () => {
    expect(await planProblem(text, () => Promise.resolve(undefined))).toBeUndefined();
  });

  it('names the place that does not follow the schema, without opening the model', async () => {
    const open = vi.fn();
    const broken = text.replace('"strategy": "schedule"', '"strategy": "hope"');
    expect(broken).not.toBe(text);
    const problem = await planProblem(broken, open);
    expect(problem).toMatchObject({ error: { code: 'bad-plan' }, at: ['strategy'] });
    expect(open).not.toHaveBeenCalled();
    const at = JSON.stringify(examplePlan).replace(/"target":"[^"]*"/, '"target":7');
    expect((await planProblem(at, open))?.at).toEqual(['decisions', 0, 'target']);
    expect(await planProblem('no json', open)).toMatchObject({ error: { code: 'bad-plan' }, at: [] });
  });

  it('tells of a plan for another structure, and of a budget that nothing fits', async () => {
    const stale = planner({ stale: true });
    expect(await planProblem(text, stale.open)).toMatchObject({
      error: { code: 'stale-plan' },
      at: ['model', 'fingerprint'],
    });
    expect(stale.dispose).toHaveBeenCalledOnce();
    const tight = planner({ infeasible: { message: 'It needs 9 GiB.', leastBytes: 9, node: 'n' } });
    const problem = await planProblem(text, tight.open);
    expect(problem).toMatchObject({ error: { code: 'infeasible' }, at: ['budgetBytes'] });
    expect(problem?.error.message).toContain('It needs 9 GiB.');
    expect(shown(problem?.at ?? [])).toBe(String(examplePlan.budgetBytes));
  });
});

describe('placeInJson', () => {
  it('finds a value, else the nearest parent that is there', () => {
    expect(shown(['strategy'])).toBe('"schedule"');
    expect(shown(['model', 'missing', 'deeper'])).toMatch(/^\{\s*"file"/);
    expect(shown(['missing'])).toBe('{');
    expect(placeInJson('', ['a'])).toEqual({ offset: 0, length: 0 });
  });
});
