import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runCommandLine } from '../lib/commandLine';
import { HeadroomView } from '../lib/headroomView';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';

const file = 'resnet50.train.onnx';
const planFile = `${file}.plan.json`;
const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A committed plan of all memory, and a tighter one on disk since. */
function prepare(workspace: string): void {
  writeSettings(workspace, { 'git.enabled': true });
  const plan = (budget: string): void =>
    void runCommandLine({ repoRoot: process.cwd() }, [
      ...['plan', path.join(workspace, file), '--dim', 'batch=16', '--budget', budget],
      ...['--out', path.join(workspace, planFile)],
    ]);
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], {
      cwd: workspace,
      stdio: 'pipe',
    });
  plan('100%');
  git('init', '--quiet');
  git('add', planFile);
  git('commit', '--quiet', '-m', 'Plan');
  plan('70%');
}

/** A plan against its commit, from the explorer; the status bar, the menu of layers, and a pane as pixels. */
export const compareHead: Scenario = {
  name: 'compare-head',
  prepare,
  async run({ environment, workbench, workspace }) {
    const { page } = workbench;
    page.setDefaultTimeout(20_000);
    mkdirSync(environment.artifactsFolder, { recursive: true });

    // What is committed of a plan, against what it is now: in the editor of its model.
    await workbench.chooseInMenu(workbench.explorerFile(planFile), 'Compare Plan with Git HEAD');
    const view = new HeadroomView(page, workbench.webview());
    await view.ready();
    const bar = view.frame.locator('#compare-bar');
    await until(
      async () => /^Against .*plan\.json at HEAD:/.test((await bar.textContent()) ?? ''),
      'the plan is held against the committed one',
      20_000,
    );
    assert.match(
      (await bar.textContent()) ?? '',
      /step \+.+, peak −.+, kept for backward −.+; \d+ layers? (is|are) decided otherwise/,
    );
    await bar.getByRole('button', { name: 'Show layers' }).click();
    await view.layers.locator('[role="row"][data-other="keep"]').first().waitFor();
    await page.screenshot({ path: path.join(environment.artifactsFolder, 'compare-head.seen.png') });
    await bar.getByRole('button', { name: 'Stop comparing' }).click();
    await bar.waitFor({ state: 'hidden' });
    assert.equal(await workbench.isDirty(file), false, 'a comparison changes nothing');

    // The same from the entry of what has changed in the source control view.
    await page.getByRole('tab', { name: /^Source Control/ }).click();
    const changed = page.locator('.scm-view .monaco-list-row', { hasText: planFile });
    await workbench.chooseInMenu(changed.first(), 'Compare Plan with Git HEAD');
    await bar.waitFor();
    assert.match((await bar.textContent()) ?? '', /^Against .*plan\.json at HEAD:/);
    await bar.getByRole('button', { name: 'Stop comparing' }).click();
    await page.getByRole('tab', { name: /^Explorer/ }).click();

    // The status bar has the peak and the budget of the active model.
    const status = page.locator('.statusbar').getByRole('button', { name: /^Peak .+, budget / });
    assert.match(await status.innerText(), /[\d.]+ \/ [\d.]+ [MG]iB/);

    // Layers have VS Code's own context menu.
    const name = await view.firstCheckpointableModule();
    await workbench.chooseInMenu(view.moduleRow(name).locator('.layer-label'), 'Recompute Selected Layers');
    await until(() => view.isPinned(name), 'the layer is pinned', 20_000);

    // A pane leaves as pixels.
    await view.frame.getByRole('button', { name: 'Export plan' }).click();
    await view.frame.getByRole('menuitem', { name: 'Picture of the timeline (PNG)' }).click();
    const picture = path.join(workspace, 'timeline.png');
    await workbench.saveAs(picture);
    await until(
      () => existsSync(picture) && readFileSync(picture).length > 1000,
      'the picture is written',
      20_000,
    );
    assert.deepEqual(readFileSync(picture).subarray(0, pngSignature.length), pngSignature);
  },
};
