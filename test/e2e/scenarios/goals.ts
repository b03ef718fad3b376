import assert from 'node:assert/strict';
import { accessibilityViolations } from '../lib/accessibility';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';

const file = 'gpt2_small.train.onnx';

/** More than the device has: something must change. */
const settings = {
  'headroom.device': 'RTX 4090',
  'headroom.dimensions': { batch: 16, seq: 1024 },
  'headroom.optimizer': 'adamw',
};

/** The answers take a while on a busy machine. */
const answersMs = 180_000;

/** Asks what fits by the command, applies an option with the keyboard, and undoes it. */
export const whatFits: Scenario = {
  name: 'goals',
  prepare: (workspace) => writeSettings(workspace, settings),
  async run({ environment, workbench }) {
    const view = await openModel(workbench, file);
    const { page } = workbench;
    const before = await view.sentenceText();
    await workbench.runCommand('Headroom: What Fits This Device?');
    const panel = view.frame.getByRole('region', { name: 'What fits?' });
    await panel.waitFor();
    const answered = panel.getByRole('list', { name: 'Training stays what it is' });
    await answered.waitFor({ timeout: answersMs });
    const largest = panel.locator('[data-goal="largest"]');
    assert.match(await largest.innerText(), /^Largest batch\s+\d+\s.*\d+ (does not fit|is too slow): /s);
    assert.match(
      await panel.locator('[data-goal="least-budget"]').innerText(),
      /Proven: no plan under .*GiB/,
    );
    await until(
      async () => (await panel.getByRole('button', { name: 'Ask' }).count()) === 1,
      'all is answered',
    );

    assert.deepEqual(await accessibilityViolations(page, environment.repoRoot), []);

    const option = panel.getByRole('button', { name: /^Apply: Accumulate gradients over \d+ micro-batches/ });
    await view.edit(() => option.press('Enter'));
    const applied = panel.getByRole('button', { name: /^Applied: Accumulate gradients over/ });
    await applied.waitFor();
    const after = await view.sentenceText();
    assert.notEqual(after, before, 'the sentence tells of the step that was applied');
    assert.match(after, /fits, /);
    await workbench.waitForDirty(file, true);
    assert.equal(
      await panel
        .getByRole('button', { name: /^Apply: Checkpoint whole modules$/ })
        .getAttribute('aria-disabled'),
      'true',
      'answers about another step cannot be applied',
    );

    // All changes of an option are one step of undo.
    await view.edit(() => page.keyboard.press('Control+z'));
    assert.equal(await view.sentenceText(), before);
    await workbench.waitForDirty(file, false);
    await option.waitFor();

    await panel
      .getByRole('button', { name: /^Apply: / })
      .first()
      .focus();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });

    const opener = view.frame.getByRole('button', { name: 'What fits?', exact: true });
    await opener.press('Enter');
    await panel.waitFor();
    await panel.getByRole('button', { name: 'Ask' }).click();
    await panel.getByRole('button', { name: /Stop looking/ }).click();
    await panel.getByRole('button', { name: 'Ask' }).waitFor();
  },
};
