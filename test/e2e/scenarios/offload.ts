import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { accessibilityViolations } from '../lib/accessibility';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';

const file = 'bert_base.train.onnx';

/** Lets values leave over PCIe 4, sees transfers and both prices, plans for energy, exports, and is told of a bad bandwidth. */
export const offload: Scenario = {
  name: 'offload',
  prepare: (workspace) =>
    writeSettings(workspace, { 'headroom.dimensions': { batch: 32, seq: 256 }, 'headroom.budget': '6 GiB' }),
  async run({ workbench, workspace, environment }) {
    const view = await openModel(workbench, file);
    const { page } = workbench;
    await view.settled();
    await view.frame.locator('#step-settings-button').press('Enter');
    const panel = view.frame.getByRole('region', { name: 'Step settings' });
    const places = panel.getByRole('radiogroup', { name: 'Offload to' });
    const host = places.getByRole('radio', { name: 'host memory' });
    await view.edit(() => host.press('Space'));
    const link = panel.getByLabel('Link to where values go');
    await link.waitFor();
    const bandwidth = panel.locator('vscode-text-field', { hasText: 'Bandwidth' });
    await bandwidth.locator('input').fill('-3');
    await bandwidth.locator('input').press('Enter');
    assert.equal(await bandwidth.getAttribute('aria-invalid'), 'true');
    await view.edit(async () => {
      await link.click();
      await link.getByRole('option', { name: 'PCIe 4.0 x16', exact: true }).click();
    });
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
    await view.settled();

    const strip = view.frame.locator('.offload-strip');
    await strip.waitFor();
    assert.match(await strip.innerText(), /over PCIe 4\.0 x16 \(24 GB\/s\)/);
    assert.ok((await strip.locator('.offload-out').count()) > 0, 'something leaves the device');
    const head = view.frame.getByRole('columnheader', { name: 'Recompute or offload' });
    assert.equal(await head.isVisible(), true, 'the tree has both prices');
    const chart = await view.frame.locator('.offload-strip').evaluate((element) => {
      const picture = element.parentElement?.querySelector('canvas, svg');
      return {
        strip: element.getBoundingClientRect().height,
        chart: picture?.getBoundingClientRect().height,
      };
    });
    assert.ok(
      chart.chart !== undefined && chart.chart >= 160,
      `the chart is ${chart.chart} px high, the strip ${chart.strip}`,
    );
    assert.deepEqual(await accessibilityViolations(page, environment.repoRoot), []);
    const fastest = await view.joules();
    mkdirSync(environment.artifactsFolder, { recursive: true });
    await page.screenshot({ path: path.join(environment.artifactsFolder, 'offload.seen.png') });

    await view.frame.locator('#step-settings-button').press('Enter');
    const least = panel.getByRole('radiogroup', { name: 'Make least of' });
    await view.edit(() => least.getByRole('radio', { name: 'energy' }).press('Space'));
    await page.keyboard.press('Escape');
    await view.settled();
    const leanest = await view.joules();
    assert.ok(leanest <= fastest, `${leanest} J, and ${fastest} J for the fastest`);
    await page.screenshot({ path: path.join(environment.artifactsFolder, 'offload.energy.png') });

    const exported = path.join(workspace, 'offload.plan.json');
    await workbench.runCommand('Headroom: Export Plan as JSON');
    await workbench.saveAs(exported);
    await until(() => existsSync(exported), 'the plan is exported');
    const plan = JSON.parse(readFileSync(exported, 'utf8')) as {
      offload?: { to: string; link?: { name: string } };
      minimise?: string;
    };
    assert.deepEqual(
      [plan.offload?.to, plan.offload?.link?.name, plan.minimise],
      ['host', 'pcie4x16', 'energy'],
    );
  },
};
