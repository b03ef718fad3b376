import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { accessibilityViolations } from '../lib/accessibility';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';
import { workloadSettings } from '../lib/workload';

/** Presses the pointer on a box, and lets go after a click on another one has been drawn. */
async function clickDuringARedraw(page: Page, pressed: Locator, other: Locator): Promise<void> {
  const place = await pressed.boundingBox();
  assert.ok(place);
  await page.mouse.move(place.x + place.width / 2, place.y + place.height / 2);
  await page.mouse.down();
  await other.dispatchEvent('click');
  await until(
    async () => (await other.getAttribute('aria-selected')) === 'true',
    'the click on the other box is drawn',
  );
  await page.mouse.up();
}

/** Modules as a graph: opened on demand, coloured, selected together with every other pane, by mouse and by keys. */
export const graph: Scenario = {
  name: 'graph',
  prepare: (workspace) => writeSettings(workspace, workloadSettings),
  async run({ environment, workbench }) {
    const { page } = workbench;
    const view = await openModel(workbench, 'resnet50.train.onnx');
    await view.layers.getByRole('tab', { name: 'Graph' }).click();
    const pane = view.frame.locator('#graph');
    await pane.getByRole('tree').waitFor();
    const box = (name: string) => pane.locator(`[data-key="module ${name}"]`);
    await pane.getByRole('button', { name: 'Fit' }).click();
    const inspector = view.frame.locator('#inspector');

    await box('layer3').click();
    await until(
      async () => (await inspector.innerText()).includes('layer3'),
      'the inspector shows the module',
    );
    assert.ok(
      (await view.timeline.locator('.selected-span').count()) > 0,
      'the timeline shows where it runs',
    );
    await box('layer3').dblclick();
    await box('layer3.0').waitFor();
    assert.equal(await box('layer3').getAttribute('aria-expanded'), 'true');
    await box('layer3.0').dblclick();
    await box('layer3.0.conv1').waitFor();
    assert.equal(await box('layer4.0').count(), 0, 'what nobody opened is not laid out');

    await clickDuringARedraw(page, box('layer2'), box('layer1'));
    await until(
      async () => (await box('layer2').getAttribute('aria-selected')) === 'true',
      'a click is not lost while the one before is drawn',
    );

    for (const colour of ['by device', 'by memory', 'by choice']) {
      await pane.getByRole('combobox', { name: 'Colour boxes by' }).selectOption({ label: colour });
      const expected = colour === 'by device' ? /gpu0/ : colour === 'by memory' ? / %/ : /keep|mixed/;
      await until(
        async () => expected.test((await box('layer2').textContent()) ?? ''),
        `boxes tell their colour ${colour}`,
      );
    }
    mkdirSync(environment.artifactsFolder, { recursive: true });
    await page.screenshot({ path: path.join(environment.artifactsFolder, 'graph.png') });
    assert.deepEqual(await accessibilityViolations(page, environment.repoRoot), []);

    // Keys: along the flow, out, and closed.
    const tree = pane.getByRole('tree');
    const active = async (): Promise<string> =>
      (await pane.locator('.graph-box.is-active').getAttribute('data-key')) ?? '';
    await tree.focus();
    const before = await active();
    await page.keyboard.press('ArrowRight');
    await until(async () => (await active()) !== before, 'the next box is the active one');
    await until(async () => {
      await page.keyboard.press('ArrowUp');
      return (await active()) === 'module layer3';
    }, 'up goes out');
    await page.keyboard.press('ArrowUp');
    await until(async () => (await box('layer3').getAttribute('aria-expanded')) === 'false', 'and closes');

    // What the tree selects the graph shows.
    await pane.getByRole('tab', { name: 'Layers' }).click();
    await view.layers.locator('vscode-text-field input').fill('layer4');
    await view.moduleRow('layer4').locator('.layer-label').click();
    await view.layers.getByRole('tab', { name: 'Graph' }).click();
    await until(
      async () => (await box('layer4').getAttribute('aria-selected')) === 'true',
      'the row is selected',
    );
  },
};
