import assert from 'node:assert/strict';
import type { HeadroomView } from '../lib/headroomView';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';

const file = 'gpt2_small.train.onnx';

/** Parameters outweigh activations: what the update borrows decides the peak. */
const settings = {
  'headroom.dimensions': { batch: 1, seq: 64 },
  'headroom.optimizer': 'adamw',
};

/** What keeping everything needs, as the sentence tells it. */
async function needed(view: HeadroomView): Promise<string> {
  const amount = /^Training .*?needs ([\d.]+ \w+)[ ;]/.exec(await view.sentenceText())?.[1];
  assert.ok(amount, 'the sentence tells what keeping everything needs');
  return amount;
}

async function setDimension(view: HeadroomView, name: string, value: number): Promise<void> {
  const field = view.frame.getByLabel(name, { exact: true }).locator('input');
  await view.edit(async () => {
    await field.fill(String(value));
    await field.press('Enter');
  });
}

/** The settings of the step: what they do to the peak, undone one by one. */
export const stepSettings: Scenario = {
  name: 'settings',
  prepare: (workspace) => writeSettings(workspace, settings),
  async run({ workbench }) {
    const view = await openModel(workbench, file);
    const undo = (): Promise<void> => view.edit(() => workbench.page.keyboard.press('Control+z'));
    const opener = view.frame.getByRole('button', { name: /^Step settings/ });
    const panel = view.frame.getByRole('region', { name: 'Step settings' });
    await opener.press('Enter');
    await panel.waitFor();

    const atFirst = await needed(view);
    const update = panel.getByRole('radiogroup', { name: 'optimizer.step()' });
    await view.edit(() => update.getByRole('radio', { name: 'foreach' }).check());
    assert.notEqual(await needed(view), atFirst, 'all parameters at once take more than one after another');
    assert.equal(await opener.getAttribute('aria-label'), 'Step settings, 1 not at default');
    await workbench.waitForDirty(file, true);
    await undo();
    assert.equal(await needed(view), atFirst);
    await workbench.waitForDirty(file, false);

    // More tokens: activations outweigh parameters, and what operators are read as decides the peak.
    await setDimension(view, 'seq', 1024);
    const asCalls = await needed(view);
    const pattern = panel.getByRole('checkbox', { name: /^layer-norm/ });
    assert.ok(await pattern.isChecked(), 'the file is read as layer_norm calls');
    await view.edit(() => pattern.click());
    assert.equal(await pattern.isChecked(), false);
    assert.notEqual(await needed(view), asCalls, 'the pieces of layer_norm keep more than the call');
    await undo();
    assert.ok(await pattern.isChecked());
    assert.equal(await needed(view), asCalls);

    await view.edit(() =>
      view
        .moduleRow('transformer')
        .getByRole('button', { name: /^Freeze / })
        .click(),
    );
    assert.notEqual(await needed(view), asCalls, 'frozen parameters have no gradients');
    await view.edit(() => panel.getByRole('button', { name: 'Train transformer' }).click());
    assert.equal(await needed(view), asCalls);

    await workbench.page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
  },
};
