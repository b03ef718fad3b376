import assert from 'node:assert/strict';
import { crashWorker, workerNames } from '../lib/browserWorkers';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { until } from '../lib/until';

const planner = 'headroom-planner';

/** A planner that dies takes nothing with it: the next edit starts another one, with the model and every decision. */
export const killedWorker: Scenario = {
  name: 'web-killed-worker',
  server: 'browser',
  async run({ workbench, console }) {
    const browser = workbench.page.context().browser();
    const view = await openModel(workbench, 'resnet50.train.onnx');
    const name = await view.firstCheckpointableModule();
    await view.edit(() => view.choiceButton(name, 'recompute').click());
    const planned = await view.sentenceText();

    await crashWorker(browser, planner);
    await until(
      async () => !(await workerNames(browser)).some((title) => title.endsWith(planner)),
      'the planner has died',
    );
    assert.equal(await view.sentenceText(), planned, 'the plan stays on screen');
    assert.ok(await view.isPinned(name), 'so do decisions');

    await view.edit(() => view.dragSlider(0.5));
    assert.ok(await view.error.isHidden(), 'there is nothing to report');
    assert.notEqual(await view.sentenceText(), planned, 'another planner answers');
    assert.ok(await view.isPinned(name), 'and knows the decisions');
    await view.edit(() => workbench.page.keyboard.press('Control+z'));
    await until(async () => (await view.sentenceText()) === planned, 'undo leads to the plan from before');
    // A closed tab leaves no planner behind.
    await workbench.runCommand('File: Revert File');
    await workbench.waitForDirty('resnet50.train.onnx', false);
    await workbench.closeActiveEditor();
    await until(
      async () => !(await workerNames(browser)).some((title) => title.endsWith(planner)),
      'the planner of the closed tab has ended',
    );
    // The crash itself is printed.
    const own = console.errors.filter((text) => text.includes('crashed by a test'));
    console.errors.splice(0, console.errors.length, ...console.errors.filter((text) => !own.includes(text)));
  },
};
