import assert from 'node:assert/strict';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';
import { workloadSettings } from '../lib/workload';

const blocks = ['layer1.0.bn1', 'layer1.0.bn2'];

/** The layer tree: filtered, sorted, decided for several layers at once, explained, shown in the timeline. */
export const layers: Scenario = {
  name: 'layers',
  prepare: (workspace) => writeSettings(workspace, { ...workloadSettings, 'headroom.strategy': 'selective' }),
  async run({ workbench }) {
    const { page } = workbench;
    const view = await openModel(workbench, 'resnet50.train.onnx');
    const filter = view.layers.getByRole('textbox');
    const operators = view.layers.locator('[role="row"][data-kind="operator"]');
    const namesShown = (): Promise<string[]> =>
      operators.evaluateAll((rows) => rows.map((row) => row.getAttribute('data-name') ?? ''));

    await filter.fill('type:batchnorm kept:>40MiB');
    await until(async () => {
      const names = await namesShown();
      return names.length > 0 && names.every((name) => name.includes('BatchNormalization'));
    }, 'large normalizations are shown and nothing else');
    const head = view.layers.getByRole('columnheader', { name: /^Kept for backward/ });
    await head.getByRole('button').click();
    await until(async () => (await head.getAttribute('aria-sort')) !== 'none', 'the rows are sorted');
    await head.getByRole('button').click();
    await head.getByRole('button').click();
    assert.equal(await head.getAttribute('aria-sort'), 'none', 'the third click is the order of the model');

    // Two layers, decided at once, are one edit.
    await filter.fill('layer1.0.bn');
    await view.moduleRow(blocks[0]).locator('.cell').first().click();
    await view
      .moduleRow(blocks[1])
      .locator('.cell')
      .first()
      .click({ modifiers: ['Control'] });
    await until(
      async () => /^2 layers selected/.test(await view.frame.locator('#inspector h2').first().innerText()),
      'two layers are selected',
    );
    await view.edit(() => view.grid.press('r'));
    for (const block of blocks) {
      assert.ok(await view.isChosen(block, 'recompute'), `${block} is recomputed`);
      assert.ok(await view.isPinned(block), `${block} stays so`);
    }

    // One of them: why, what else would cost what, what the decision costs, and where it is in the timeline.
    await view.moduleRow(blocks[0]).locator('.cell').first().click();
    const inspector = view.frame.locator('#inspector');
    await until(
      async () =>
        /You decided this\. Keeping it would .*[\d.]+ m?s.* Offloading it would /s.test(
          await inspector.innerText(),
        ),
      'it says why, and what the other two choices would cost',
    );
    const cards = inspector.locator('.effect');
    assert.equal(await cards.count(), 3, 'a card a choice');
    assert.match(await cards.filter({ hasText: 'recompute' }).innerText(), /as now/);
    await until(
      async () => /This pin costs /.test(await inspector.innerText()),
      'the price of the decision is told',
    );
    assert.ok(
      (await view.timeline.locator('.selected-span').count()) > 0,
      'the timeline shows where it runs',
    );

    // One undo takes back both, however soon it comes.
    await view.edit(() => page.keyboard.press('Control+z'));
    for (const block of blocks) assert.equal(await view.isPinned(block), false, `${block} is free again`);
  },
};
