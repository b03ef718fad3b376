import assert from 'node:assert/strict';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';

const file = 'gpt2_small.train.onnx';

/** A step whose activations outweigh the parameters, so that there is something to trade. */
const prepare = (workspace: string): void =>
  writeSettings(workspace, { 'headroom.dimensions': { batch: 8, seq: 1024 } });

/** Dragging the budget with the mouse replans, tells the cost in the sentence, and is a change of the document. */
export const sliderDrag: Scenario = {
  name: 'slider-drag',
  prepare,
  async run({ workbench }) {
    const view = await openModel(workbench, file);
    const before = { sentence: await view.sentenceText(), budget: await view.sliderValue() };
    await view.edit(() => view.dragSlider(0.4));
    assert.ok((await view.sliderValue()) < before.budget, 'the budget is lower');
    assert.notEqual(await view.sentenceText(), before.sentence);
    await workbench.waitForDirty(file, true);
  },
};

/** A drag is undone and redone as one step, however many values it passed through. */
export const undoRedo: Scenario = {
  name: 'undo-redo',
  prepare,
  async run({ workbench }) {
    const view = await openModel(workbench, file);
    const before = { sentence: await view.sentenceText(), budget: await view.sliderValue() };
    await view.edit(() => view.dragSlider(0.5));
    const after = { sentence: await view.sentenceText(), budget: await view.sliderValue() };
    await view.edit(() => workbench.page.keyboard.press('Control+z'));
    assert.equal(await view.sliderValue(), before.budget);
    assert.equal(await view.sentenceText(), before.sentence);
    await workbench.waitForDirty(file, false);
    const status = workbench.page.locator('.statusbar');
    await status.getByText(/^Undone: Budget [\d.]+ GiB$/).waitFor();
    await view.edit(() => workbench.page.keyboard.press('Control+Shift+z'));
    await status.getByText(/^Redone: Budget [\d.]+ GiB$/).waitFor();
    assert.equal(await view.sliderValue(), after.budget);
    assert.equal(await view.sentenceText(), after.sentence);
    await workbench.waitForDirty(file, true);

    // Pressed before the host has heard of the click, the key undoes the click and not the drag.
    const name = await view.firstCheckpointableModule();
    const pinned = await view.isPinned(name);
    await view.choiceButton(name, 'recompute').click();
    await workbench.page.keyboard.press('Control+z');
    await view.settled();
    assert.equal(await view.isPinned(name), pinned, 'the click is undone');
    assert.equal(await view.sliderValue(), after.budget, 'the drag is not');
    await status.getByText(`Undone: Recompute ${name}`, { exact: true }).waitFor();
  },
};
