import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { HeadroomView } from '../lib/headroomView';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { workloadSettings } from '../lib/workload';

/** What a new user meets: the walkthrough, a model that says by itself what to do, and what happens when it does not fit. */
export const firstMinute: Scenario = {
  name: 'first-minute',
  prepare: (workspace) => writeSettings(workspace, workloadSettings),
  async run({ environment, workbench }) {
    const { page } = workbench;
    mkdirSync(environment.artifactsFolder, { recursive: true });
    const shot = (name: string) =>
      page.screenshot({ path: path.join(environment.artifactsFolder, `first-minute-${name}.png`) });

    await workbench.runCommand('Welcome: Open Walkthrough...');
    await page.keyboard.type('Get Started with Headroom');
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Headroom' }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.getting-started-step').first().waitFor();
    assert.ok((await page.locator('.getting-started-step').count()) >= 4, 'the walkthrough has its steps');
    await shot('walkthrough');
    await workbench.closeActiveEditor();

    const view = await openModel(workbench, 'resnet50.train.onnx');
    assert.match(
      await view.sentenceText(),
      /^Training at batch 16, height 224, width 224 needs [\d.]+ GiB; the RTX 4090 has 24\.0 GiB \([\d.]+ GiB in nvidia-smi\): fits, [\d.]+ GiB headroom\. Nothing is recomputed\. Peak: (forward|backward) of .+\.$/,
    );
    for (const pane of [view.frontier, view.timeline, view.layers]) assert.ok(await pane.isVisible());
    await shot('fits');

    // Another model is one command away.
    await workbench.runCommand('Headroom: Open a Sample');
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'unet' }).first().click();
    await workbench.tab('unet.train.onnx').waitFor();
    await new HeadroomView(page, workbench.webview()).ready();
    await workbench.closeActiveEditor();
    await workbench.tab('resnet50.train.onnx').click();
    await view.ready();

    // More than the device has: the sentence says so, and what can be done about it is one click away.
    const batch = view.frame.getByLabel('batch', { exact: true }).locator('input');
    await view.edit(async () => {
      await batch.fill('4096');
      await page.keyboard.press('Enter');
    });
    const refused = new HeadroomView(page, workbench.webview());
    assert.match(await refused.sentenceText(), /^Training at batch 4096, .* needs .*See what fits$/);
    await view.frame.locator('#sentence').getByRole('button', { name: 'See what fits' }).click();
    await view.frame.getByRole('region', { name: 'What fits?' }).waitFor();
    await shot('does-not-fit');
  },
};
