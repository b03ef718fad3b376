import { beforeEach, describe, expect, it } from 'vitest';
import { parseBackup } from '../../../../extension/document/backup';
import { deferred, failure, settled, withBudget } from '../fakePlanner';
import { fake, Uri } from '../fakeVscode';
import { DocumentDesk, asUri, budget, gib, model, plan, saved } from './documentDesk';

let desk: DocumentDesk;

beforeEach(() => {
  desk = new DocumentDesk();
});

describe('saving', () => {
  it('writes the plan beside the model, and never the model', async () => {
    const document = await desk.started();
    await document.edit(budget(4));
    await document.save();
    expect(saved()).toEqual(document.inputs);
    expect(fake.fs.text(model)).toBe('a model');
    expect([...fake.fs.files.keys()]).toEqual([model.toString(), plan.toString()]);
  });

  it.each(['writeFile', 'rename'] as const)(
    'changes nothing when %s fails, and can be repeated',
    async (step) => {
      const document = await desk.started();
      await document.edit(budget(4));
      await document.save();
      await document.edit(budget(2));
      fake.fs.failures.set(step, 'disk full');
      await expect(document.save()).rejects.toThrow('disk full');
      expect(saved().budgetBytes).toBe(4 * gib);
      expect(document.inputs.budgetBytes).toBe(2 * gib);
      fake.fs.failures.clear();
      // Still unsaved: a foreign change is not taken over silently.
      fake.fs.put(plan, desk.planner.planText(withBudget(1)));
      expect(await document.planFileChanged()).toBe(desk.planner.planText(withBudget(1)));
      document.savedPlan.knownText = desk.planner.planText(withBudget(1));
      await document.save();
      expect(saved().budgetBytes).toBe(2 * gib);
    },
  );

  it('lets no edit in while the file is written', async () => {
    const document = await desk.started();
    await document.edit(budget(4));
    const write = deferred<void>();
    fake.fs.beforeWrite = () => write.promise;
    const order: string[] = [];
    const saving = document.save().then(() => order.push('saved'));
    const editing = document.edit(budget(2)).then(() => order.push('edited'));
    await settled();
    expect(desk.edits).toHaveLength(1);
    write.resolve();
    await Promise.all([saving, editing]);
    expect(order).toEqual(['saved', 'edited']);
    expect(saved().budgetBytes).toBe(4 * gib);
  });

  it('does not write over what someone else has written', async () => {
    const document = await desk.started();
    await document.edit(budget(4));
    const foreign = desk.planner.planText(withBudget(1));
    fake.fs.put(plan, foreign);
    await expect(document.save()).rejects.toThrow('has changed on disk');
    expect(fake.fs.text(plan)).toBe(foreign);
  });

  it('saves elsewhere, but not over models or foreign files', async () => {
    const document = await desk.started();
    const copy = Uri.file('/w/copy.plan.json');
    await document.saveAs(asUri(copy));
    expect(fake.fs.text(copy)).toBe(desk.planner.planText(document.inputs));
    await document.saveAs(asUri(copy));
    await expect(document.saveAs(asUri(model))).rejects.toMatchObject({ code: 'bad-plan' });
    const settings = Uri.file('/w/settings.json');
    fake.fs.put(settings, '{"a":1}');
    await expect(document.saveAs(asUri(settings))).rejects.toMatchObject({ code: 'bad-plan' });
    expect(fake.fs.text(model)).toBe('a model');
    expect(fake.fs.text(settings)).toBe('{"a":1}');
  });

  it('reverts to the file, or to the defaults', async () => {
    const document = await desk.started();
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
    const document = await desk.started(old);
    expect(document.store.state.readOnly).toBe(true);
    await document.edit(budget(4));
    await expect(document.save()).rejects.toMatchObject({ code: 'file-access' });
    await document.saveAs(asUri(Uri.file('/w/old.plan.json')));
  });
});

describe('hot exit', () => {
  it('restores unsaved edits as one step on top of what is on disk', async () => {
    const document = await desk.started();
    await document.edit(budget(4));
    await document.save();
    await document.edit(budget(2));
    const restored = await desk.started(model, document.backup());
    expect(restored.inputs).toEqual(document.inputs);
    expect(desk.edits).toHaveLength(1);
    await desk.edits[0].undo();
    expect(restored.inputs.budgetBytes).toBe(4 * gib);
  });

  it('keeps a backup whose model cannot be opened', async () => {
    const document = await desk.started();
    await document.edit(budget(2));
    const backup = document.backup();
    desk.planner.openResult = failure('file-access');
    const restored = await desk.started(model, backup);
    expect(restored.backup()).toBe(backup);
  });

  it('notices that the plan changed meanwhile', async () => {
    const document = await desk.started();
    await document.edit(budget(2));
    const foreign = desk.planner.planText(withBudget(1));
    fake.fs.put(plan, foreign);
    const restored = await desk.started(model, document.backup());
    expect(await restored.planFileChanged()).toBe(foreign);
    expect(restored.inputs.budgetBytes).toBe(2 * gib);
  });

  it('refuses a backup it did not write', () => {
    expect(() => parseBackup('{"inputs":{}}')).toThrow('cannot be read');
  });
});
