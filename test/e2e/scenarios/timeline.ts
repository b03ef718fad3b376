import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { accessibilityViolations } from '../lib/accessibility';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';
import { workloadSettings } from '../lib/workload';

/** The timeline answers: what is this, why is it there, until when; what does the plan change. */
export const timeline: Scenario = {
  name: 'timeline',
  prepare: (workspace) => writeSettings(workspace, workloadSettings),
  async run({ environment, workbench }) {
    const { page } = workbench;
    const view = await openModel(workbench, 'resnet50.train.onnx');
    const chart = view.timeline.locator('.chart');
    const box = async (locator: typeof chart) => {
      const found = await locator.boundingBox();
      if (!found) throw new Error('not on screen');
      return found;
    };

    // Phases are marked, and at the peak is said what is alive.
    assert.deepEqual(await chart.locator('.phase-label').allTextContents(), [
      'forward',
      'backward',
      'optimizer',
    ]);
    assert.match(
      await chart.locator('.callout').innerText(),
      /^Peak [\d.]+ GiB · backward of .+\s+kept activations [\d.]+ GiB · .+\s.+ MiB · \d+ others/,
    );

    // A tensor under the pointer: its name, its size, why it is kept and until when.
    const area = await box(chart);
    await page.mouse.move(area.x + area.width * 0.45, area.y + area.height * 0.62);
    const tensor = view.timeline.locator('.tooltip-tensor');
    await tensor.waitFor();
    const told = await tensor.innerText();
    assert.match(told, /· [\d.]+ [KMG]iB/);
    assert.match(told, /kept for backward of /);
    assert.match(told, /until [\d.]+ .*, after /);
    assert.ok(await view.timeline.locator('.tensor-outline[d]').count(), 'its shape is outlined');
    mkdirSync(environment.artifactsFolder, { recursive: true });
    await page.screenshot({ path: path.join(environment.artifactsFolder, 'timeline-tensor.png') });

    // The same without a mouse.
    await page.mouse.move(2, 2);
    await chart.press('p');
    await chart.press('ArrowDown');
    await until(
      async () =>
        /kept for|it always stays|stays from step to step/.test(
          (await chart.getAttribute('aria-valuetext')) ?? '',
        ),
      'the largest tensor at the peak is read out',
    );

    // The minimap zooms, its window moves, and everything comes back.
    const map = await box(view.timeline.locator('.minimap'));
    const drag = async (from: number, to: number): Promise<void> => {
      await page.mouse.move(map.x + map.width * from, map.y + map.height / 2);
      await page.mouse.down();
      await page.mouse.move(map.x + map.width * to, map.y + map.height / 2, { steps: 6 });
      await page.mouse.up();
    };
    const showAll = view.timeline.getByRole('button', { name: 'Show all' });
    const axis = async (): Promise<string> =>
      (await view.timeline.locator('.chart > svg').textContent()) ?? '';
    const whole = await axis();
    await drag(0.3, 0.5);
    await showAll.waitFor();
    const zoomed = await axis();
    assert.notEqual(zoomed, whole, 'the axis shows a part');
    await drag(0.4, 0.7);
    await until(async () => (await axis()) !== zoomed, 'the window moves');
    await showAll.click();
    await until(async () => (await axis()) === whole, 'all of the step is back');

    // The plan against keeping everything, and against the plan before the last edit.
    const compare = view.timeline.getByRole('combobox', { name: 'Compare the plan with' });
    assert.ok(!(await compare.innerText()).includes('before the last edit'), 'nothing was edited yet');
    await view.edit(() => view.dragSlider(0.5));
    await compare.selectOption({ label: 'keeping everything' });
    const bar = view.frame.locator('#compare-bar');
    await until(
      async () => /Against keeping everything:\s*step \+.+, peak −/.test(await bar.innerText()),
      'it says what the plan costs and saves',
    );
    await compare.selectOption({ label: 'before the last edit' });
    await until(
      async () => /Against before the last edit:.+ peak −/s.test(await bar.innerText()),
      'the edit has made the peak lower',
    );
    await view.timeline.getByRole('button', { name: 'Difference' }).click();
    const table = view.timeline.getByRole('table', { name: 'Plan and what it is compared with' });
    assert.match(await table.innerText(), /Peak[\s\S]*−/);
    await view.timeline.getByRole('button', { name: 'Difference' }).click();
    await page.screenshot({ path: path.join(environment.artifactsFolder, 'timeline-compare.png') });
    assert.deepEqual(await accessibilityViolations(page, environment.repoRoot), []);
  },
};
