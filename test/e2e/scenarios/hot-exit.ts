import assert from 'node:assert/strict';
import { waitForBackup } from '../lib/backup';
import { HeadroomView } from '../lib/headroomView';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { until } from '../lib/until';

const file = 'resnet50.train.onnx';

/** Reloading the window loses nothing: the unsaved choice is back, and still unsaved. */
export const hotExit: Scenario = {
  name: 'hot-exit',
  async run({ environment, workbench }) {
    const before = await openModel(workbench, file);
    const name = await before.firstCheckpointableModule();
    await before.edit(() => before.choiceButton(name, 'recompute').click());
    await workbench.waitForDirty(file, true);
    await waitForBackup(environment, `"target":"${name}"`);
    await workbench.reload();
    const after = new HeadroomView(workbench.page, workbench.webview());
    await after.ready();
    await until(() => after.isPinned(name), 'the pin is back');
    assert.equal(await workbench.isDirty(file), true);
  },
};
