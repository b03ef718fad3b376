import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Plan } from '../../../planner-core/plan/plan';
import { HeadroomView } from '../lib/headroomView';
import type { Scenario } from '../lib/scenario';
import { tabTo } from '../lib/tabTo';
import { until } from '../lib/until';

const file = 'resnet50.train.onnx';

/** Everything without a mouse: open a model, lower the budget, pin a layer, save. */
export const keyboardOnly: Scenario = {
  name: 'keyboard-only',
  async run({ workbench, workspace }) {
    const { page } = workbench;
    // A window that has just come up may not know yet which editor opens the file, and shows its text.
    await until(async () => {
      await page.keyboard.press('Control+p');
      await page.keyboard.type(file);
      await page.locator('.quick-input-list .monaco-list-row', { hasText: file }).first().waitFor();
      await page.keyboard.press('Enter');
      await workbench.tab(file).waitFor();
      const text = page.locator('.editor-instance .monaco-editor:visible');
      await text.or(page.locator('iframe.webview:visible')).first().waitFor();
      if ((await text.count()) === 0) return true;
      await workbench.closeActiveEditor();
      return false;
    }, `${file} opens as a model`);
    const view = new HeadroomView(page, workbench.webview());
    await view.ready();

    await tabTo(view.slider, page);
    const budget = await view.sliderValue();
    await view.edit(() => page.keyboard.press('PageDown'));
    assert.ok((await view.sliderValue()) < budget, 'Page Down lowers the budget');

    const name = await view.firstCheckpointableModule();
    await tabTo(view.grid, page);
    // One key at a time: a press before the last one is drawn would go past the row.
    const selectedRow = (): Promise<string> =>
      view.grid.evaluate(
        (grid) => grid.querySelector('[aria-selected="true"]')?.getAttribute('aria-rowindex') ?? '',
      );
    await until(async () => {
      const before = await selectedRow();
      await page.keyboard.press('ArrowDown');
      await until(async () => (await selectedRow()) !== before, 'the selection moves', 5_000);
      return (await view.moduleRow(name).getAttribute('aria-selected')) === 'true';
    }, `the arrow keys reach ${name}`);
    await view.edit(() => page.keyboard.press('r'));
    assert.ok(await view.isPinned(name), `${name} is pinned`);

    await page.keyboard.press('Control+s');
    await workbench.waitForDirty(file, false);
    const plan = JSON.parse(readFileSync(path.join(workspace, `${file}.plan.json`), 'utf8')) as Plan;
    assert.deepEqual(
      plan.decisions.filter((decision) => decision.pinned).map((decision) => decision.target),
      [name],
    );
  },
};
