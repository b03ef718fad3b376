import assert from 'node:assert/strict';
import path from 'node:path';
import { runCommandLine } from '../lib/commandLine';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { until } from '../lib/until';

const file = 'resnet50.train.onnx';
const [early, late] = ['early.plan.json', 'late.plan.json'];

/** Two plans of one model, neither of which is the one that its editor would open. */
function prepare(workspace: string): void {
  for (const [name, budget] of [
    [early, '100%'],
    [late, '70%'],
  ])
    runCommandLine({ repoRoot: process.cwd() }, [
      ...['plan', path.join(workspace, file), '--dim', 'batch=16', '--budget', budget],
      ...['--out', path.join(workspace, name)],
    ]);
}

/** Two plan files of the explorer, held against each other where somebody works on a third plan: that one is not lost. */
export const comparePlans: Scenario = {
  name: 'compare-plans',
  prepare,
  async run({ workbench }) {
    const { page } = workbench;
    page.setDefaultTimeout(20_000);
    const view = await openModel(workbench, file);
    const layer = await view.firstCheckpointableModule();
    await view.edit(() => view.choiceButton(layer, 'recompute').click());
    const compare = async (): Promise<void> => {
      await workbench.explorerFile(early).click();
      await workbench.explorerFile(late).click({ modifiers: ['ControlOrMeta'] });
      await workbench.chooseInMenu(workbench.explorerFile(late), 'Compare Plans');
    };
    const dialog = page.locator('.monaco-dialog-box');

    await compare();
    await dialog.getByText(`Replace the plan of ${file} that is open by ${late}?`).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await view.settled();
    assert.ok(await view.isPinned(layer), 'the plan on screen is as it was');
    assert.equal(await view.frame.locator('#compare-bar').isVisible(), false);

    await compare();
    await dialog.getByRole('button', { name: 'Compare in Words' }).click();
    await page.locator('.editor-instance .view-lines', { hasText: `${early} → ${late}` }).waitFor();
    await workbench.closeActiveEditor();
    assert.ok(await view.isPinned(layer), 'told in words it stays, too');

    await compare();
    await dialog.getByRole('button', { name: 'Replace', exact: true }).click();
    const bar = view.frame.locator('#compare-bar');
    await until(
      async () => (await bar.textContent())?.startsWith(`Against ${early}:`) ?? false,
      'the later plan is on screen, held against the earlier one',
    );
    assert.equal(await view.isPinned(layer), false);
    await view.slider.focus();
    await view.edit(() => page.keyboard.press('Control+z'));
    assert.ok(await view.isPinned(layer), 'an undo brings the plan back');
    await page.locator('.statusbar').getByText(`Undone: Take over ${late}`).waitFor();
  },
};
