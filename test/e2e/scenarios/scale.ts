import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { decoderTransformer } from '../../fixtures/generatedModels/decoderTransformer';
import { onnxFile } from '../../fixtures/onnx-builder/onnx';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { until } from '../lib/until';

const operators = 10_000;
const file = `decoder${operators}.onnx`;
/** What a pane may put into the page, however large the model is. */
const mostRowElements = 80;
const mostMarks = 400;

/** A model of 10,000 operators is worked with like a small one: the page holds what is in sight, and no more. */
export const scale: Scenario = {
  name: 'scale',
  prepare: (workspace) => writeFileSync(path.join(workspace, file), onnxFile(decoderTransformer(operators))),
  async run({ environment, workbench }) {
    const { page } = workbench;
    const view = await openModel(workbench, file);
    assert.match(await view.sentenceText(), /[\d.]+ [KMG]iB/);
    const samples = Number(await view.timeline.locator('.chart').getAttribute('aria-valuemax'));
    assert.ok(samples > operators / 2, `the timeline has ${samples} computations`);
    const marks = (): Promise<number> => view.timeline.locator('.chart > svg *').count();
    assert.ok((await marks()) < mostMarks, 'one picture for all of them');

    // Thousands of rows, elements for those in sight; the last is reached by a key, the middle by the wheel.
    const filter = view.layers.getByRole('textbox');
    await filter.fill('h.');
    const rowCount = async (): Promise<number> => Number(await view.grid.getAttribute('aria-rowcount'));
    await until(async () => (await view.layers.getByRole('status').innerText()) !== '', 'rows are counted');
    const matching = await rowCount();
    assert.ok(matching > 2_000, `${matching} rows match`);
    const rows = view.layers.locator('.rows > [role="row"]');
    assert.ok((await rows.count()) < mostRowElements, 'only rows in sight have elements');
    await view.grid.press('End');
    const last = view.layers.locator(`.rows > [aria-rowindex="${matching}"][aria-selected="true"]`);
    await last.waitFor();
    await view.grid.hover();
    await page.mouse.wheel(0, -4000);
    await until(async () => (await last.count()) === 0, 'the last row is out of sight, and of the page');
    assert.ok((await rows.count()) < mostRowElements, 'elements are used again');
    await until(async () => {
      const indexes = (await rows.evaluateAll((all) =>
        all.map((row) => Number(row.getAttribute('aria-rowindex'))),
      )) as number[];
      return indexes.every((index, i) => index === indexes[0] + i);
    }, 'rows are in the page in the order in which they are read');
    await filter.fill('');

    // A part of the step, and all of it again.
    const map = await view.timeline.locator('.minimap').boundingBox();
    if (!map) throw new Error('no minimap on screen');
    await page.mouse.move(map.x + map.width * 0.4, map.y + map.height / 2);
    await page.mouse.down();
    await page.mouse.move(map.x + map.width * 0.45, map.y + map.height / 2, { steps: 6 });
    await page.mouse.up();
    const showAll = view.timeline.getByRole('button', { name: 'Show all' });
    await showAll.waitFor();
    assert.ok((await marks()) < mostMarks, 'no mark for each computation');
    await showAll.click();

    // Another budget: a sentence of its own, undone and done with.
    const before = await view.sentenceText();
    await view.edit(() => view.dragSlider(0.35));
    await until(async () => (await view.sentenceText()) !== before, 'the sentence is about the new budget');
    mkdirSync(environment.artifactsFolder, { recursive: true });
    await page.screenshot({ path: path.join(environment.artifactsFolder, 'scale.png') });
    await view.edit(() => page.keyboard.press('Control+z'));
    await until(async () => (await view.sentenceText()) === before, 'the sentence is what it was');
    await workbench.closeActiveEditor();
    await until(async () => (await page.locator('iframe.webview').count()) === 0, 'the view is gone');

    // Nothing of it stands in the way of the next model.
    const next = await openModel(workbench, 'unet.train.onnx');
    assert.match(await next.sentenceText(), /[\d.]+ [KMG]iB/);
  },
};
