import assert from 'node:assert/strict';
import { HeadroomView } from '../lib/headroomView';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { until } from '../lib/until';

const file = 'tiny_mlp.train.onnx';

/** Two tabs on one document show the same plan, whichever of them is edited. */
export const twoEditors: Scenario = {
  name: 'two-editors',
  async run({ workbench }) {
    await openModel(workbench, file);
    await workbench.runCommand('View: Split Editor Right');
    await until(async () => (await workbench.tab(file).count()) === 2, 'the editor is split');
    const views = [0, 1].map((index) => new HeadroomView(workbench.page, workbench.webview(index)));
    for (const view of views) await view.ready();
    const [first, second] = views;
    const name = await first.firstCheckpointableModule();
    await first.edit(() => first.choiceButton(name, 'recompute').click());
    await until(() => second.isPinned(name), 'the other editor shows the pin');
    assert.equal(await second.sentenceText(), await first.sentenceText());
  },
};
