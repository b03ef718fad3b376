import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import type { Plan } from '../../../planner-core/plan/plan';
import { runCommandLine } from '../lib/commandLine';
import { HeadroomView } from '../lib/headroomView';
import type { Scenario } from '../lib/scenario';
import { until } from '../lib/until';

const file = 'resnet50.train.onnx';
const planFile = `${file}.plan.json`;
/** For the same model, with a budget that no plan fits. */
const tightFile = 'tight.plan.json';

/** A plan beside its model, and one that does not fit its budget. */
function prepare(workspace: string): void {
  runCommandLine({ repoRoot: process.cwd() }, [
    ...['plan', path.join(workspace, file), '--dim', 'batch=16', '--budget', '70%'],
    ...['--out', path.join(workspace, planFile)],
  ]);
  const made = JSON.parse(readFileSync(path.join(workspace, planFile), 'utf8')) as Plan;
  const tight = JSON.stringify({ ...made, budgetBytes: 1000 }, undefined, 2);
  writeFileSync(path.join(workspace, tightFile), tight);
}

/** What VS Code says about Headroom's files outside of its editor, marks and problems; two plans in words; keys that are the editor's. */
export const citizenship: Scenario = {
  name: 'citizenship',
  prepare,
  async run({ environment, workbench }) {
    const { page } = workbench;
    mkdirSync(environment.artifactsFolder, { recursive: true });
    await until(
      async () => /\bP\b/.test(await badge(workbench.explorerFile(file))),
      'a model with a plan has a mark',
    );

    // A plan that fits its budget no more is a problem of its file.
    await workbench.explorerFile(tightFile).dblclick();
    await workbench.runCommand('Problems: Focus on Problems View');
    const problem = page.locator('.markers-panel .monaco-list-row', { hasText: 'No plan ' });
    await problem.first().waitFor();
    assert.match(await problem.first().innerText(), /No plan (fits|with these pins fits|found under) 1000 B/);
    await until(
      async () => /\b1\b/.test(await badge(workbench.explorerFile(tightFile))),
      'the file is marked',
    );
    await page.screenshot({ path: path.join(environment.artifactsFolder, 'citizenship-problem.png') });

    // Keys are the editor's own: they ask for a budget where a model is open, and nowhere else.
    const asked = page.locator('.quick-input-widget input[type=text]:visible');
    await workbench.tab(tightFile).click();
    await page.keyboard.press('Control+Alt+b');

    // Two plans that are selected in the explorer: in the editor of their model, and in plain words.
    await workbench.explorerFile(planFile).click();
    assert.equal(await asked.count(), 0, 'a text has no budget');
    await workbench.explorerFile(tightFile).click({ modifiers: ['Control'] });
    await workbench.chooseInMenu(workbench.explorerFile(tightFile), 'Compare Plans…');
    const view = new HeadroomView(page, workbench.webview());
    await view.ready();
    await view.frame
      .locator('#compare-bar')
      .getByRole('button', { name: /in plain words/ })
      .click();
    const words = page.locator('.monaco-editor .view-lines:visible').last();
    await until(
      // Lines of an editor have spaces that do not break.
      async () => /budget: 1000 B → /.test((await words.innerText()).replace(/\s/g, ' ')),
      'the difference is told in words',
    );

    await workbench.tab(file).click();
    await view.grid.focus();
    await page.keyboard.press('Control+Alt+b');
    await asked.waitFor();
    await page.keyboard.type('3 GiB');
    await view.edit(() => page.keyboard.press('Enter'));
    assert.match(await view.sentenceText(), /the budget is 3\.00 GiB/);
  },
};

/** What stands behind a name in the explorer, of all who mark it; '' for nothing. */
const badge = (row: Locator): Promise<string> =>
  row
    .locator('.monaco-icon-label')
    .first()
    .evaluate((label) => getComputedStyle(label, '::after').content.replaceAll('"', '').replace('none', ''));
