import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { accessibilityViolations } from '../lib/accessibility';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';

const file = 'bert_base.train.onnx';
const histogram = '64:0.2 128:0.35 192:0.2 256:0.12 320:0.07 384:0.04 512:0.02';

/** Tables are made in seconds; the machine is busy. */
const answersMs = 240_000;

/** Pastes a histogram, draws in it, sees where plans change, shows a plan's step, keeps the table, saves it; a file, and a bad one. */
export const sizes: Scenario = {
  name: 'sizes',
  prepare: (workspace) =>
    writeSettings(workspace, { 'headroom.dimensions': { batch: 32, seq: 128 }, 'headroom.budget': '12 GiB' }),
  async run({ workbench, workspace, environment }) {
    const view = await openModel(workbench, file);
    const { page } = workbench;
    await view.settled();
    await workbench.runCommand('Headroom: Plan for Input Sizes…');
    const panel = view.frame.getByRole('region', { name: 'Input sizes' });
    await panel.waitFor();
    const text = panel.getByRole('textbox', { name: 'Sizes and how common they are' });

    // What is wrong is said beside what was typed, which stays.
    await text.fill('128:-1');
    await text.press('Control+Enter');
    await panel.locator('.tone-error[role="status"]').waitFor({ timeout: answersMs });
    assert.equal(await text.inputValue(), '128:-1');

    // What is pasted is drawn as bars; what is drawn is typed.
    await text.press('Control+A');
    await page.keyboard.insertText(histogram);
    const bars = panel.locator('.drawn-track');
    assert.equal(await bars.count(), 7);
    const bar = panel.getByRole('slider', { name: 'seq 512', exact: true });
    assert.equal(await bar.getAttribute('aria-valuetext'), '2.0 % of the batches');
    await bar.press('PageUp');
    assert.match(await text.inputValue(), /^64:0\.2 .* 512:0\.0[4-9]\d*$/);
    const box = await panel.getByRole('slider', { name: 'seq 64', exact: true }).boundingBox();
    assert.ok(box, 'the first bar is on screen');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 0.75 * box.height);
    await page.mouse.up();
    const drawn = Number(/^64:(\S+)/.exec(await text.inputValue())?.[1]);
    assert.ok(drawn > 0.09 && drawn < 0.13, `a quarter of the height of 1.25 × 0.35 is drawn, not ${drawn}`);
    await panel.getByRole('button', { name: 'Ask', exact: true }).press('Enter');
    const summary = panel.locator('.sizes-summary');
    await summary.waitFor({ timeout: answersMs });
    assert.match(await summary.innerText(), /nothing needs recomputing/);
    const rows = panel.getByRole('table', { name: /^Plans by seq/ }).locator('tbody tr:not(.size-rare)');
    assert.ok((await rows.count()) > 1, 'plans change with the size');
    assert.equal(await panel.locator('.size-band').count(), await rows.count());
    const ways = panel.getByRole('table', { name: /^Beside other ways/ }).locator('tbody tr');
    assert.ok((await ways.count()) >= 4, 'it is compared with other ways');
    mkdirSync(environment.artifactsFolder, { recursive: true });
    await page.screenshot({ path: path.join(environment.artifactsFolder, 'sizes.seen.png') });

    assert.deepEqual(await accessibilityViolations(page, environment.repoRoot), []);

    // The chart is a slider of the sizes.
    const chart = panel.getByRole('slider', { name: 'Size' });
    await chart.press('End');
    assert.match((await chart.getAttribute('aria-valuetext')) ?? '', /^seq 512: /);

    // A plan shows the step of its largest size; the answer stays valid, and undo goes back.
    const before = await view.sentenceText();
    const last = rows.nth((await rows.count()) - 1).getByRole('button');
    await view.edit(() => last.press('Enter'));
    await until(async () => (await view.sentenceText()) !== before, 'the step is another one');
    assert.equal(await panel.locator('.question-stale').isVisible(), false);
    await view.edit(() => panel.getByRole('button', { name: 'Keep with the plan' }).press('Enter'));
    await panel.getByRole('button', { name: 'Kept with the plan' }).waitFor();
    await workbench.waitForDirty(file, true);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
    await page.keyboard.press('Control+S');
    await workbench.waitForDirty(file, false);
    const plan = JSON.parse(readFileSync(path.join(workspace, `${file}.plan.json`), 'utf8')) as {
      sizes?: { dimensions: string[]; plans?: unknown[] };
    };
    assert.deepEqual(plan.sizes?.dimensions, ['seq']);
    assert.ok((plan.sizes.plans ?? []).length > 1, 'the table is saved');

    // Lengths of a file, one a line.
    const lengths = Array.from({ length: 300 }, (_, i) => 40 + ((i * 37) % 350)).join('\n');
    writeFileSync(path.join(workspace, 'lengths.txt'), lengths);
    await view.frame.getByRole('button', { name: 'Sizes', exact: true }).press('Enter');
    await panel.getByRole('button', { name: /^File…/ }).press('Enter');
    await workbench.saveAs(path.join(workspace, 'lengths.txt'));
    await until(
      async () => /on 300 batches/.test(await panel.innerText()),
      'the batches of the file are planned for',
      answersMs,
    );
    assert.match(await panel.innerText(), /lengths\.txt, 300 lines/);
  },
};
