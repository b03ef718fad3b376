import assert from 'node:assert/strict';
import { accessibilityViolations } from '../lib/accessibility';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';

const file = 'mobilenet_v2.train.onnx';

/** Splits are cut in well under a second, the ways to scale take seconds; the machine is busy. */
const answersMs = 120_000;

/** Asks for a split by the command, moves along the bandwidths, uses one with the keyboard and undoes it; then scales. */
export const split: Scenario = {
  name: 'split',
  prepare: (workspace) =>
    writeSettings(workspace, {
      'headroom.machine': 'edge-pi-server',
      'headroom.dimensions': { batch: 1 },
    }),
  async run({ environment, workbench }) {
    const view = await openModel(workbench, file);
    const { page } = workbench;
    const accessible = async (state: string): Promise<void> =>
      assert.deepEqual(await accessibilityViolations(page, environment.repoRoot), [], state);
    const before = await view.sentenceText();
    await workbench.runCommand('Headroom: Split Between Two Devices…');
    const panel = view.frame.getByRole('region', { name: 'Split between two devices' });
    await panel.waitFor();
    const headline = panel.locator('.split-headline');
    await headline.waitFor({ timeout: answersMs });
    const atLink = await headline.innerText();
    assert.match(atLink, /^[\d.]+ m?s at 119 MB\/s$/);
    assert.match(await panel.innerText(), /Proven: no split that fits/);

    // The table holds what the chart shows: the first of several splits keeps everything here.
    const rows = panel.getByRole('table', { name: 'Splits by bandwidth' }).locator('tbody tr');
    await until(async () => (await rows.count()) > 1, 'there are break points');
    assert.equal(await panel.locator('.split-break').count(), (await rows.count()) - 1);
    const slider = panel.getByRole('slider', { name: 'Bandwidth' });
    await slider.press('Home');
    assert.match(await headline.innerText(), / at 1 MB\/s$/);
    assert.match(await panel.innerText(), /nothing crosses the link/);
    await slider.press('End');
    assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /^1,000 GB\/s, /);
    assert.notEqual(await headline.innerText(), atLink);
    await rows.nth(1).getByRole('button').press('Enter');
    assert.equal(await rows.nth(1).getAttribute('aria-current'), 'true');
    const sent = panel.getByRole('table', { name: 'What crosses the cut' }).locator('tbody tr');
    assert.ok((await sent.count()) > 0, 'something crosses the cut');

    await accessible('split');

    // Every layer goes where the split has it, as one step of undo.
    const use = panel.getByRole('button', { name: /^(Use this split|In use): / });
    await view.edit(() => use.press('Enter'));
    await until(async () => (await use.innerText()) === 'In use', 'the split is in use');
    assert.notEqual(await view.sentenceText(), before);
    await workbench.waitForDirty(file, true);
    await view.edit(() => panel.getByRole('button', { name: 'Undo' }).press('Enter'));
    assert.equal(await view.sentenceText(), before);
    await workbench.waitForDirty(file, false);

    // From the palette; one panel makes room for the other.
    await workbench.runCommand('Headroom: Scale Over Servers…');
    const scaling = view.frame.getByRole('region', { name: 'Scale over servers' });
    await scaling.waitFor();
    await panel.waitFor({ state: 'hidden' });
    const ranked = scaling.getByRole('table', { name: 'Ways that fit, fastest first' });
    await ranked.waitFor({ timeout: answersMs });
    assert.match(await scaling.innerText(), /a step with tensor \d+, pipeline \d+, data \d+/);
    assert.match(await scaling.innerText(), /Proven for these costs: no way takes less than/);
    await accessible('scaled');
    const servers = scaling.locator('vscode-text-field').first().locator('input');
    await servers.fill('1');
    await servers.press('Enter');
    await scaling.getByRole('button', { name: 'Ask' }).press('Enter');
    await until(
      async () => /fit 8 × /.test(await scaling.innerText()),
      'one server is asked about',
      answersMs,
    );
    await page.keyboard.press('Escape');
    await scaling.waitFor({ state: 'hidden' });
  },
};
