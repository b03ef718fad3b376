import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';

/** Tables are made in seconds; the machine is busy. */
const answersMs = 120_000;

/** Pastes a length histogram, takes the plan of the largest size, offloads over PCIe 4, plans for energy, and exports. */
export const inputSizesJob: Scenario = {
  name: 'input-sizes-job',
  prepare: (workspace) =>
    writeSettings(workspace, { 'headroom.dimensions': { batch: 32, seq: 128 }, 'headroom.budget': '6 GiB' }),
  async run({ workbench, workspace, environment }) {
    const view = await openModel(workbench, 'bert_base.train.onnx');
    const { page } = workbench;
    await view.settled();
    await workbench.runCommand('Headroom: Plan for Input Sizes…');
    const sizes = view.frame.getByRole('region', { name: 'Input sizes' });
    await sizes.waitFor();
    const text = sizes.getByRole('textbox', { name: 'Sizes and how common they are' });
    await text.press('Control+A');
    await page.keyboard.insertText('64:0.3 128:0.4 256:0.3');
    await sizes.getByRole('button', { name: 'Ask', exact: true }).press('Enter');
    await sizes.locator('.sizes-summary').waitFor({ timeout: answersMs });
    const rows = sizes.getByRole('table', { name: /^Plans by seq/ }).locator('tbody tr:not(.size-rare)');
    assert.ok((await rows.count()) > 1, 'plans change with the size');
    mkdirSync(environment.artifactsFolder, { recursive: true });
    const pictureOf = (name: string): string => path.join(environment.artifactsFolder, name);
    await page.screenshot({ path: pictureOf('input-sizes-job.sizes.png') });
    // The plan of the largest size recomputes the most: there offloading has something to win.
    await view.edit(() => rows.last().getByRole('button').press('Enter'));
    assert.match(await view.sentenceText(), /seq 256 /);
    await view.edit(() => sizes.getByRole('button', { name: 'Keep with the plan' }).press('Enter'));
    await page.keyboard.press('Escape');
    await sizes.waitFor({ state: 'hidden' });

    const settingsButton = view.frame.locator('#step-settings-button');
    await settingsButton.press('Enter');
    const settings = view.frame.getByRole('region', { name: 'Step settings' });
    const places = settings.getByRole('radiogroup', { name: 'Offload to' });
    await view.edit(() => places.getByRole('radio', { name: 'host memory' }).press('Space'));
    const link = settings.getByLabel('Link to where values go');
    await view.edit(async () => {
      await link.click();
      await link.getByRole('option', { name: 'PCIe 4.0 x16', exact: true }).click();
    });
    await page.keyboard.press('Escape');
    await settings.waitFor({ state: 'hidden' });
    await view.settled();
    assert.ok((await view.frame.locator('.offload-out').count()) > 0, 'something leaves the device');
    const fastest = await view.joules();

    await settingsButton.press('Enter');
    const least = settings.getByRole('radiogroup', { name: 'Make least of' });
    await view.edit(() => least.getByRole('radio', { name: 'energy' }).press('Space'));
    await page.keyboard.press('Escape');
    await view.settled();
    const leanest = await view.joules();
    assert.ok(leanest <= fastest, `${leanest} J, and ${fastest} J for the fastest`);
    await page.screenshot({ path: pictureOf('input-sizes-job.energy.png') });

    const exported = path.join(workspace, 'job.plan.json');
    await workbench.runCommand('Headroom: Export Plan as JSON');
    await workbench.saveAs(exported);
    await until(() => existsSync(exported), 'the plan is exported');
    const plan = JSON.parse(readFileSync(exported, 'utf8')) as {
      sizes?: { dimensions: string[]; plans?: unknown[] };
      offload?: { to: string; link?: { name: string } };
      minimise?: string;
    };
    assert.deepEqual(
      [plan.offload?.to, plan.offload?.link?.name, plan.minimise],
      ['host', 'pcie4x16', 'energy'],
    );
    assert.deepEqual(plan.sizes?.dimensions, ['seq']);
  },
};
