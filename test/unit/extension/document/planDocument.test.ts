import type * as vscode from 'vscode';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { parseBackup } from '../../../../extension/document/backup';
import { PlanDocument } from '../../../../extension/document/planDocument';
import { renameReplacing } from '../../../../extension/document/planFile';
import { PlannerHost } from '../../../../extension/planner/plannerHost';
import type { PlanInputs } from '../../../../planner-core/plan/planInputs';
import { deferred, FakePlanner, FakeWorker, failure, settled, withBudget } from '../fakePlanner';
import { fake, Uri } from '../fakeVscode';
import { someDefaults } from '../someDefaults';

const model = Uri.file('/w/m.onnx');
const plan = Uri.file('/w/m.onnx.plan.json');
const gib = 1024 ** 3;
const budget = (gibibytes: number) => ({ kind: 'budget', budgetBytes: gibibytes * gib }) as const;
const pinA = { kind: 'choice', targets: [{ target: 'a', kind: 'module' }], choice: 'keep' } as const;

const defaults = { ...someDefaults, dimensions: { batch: 4, other: 9 } };

let planner: FakePlanner;
let workers: FakeWorker[];
let edits: vscode.CustomDocumentEditEvent<PlanDocument>[];
const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };

function open(uri = model, backup?: string): PlanDocument {
  workers = [];
  const host = new PlannerHost(
    () => {
      const worker = new FakeWorker(planner);
      workers.push(worker);
      return worker;
    },
    () => undefined,
  );
  const document = new PlanDocument(
    uri as unknown as vscode.Uri,
    { planner: host, rename: renameReplacing, log, defaults, maxRemoteFileSizeMB: 1 },
    backup === undefined ? undefined : parseBackup(backup),
  );
  edits = [];
  document.onDidEdit((edit) => edits.push(edit));
  return document;
}

async function started(uri = model, backup?: string): Promise<PlanDocument> {
  const document = open(uri, backup);
  await document.start();
  await settled();
  return document;
}

const asUri = (uri: Uri): vscode.Uri => uri as unknown as vscode.Uri;
const saved = (): PlanInputs => (JSON.parse(fake.fs.text(plan) ?? '') as { plan: PlanInputs }).plan;

beforeEach(() => {
  fake.reset();
  fake.fs.put(model, 'a model');
  planner = new FakePlanner();
});

describe('opening', () => {
  it('starts from the settings, with the dimensions that the model has', async () => {
    const { inputs, store } = await started();
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
    fake.fs.put(plan, planner.planText(withBudget(8)));
    const document = await started();
    expect(document.inputs).toEqual(withBudget(8));
    expect(document.store.state.stalePlan).toBeUndefined();
    expect(edits).toEqual([]);
  });

  it('leaves a file alone that is no plan: says so, opens with the defaults, and will not save over it', async () => {
    fake.fs.put(plan, '<<<<<<< HEAD');
    const document = await started();
    expect(fake.messages).toHaveLength(1);
    expect(document.inputs.budgetBytes).toBe(16 * gib);
    await document.edit(budget(4));
    await expect(document.save()).rejects.toMatchObject({ code: 'bad-plan' });
    expect(fake.fs.text(plan)).toBe('<<<<<<< HEAD');
  });

  it('shows why a model cannot be opened, and opens it when it can', async () => {
    planner.openResult = failure('malformed-file');
    const document = await started();
    expect(document.store.state).toMatchObject({ error: { code: 'malformed-file' } });
    expect(document.store.state.progress).toBeUndefined();
    planner.openResult = undefined;
    fake.fs.put(plan, planner.planText(withBudget(8)));
    await document.modelFileChanged();
    await settled();
    expect(document.inputs).toEqual(withBudget(8));
    expect(document.store.state.error).toBeUndefined();
    expect(document.store.state.plan).toBeDefined();
  });

  it('reads files of other file systems whole, up to the limit', async () => {
    const far = Uri.parse('memfs:/w/far.onnx');
    fake.fs.put(far, 'x'.repeat(2e6));
    const document = await started(far);
    expect(document.store.state).toMatchObject({ error: { code: 'limit-exceeded' } });
    expect(document.store.state.error?.message).toContain('2.00 MB');
  });
});

describe('editing', () => {
  it('waits until the model and its plan are read', async () => {
    fake.fs.put(plan, planner.planText(withBudget(8)));
    const document = open();
    await document.edit(pinA);
    expect(document.inputs.budgetBytes).toBe(8 * gib);
    expect(document.inputs.pins).toHaveLength(1);
  });

  it('is one labelled step that undo and redo walk', async () => {
    const document = await started();
    await document.edit(budget(4));
    await document.edit(pinA);
    expect(edits.map(({ label }) => label)).toEqual(['Budget 4.00 GiB', 'Keep a']);
    await edits[1].undo();
    expect(document.inputs.pins).toEqual([]);
    await edits[0].undo();
    expect(document.store.state.inputs.budgetBytes).toBe(16 * gib);
    await edits[0].redo();
    await settled();
    expect(document.store.state.plan?.plan.budgetBytes).toBe(4 * gib);
  });

  it('takes nothing for a step that changes nothing', async () => {
    const document = await started();
    await document.edit(budget(16));
    expect(edits).toEqual([]);
  });

  it('refuses a device that is not there', async () => {
    const document = await started();
    const targets = [{ target: 'a', kind: 'module' }] as const;
    await expect(document.edit({ kind: 'device', targets, device: 'gpu9' })).rejects.toMatchObject({
      code: 'unknown-device',
    });
    await document.edit(budget(4));
    expect(document.inputs.budgetBytes).toBe(4 * gib);
  });
});

describe('saving', () => {
  it('writes the plan beside the model, and never the model', async () => {
    const document = await started();
    await document.edit(budget(4));
    await document.save();
    expect(saved()).toEqual(document.inputs);
    expect(fake.fs.text(model)).toBe('a model');
    expect([...fake.fs.files.keys()]).toEqual([model.toString(), plan.toString()]);
  });

  it.each(['writeFile', 'rename'] as const)(
    'changes nothing when %s fails, and can be repeated',
    async (step) => {
      const document = await started();
      await document.edit(budget(4));
      await document.save();
      await document.edit(budget(2));
      fake.fs.failures.set(step, 'disk full');
      await expect(document.save()).rejects.toThrow('disk full');
      expect(saved().budgetBytes).toBe(4 * gib);
      expect(document.inputs.budgetBytes).toBe(2 * gib);
      fake.fs.failures.clear();
      // Still unsaved: a foreign change is not taken over silently.
      fake.fs.put(plan, planner.planText(withBudget(1)));
      expect(await document.planFileChanged()).toBe(planner.planText(withBudget(1)));
      document.savedPlan.knownText = planner.planText(withBudget(1));
      await document.save();
      expect(saved().budgetBytes).toBe(2 * gib);
    },
  );

  it('lets no edit in while the file is written', async () => {
    const document = await started();
    await document.edit(budget(4));
    const write = deferred<void>();
    fake.fs.beforeWrite = () => write.promise;
    const order: string[] = [];
    const saving = document.save().then(() => order.push('saved'));
    const editing = document.edit(budget(2)).then(() => order.push('edited'));
    await settled();
    expect(edits).toHaveLength(1);
    write.resolve();
    await Promise.all([saving, editing]);
    expect(order).toEqual(['saved', 'edited']);
    expect(saved().budgetBytes).toBe(4 * gib);
  });

  it('does not write over what someone else has written', async () => {
    const document = await started();
    await document.edit(budget(4));
    const foreign = planner.planText(withBudget(1));
    fake.fs.put(plan, foreign);
    await expect(document.save()).rejects.toThrow('has changed on disk');
    expect(fake.fs.text(plan)).toBe(foreign);
  });

  it('saves elsewhere, but not over models or foreign files', async () => {
    const document = await started();
    const copy = Uri.file('/w/copy.plan.json');
    await document.saveAs(asUri(copy));
    expect(fake.fs.text(copy)).toBe(planner.planText(document.inputs));
    await document.saveAs(asUri(copy));
    await expect(document.saveAs(asUri(model))).rejects.toMatchObject({ code: 'bad-plan' });
    const settings = Uri.file('/w/settings.json');
    fake.fs.put(settings, '{"a":1}');
    await expect(document.saveAs(asUri(settings))).rejects.toMatchObject({ code: 'bad-plan' });
    expect(fake.fs.text(model)).toBe('a model');
    expect(fake.fs.text(settings)).toBe('{"a":1}');
  });

  it('reverts to the file, or to the defaults', async () => {
    const document = await started();
    await document.edit(budget(4));
    await document.revert();
    expect(document.inputs.budgetBytes).toBe(16 * gib);
    await document.edit(budget(4));
    await document.save();
    await document.edit(budget(2));
    await document.revert();
    expect(document.inputs.budgetBytes).toBe(4 * gib);
  });

  it('has no place for the plan of an old version of a file', async () => {
    const old = Uri.parse('git:/w/m.onnx?{"ref":"HEAD"}');
    fake.fs.put(old, 'an old model');
    const document = await started(old);
    expect(document.store.state.readOnly).toBe(true);
    await document.edit(budget(4));
    await expect(document.save()).rejects.toMatchObject({ code: 'file-access' });
    await document.saveAs(asUri(Uri.file('/w/old.plan.json')));
  });
});

describe('hot exit', () => {
  it('restores unsaved edits as one step on top of what is on disk', async () => {
    const document = await started();
    await document.edit(budget(4));
    await document.save();
    await document.edit(budget(2));
    const restored = await started(model, document.backup());
    expect(restored.inputs).toEqual(document.inputs);
    expect(edits).toHaveLength(1);
    await edits[0].undo();
    expect(restored.inputs.budgetBytes).toBe(4 * gib);
  });

  it('keeps a backup whose model cannot be opened', async () => {
    const document = await started();
    await document.edit(budget(2));
    const backup = document.backup();
    planner.openResult = failure('file-access');
    const restored = await started(model, backup);
    expect(restored.backup()).toBe(backup);
  });

  it('notices that the plan changed meanwhile', async () => {
    const document = await started();
    await document.edit(budget(2));
    const foreign = planner.planText(withBudget(1));
    fake.fs.put(plan, foreign);
    const restored = await started(model, document.backup());
    expect(await restored.planFileChanged()).toBe(foreign);
    expect(restored.inputs.budgetBytes).toBe(2 * gib);
  });

  it('refuses a backup it did not write', () => {
    expect(() => parseBackup('{"inputs":{}}')).toThrow('cannot be read');
  });
});

describe('changes from outside', () => {
  it('takes over a changed plan when there is nothing unsaved', async () => {
    const document = await started();
    fake.fs.put(plan, planner.planText(withBudget(1)));
    expect(await document.planFileChanged()).toBeUndefined();
    expect(document.inputs).toEqual(withBudget(1));
    expect(edits).toEqual([]);
  });

  it('takes it over after a save too', async () => {
    const document = await started();
    await document.edit(budget(4));
    await document.save();
    fake.fs.put(plan, planner.planText(withBudget(1)));
    await document.planFileChanged();
    expect(document.inputs).toEqual(withBudget(1));
  });

  it('does not take its own save for one', async () => {
    const document = await started();
    await document.edit(budget(4));
    await document.save();
    await document.edit(budget(2));
    expect(await document.planFileChanged()).toBeUndefined();
    expect(document.inputs.budgetBytes).toBe(2 * gib);
  });

  it('keeps every decision when the plan is deleted, and saves again', async () => {
    const document = await started();
    await document.edit(budget(4));
    await document.save();
    fake.fs.files.delete(plan.toString());
    await document.planFileChanged();
    expect(document.inputs.budgetBytes).toBe(4 * gib);
    await document.save();
    expect(saved().budgetBytes).toBe(4 * gib);
  });

  it('opens a changed model again and keeps the decisions', async () => {
    const document = await started();
    await document.edit(pinA);
    const before = planner.calls.length;
    await document.modelFileChanged();
    await settled();
    expect(planner.calls.slice(before).map((call) => call.split(' ')[0])).toEqual([
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
    const document = await started();
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
    planner.fingerprint = 'old';
    fake.fs.put(plan, planner.planText({ ...withBudget(8), pins }));
    planner.fingerprint = 'new';
    return started();
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
    expect(edits).toEqual([]);
  });

  it('is rebased in one step that can be undone', async () => {
    const document = await openStale();
    await document.resolveStalePlan('rebase');
    await settled();
    expect(document.inputs.pins).toEqual([pins[0]]);
    expect(document.inputs.budgetBytes).toBe(8 * gib);
    expect(document.store.state.plan).toBeDefined();
    expect(edits.map(({ label }) => label)).toEqual(['Rebase the plan']);
    await edits[0].undo();
    expect(document.inputs.pins).toHaveLength(2);
  });

  it('is discarded in one step that can be undone', async () => {
    const document = await openStale();
    await document.resolveStalePlan('discard');
    expect(document.inputs.pins).toEqual([]);
    expect(document.inputs.budgetBytes).toBe(16 * gib);
    await edits[0].undo();
    expect(document.inputs.budgetBytes).toBe(8 * gib);
  });

  it('is stale no more once it is saved', async () => {
    const document = await openStale();
    await document.save();
    expect(document.store.state.stalePlan).toBeUndefined();
    const again = await started();
    expect(again.store.state.stalePlan).toBeUndefined();
  });

  it('becomes stale when the model changes its structure while it is open', async () => {
    const document = await started();
    await document.edit(pinA);
    planner.fingerprint = 'f2';
    await document.modelFileChanged();
    expect(document.store.state.stalePlan).toBe('m.onnx.plan.json');
  });
});

describe('other plans', () => {
  it('are held against the one on screen, each with a number of its own', async () => {
    const document = await started();
    await document.compareWith('one', planner.planText(withBudget(4)));
    expect(document.store.state.compared).toMatchObject({ run: 1, name: 'one' });
    await document.compareWith('two', planner.planText(withBudget(5)));
    expect(document.store.state.compared).toMatchObject({ run: 2, name: 'two' });
    expect(edits).toEqual([]);
    await expect(document.compareWith('three', 'no plan')).rejects.toMatchObject({ code: 'bad-plan' });
    expect(document.store.state.compared).toMatchObject({ name: 'two' });
  });

  it('are forgotten when the model has another structure', async () => {
    const document = await started();
    await document.compareWith('one', planner.planText(withBudget(4)));
    await document.reload();
    expect(document.store.state.compared).toBeDefined();
    planner.fingerprint = 'f2';
    await document.reload();
    expect(document.store.state.compared).toBeUndefined();
  });

  it('are taken over as an edit with their name, unless they are for another structure', async () => {
    const document = await started();
    await document.takeOver('late.plan.json', planner.planText(withBudget(4)));
    expect(document.inputs).toEqual(withBudget(4));
    expect(edits.map(({ label }) => label)).toEqual(['Take over late.plan.json']);
    const foreign = JSON.stringify({ plan: withBudget(5), fingerprint: 'other' });
    await expect(document.takeOver('foreign', foreign)).rejects.toMatchObject({ code: 'stale-plan' });
    expect(document.inputs).toEqual(withBudget(4));
  });
});

describe('closing and cancelling', () => {
  it('ends the worker in the middle of its work, and starts no other', async () => {
    planner.planResult = deferred<never>().promise;
    const document = open();
    await document.start();
    await settled();
    document.dispose();
    await settled();
    expect(workers.map(({ terminated }) => terminated)).toEqual([true]);
  });

  it('says how to go on where there is no plan yet, and plans when asked to again', async () => {
    const slow = deferred<ReturnType<typeof failure>>();
    planner.planResult = slow.promise;
    planner.cancel = async () => slow.resolve(failure('cancelled'));
    const document = open();
    await document.start();
    await settled();
    await document.cancel();
    expect(document.store.state.error).toMatchObject({
      code: 'cancelled',
      message: 'Planning m.onnx was cancelled.',
    });
    planner.planResult = undefined;
    await document.reload();
    await settled();
    expect(document.store.state.error).toBeUndefined();
    expect(document.store.state.plan).toBeDefined();
  });

  it('does not plan a model that was read in spite of a cancellation', async () => {
    const read = deferred<void>();
    const openModel = planner.open.bind(planner);
    planner.open = async () => {
      await read.promise;
      return openModel();
    };
    const document = open();
    const started = document.start();
    await settled();
    const stopped = document.cancel();
    read.resolve();
    await Promise.all([started, stopped]);
    await settled();
    expect(document.store.state).toMatchObject({ error: { code: 'cancelled' } });
    expect(planner.calls.some((call) => call.startsWith('plan'))).toBe(false);
  });

  it('leaves the plan on screen alone', async () => {
    const document = await started();
    await document.cancel();
    expect(document.store.state.error).toBeUndefined();
    expect(document.store.state.plan).toBeDefined();
  });
});
