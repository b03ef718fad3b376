import { beforeEach, describe, expect, it } from 'vitest';
import { deferred, failure, settled, withBudget } from '../fakePlanner';
import { fake, Uri } from '../fakeVscode';
import { DocumentDesk, budget, gib, pinA, plan } from './documentDesk';

let desk: DocumentDesk;

beforeEach(() => {
  desk = new DocumentDesk();
});

describe('opening', () => {
  it('starts from the settings, with the dimensions that the model has', async () => {
    const { inputs, store } = await desk.started();
    expect(inputs).toMatchObject({
      devices: [{ id: 'gpu0', name: 'T4' }],
      budgetBytes: 16 * gib,
      workload: { optimizer: 'adamw', dims: { batch: 4 } },
    });
    expect(inputs.workload.dims).not.toHaveProperty('other');
    expect(store.state.plan).toBeDefined();
    expect(store.state.inputs).toEqual(inputs);
  });

  it('starts from the plan beside the model, unchanged and clean', async () => {
    fake.fs.put(plan, desk.planner.planText(withBudget(8)));
    const document = await desk.started();
    expect(document.inputs).toEqual(withBudget(8));
    expect(document.store.state.stalePlan).toBeUndefined();
    expect(desk.edits).toEqual([]);
  });

  it('leaves a file alone that is no plan: says so, opens with the defaults, and will not save over it', async () => {
    fake.fs.put(plan, '<<<<<<< HEAD');
    const document = await desk.started();
    expect(fake.messages).toHaveLength(1);
    expect(document.inputs.budgetBytes).toBe(16 * gib);
    await document.edit(budget(4));
    await expect(document.save()).rejects.toMatchObject({ code: 'bad-plan' });
    expect(fake.fs.text(plan)).toBe('<<<<<<< HEAD');
  });

  it('shows why a model cannot be opened, and opens it when it can', async () => {
    desk.planner.openResult = failure('malformed-file');
    const document = await desk.started();
    expect(document.store.state).toMatchObject({ error: { code: 'malformed-file' } });
    expect(document.store.state.progress).toBeUndefined();
    desk.planner.openResult = undefined;
    fake.fs.put(plan, desk.planner.planText(withBudget(8)));
    await document.modelFileChanged();
    await settled();
    expect(document.inputs).toEqual(withBudget(8));
    expect(document.store.state.error).toBeUndefined();
    expect(document.store.state.plan).toBeDefined();
  });

  it('reads files of other file systems whole, up to the limit', async () => {
    const far = Uri.parse('memfs:/w/far.onnx');
    fake.fs.put(far, 'x'.repeat(2e6));
    const document = await desk.started(far);
    expect(document.store.state).toMatchObject({ error: { code: 'limit-exceeded' } });
    expect(document.store.state.error?.message).toContain('2.00 MB');
  });
});

describe('editing', () => {
  it('waits until the model and its plan are read', async () => {
    fake.fs.put(plan, desk.planner.planText(withBudget(8)));
    const document = desk.open();
    await document.edit(pinA);
    expect(document.inputs.budgetBytes).toBe(8 * gib);
    expect(document.inputs.pins).toHaveLength(1);
  });

  it('is one labelled step that undo and redo walk', async () => {
    const document = await desk.started();
    await document.edit(budget(4));
    await document.edit(pinA);
    expect(desk.edits.map(({ label }) => label)).toEqual(['Budget 4.00 GiB', 'Keep a']);
    await desk.edits[1].undo();
    expect(document.inputs.pins).toEqual([]);
    await desk.edits[0].undo();
    expect(document.store.state.inputs.budgetBytes).toBe(16 * gib);
    await desk.edits[0].redo();
    await settled();
    expect(document.store.state.plan?.plan.budgetBytes).toBe(4 * gib);
  });

  it('takes nothing for a step that changes nothing', async () => {
    const document = await desk.started();
    await document.edit(budget(16));
    expect(desk.edits).toEqual([]);
  });

  it('refuses a device that is not there', async () => {
    const document = await desk.started();
    const targets = [{ target: 'a', kind: 'module' }] as const;
    await expect(document.edit({ kind: 'device', targets, device: 'gpu9' })).rejects.toMatchObject({
      code: 'unknown-device',
    });
    await document.edit(budget(4));
    expect(document.inputs.budgetBytes).toBe(4 * gib);
  });
});

describe('other plans', () => {
  it('are held against the one on screen, each with a number of its own', async () => {
    const document = await desk.started();
    await document.compareWith('one', desk.planner.planText(withBudget(4)));
    expect(document.store.state.compared).toMatchObject({ run: 1, name: 'one' });
    await document.compareWith('two', desk.planner.planText(withBudget(5)));
    expect(document.store.state.compared).toMatchObject({ run: 2, name: 'two' });
    expect(desk.edits).toEqual([]);
    await expect(document.compareWith('three', 'no plan')).rejects.toMatchObject({ code: 'bad-plan' });
    expect(document.store.state.compared).toMatchObject({ name: 'two' });
  });

  it('are forgotten when the model has another structure', async () => {
    const document = await desk.started();
    await document.compareWith('one', desk.planner.planText(withBudget(4)));
    await document.reload();
    expect(document.store.state.compared).toBeDefined();
    desk.planner.fingerprint = 'f2';
    await document.reload();
    expect(document.store.state.compared).toBeUndefined();
  });

  it('are known to replace a plan that was edited or saved, and no other', async () => {
    const document = await desk.started();
    expect(await document.hasOwnPlan()).toBe(false);
    await document.takeOver('late.plan.json', desk.planner.planText(withBudget(4)));
    expect(await document.hasOwnPlan()).toBe(true);
    await document.save();
    expect(await document.hasOwnPlan()).toBe(true);
    expect(await (await desk.started()).hasOwnPlan()).toBe(true);
  });

  it('are taken over as an edit with their name, unless they are for another structure', async () => {
    const document = await desk.started();
    await document.takeOver('late.plan.json', desk.planner.planText(withBudget(4)));
    expect(document.inputs).toEqual(withBudget(4));
    expect(desk.edits.map(({ label }) => label)).toEqual(['Take over late.plan.json']);
    const foreign = JSON.stringify({ plan: withBudget(5), fingerprint: 'other' });
    await expect(document.takeOver('foreign', foreign)).rejects.toMatchObject({ code: 'stale-plan' });
    expect(document.inputs).toEqual(withBudget(4));
  });
});

describe('closing and cancelling', () => {
  it('ends the worker in the middle of its work, and starts no other', async () => {
    desk.planner.planResult = deferred<never>().promise;
    const document = desk.open();
    await document.start();
    await settled();
    document.dispose();
    await settled();
    expect(desk.workers.map(({ terminated }) => terminated)).toEqual([true]);
  });

  it('says how to go on where there is no plan yet, and plans when asked to again', async () => {
    const slow = deferred<ReturnType<typeof failure>>();
    desk.planner.planResult = slow.promise;
    desk.planner.cancel = async () => slow.resolve(failure('cancelled'));
    const document = desk.open();
    await document.start();
    await settled();
    await document.cancel();
    expect(document.store.state.error).toMatchObject({
      code: 'cancelled',
      message: 'Planning m.onnx was cancelled.',
    });
    desk.planner.planResult = undefined;
    await document.reload();
    await settled();
    expect(document.store.state.error).toBeUndefined();
    expect(document.store.state.plan).toBeDefined();
  });

  it('does not plan a model that was read in spite of a cancellation', async () => {
    const read = deferred<void>();
    const openModel = desk.planner.open.bind(desk.planner);
    desk.planner.open = async () => {
      await read.promise;
      return openModel();
    };
    const document = desk.open();
    const started = document.start();
    await settled();
    const stopped = document.cancel();
    read.resolve();
    await Promise.all([started, stopped]);
    await settled();
    expect(document.store.state).toMatchObject({ error: { code: 'cancelled' } });
    expect(desk.planner.calls.some((call) => call.startsWith('plan'))).toBe(false);
  });

  it('leaves the plan on screen alone', async () => {
    const document = await desk.started();
    await document.cancel();
    expect(document.store.state.error).toBeUndefined();
    expect(document.store.state.plan).toBeDefined();
  });
});
