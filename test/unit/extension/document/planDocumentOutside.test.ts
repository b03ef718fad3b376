import { beforeEach, describe, expect, it } from 'vitest';
import type { PlanDocument } from '../../../../extension/document/planDocument';
import { settled, withBudget } from '../fakePlanner';
import { fake } from '../fakeVscode';
import { DocumentDesk, budget, gib, model, pinA, plan, saved } from './documentDesk';

let desk: DocumentDesk;

beforeEach(() => {
  desk = new DocumentDesk();
});

describe('changes from outside', () => {
  it('takes over a changed plan when there is nothing unsaved', async () => {
    const document = await desk.started();
    fake.fs.put(plan, desk.planner.planText(withBudget(1)));
    expect(await document.planFileChanged()).toBeUndefined();
    expect(document.inputs).toEqual(withBudget(1));
    expect(desk.edits).toEqual([]);
  });

  it('takes it over after a save too', async () => {
    const document = await desk.started();
    await document.edit(budget(4));
    await document.save();
    fake.fs.put(plan, desk.planner.planText(withBudget(1)));
    await document.planFileChanged();
    expect(document.inputs).toEqual(withBudget(1));
  });

  it('does not take its own save for one', async () => {
    const document = await desk.started();
    await document.edit(budget(4));
    await document.save();
    await document.edit(budget(2));
    expect(await document.planFileChanged()).toBeUndefined();
    expect(document.inputs.budgetBytes).toBe(2 * gib);
  });

  it('keeps every decision when the plan is deleted, and saves again', async () => {
    const document = await desk.started();
    await document.edit(budget(4));
    await document.save();
    fake.fs.files.delete(plan.toString());
    await document.planFileChanged();
    expect(document.inputs.budgetBytes).toBe(4 * gib);
    await document.save();
    expect(saved().budgetBytes).toBe(4 * gib);
  });

  it('opens a changed model again and keeps the decisions', async () => {
    const document = await desk.started();
    await document.edit(pinA);
    const before = desk.planner.calls.length;
    await document.modelFileChanged();
    await settled();
    expect(desk.planner.calls.slice(before).map((call) => call.split(' ')[0])).toEqual([
      'open',
      'configure',
      'plan',
      'frontier',
      'pinPrices',
    ]);
    expect(document.inputs.pins).toHaveLength(1);
    expect(document.store.state.stalePlan).toBeUndefined();
  });

  it('says that the model is gone, and goes on when it is back', async () => {
    const document = await desk.started();
    fake.fs.files.delete(model.toString());
    await document.modelFileChanged();
    expect(document.store.state).toMatchObject({ error: { code: 'file-access' } });
    expect(document.store.state.plan).toBeDefined();
    fake.fs.put(model, 'a model');
    await document.modelFileChanged();
    await settled();
    expect(document.store.state.error).toBeUndefined();
  });
});

describe('a plan for another structure', () => {
  const pins = [
    { target: 'a', kind: 'module', choice: 'keep', pinned: true },
    { target: 'gone', kind: 'module', choice: 'keep', pinned: true },
  ] as const;

  async function openStale(): Promise<PlanDocument> {
    desk.planner.fingerprint = 'old';
    fake.fs.put(plan, desk.planner.planText({ ...withBudget(8), pins }));
    desk.planner.fingerprint = 'new';
    return desk.started();
  }

  it('is shown as stale, by name', async () => {
    const document = await openStale();
    expect(document.store.state.stalePlan).toBe('m.onnx.plan.json');
    expect(document.inputs.pins).toHaveLength(2);
  });

  it('is kept as it is on request, also when model and plan are read again', async () => {
    const document = await openStale();
    await document.resolveStalePlan('keep');
    await document.reload();
    await document.revert();
    expect(document.store.state.stalePlan).toBeUndefined();
    expect(document.inputs.pins).toHaveLength(2);
    expect(desk.edits).toEqual([]);
  });

  it('is rebased in one step that can be undone', async () => {
    const document = await openStale();
    await document.resolveStalePlan('rebase');
    await settled();
    expect(document.inputs.pins).toEqual([pins[0]]);
    expect(document.inputs.budgetBytes).toBe(8 * gib);
    expect(document.store.state.plan).toBeDefined();
    expect(desk.edits.map(({ label }) => label)).toEqual(['Rebase the plan']);
    await desk.edits[0].undo();
    expect(document.inputs.pins).toHaveLength(2);
  });

  it('is discarded in one step that can be undone', async () => {
    const document = await openStale();
    await document.resolveStalePlan('discard');
    expect(document.inputs.pins).toEqual([]);
    expect(document.inputs.budgetBytes).toBe(16 * gib);
    await desk.edits[0].undo();
    expect(document.inputs.budgetBytes).toBe(8 * gib);
  });

  it('is stale no more once it is saved', async () => {
    const document = await openStale();
    await document.save();
    expect(document.store.state.stalePlan).toBeUndefined();
    const again = await desk.started();
    expect(again.store.state.stalePlan).toBeUndefined();
  });

  it('becomes stale when the model changes its structure while it is open', async () => {
    const document = await desk.started();
    await document.edit(pinA);
    desk.planner.fingerprint = 'f2';
    await document.modelFileChanged();
    expect(document.store.state.stalePlan).toBe('m.onnx.plan.json');
  });
});
