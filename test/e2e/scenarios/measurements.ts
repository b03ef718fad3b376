import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { accessibilityViolations } from '../lib/accessibility';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';

const file = 'tiny_mlp.train.onnx';
const trace = 'tiny_mlp.trace.json.gz';
const settings = {
  'headroom.device': 'EPYC 9654 (CPU)',
  'headroom.semantics': 'cpu',
  'headroom.optimizer': 'sgd',
  'headroom.dimensions': { batch: 8 },
};

/** Loads a trace of a real run, sees it beside the predictions, hides it, is told of other sizes, and calibrates the device. */
export const measurements: Scenario = {
  name: 'measurements',
  prepare: (workspace) => writeSettings(workspace, settings),
  async run({ workbench, workspace, environment }) {
    const { page } = workbench;
    copyFileSync(
      path.join(environment.repoRoot, 'test/fixtures/measurements', trace),
      path.join(workspace, trace),
    );
    const view = await openModel(workbench, file);
    await view.settled();
    await workbench.runCommand('Headroom: Load Measurements…');
    await workbench.saveAs(path.join(workspace, trace));
    await workbench.notification('Measured: 6 of 6 layers').waitFor();

    const line = view.frame.locator('#timeline .measured-line');
    await line.waitFor();
    const header = view.frame.getByRole('columnheader', { name: 'Measured time' });
    assert.equal(await header.isVisible(), true, 'the tree has the measured columns');
    const row = view.layers.locator('[role="row"][data-kind="operator"][data-name="/3/Gemm"]');
    if ((await row.count()) === 0) await view.layers.locator('[data-name="3"] .expander').click();
    await row.waitFor();
    assert.match(await row.innerText(), /×\d/, 'a time beside the predicted one');
    assert.match(await row.innerText(), /4\.00 KiB\s+exact/, 'allocated as predicted');
    await row.locator('.layer-label').click();
    await view.frame.locator('#inspector').getByRole('heading', { name: 'Measured', exact: true }).waitFor();
    mkdirSync(environment.artifactsFolder, { recursive: true });
    await page.screenshot({ path: path.join(environment.artifactsFolder, 'measurements.seen.png') });

    // What was measured, held against what is predicted as another plan would be.
    const compare = view.timeline.getByRole('combobox', { name: 'Compare the plan with' });
    await compare.selectOption({ label: 'measured' });
    await until(
      async () => /^peak [+−]\d/.test(await view.timeline.locator('.compare-sentence').innerText()),
      'the timeline says how far the peak is from the measured one',
    );
    assert.deepEqual(await accessibilityViolations(page, environment.repoRoot), []);
    await page.screenshot({ path: path.join(environment.artifactsFolder, 'measurements.compared.png') });
    await compare.selectOption({ index: 0 });

    const toggle = view.layers.getByRole('button', { name: 'Measured', exact: true });
    await toggle.click();
    await until(async () => !(await header.isVisible()), 'the columns are gone');
    assert.equal(await line.count(), 0, 'the line is gone');
    await toggle.click();
    await line.waitFor();

    await workbench.runCommand('Headroom: Calibrate the Device from Measurements…');
    const saved = path.join(workspace, 'epyc.calibration.json');
    await workbench.saveAs(saved);
    await until(() => existsSync(saved), 'the calibration is written');
    await workbench.waitForDirty(file, true);
    const { device, classes } = JSON.parse(readFileSync(saved, 'utf8')) as {
      device: string;
      classes: Record<string, { samples?: number }>;
    };
    assert.equal(device, 'EPYC 9654 (CPU)');
    assert.equal(classes.gemm.samples, 3, 'each kind of product once');
    // The step is another one now: measurements are put to it again.
    await line.waitFor();
    await until(
      () =>
        readFileSync(path.join(workspace, '.vscode/settings.json'), 'utf8').includes('epyc.calibration.json'),
      'the settings remember it',
    );
  },
};
