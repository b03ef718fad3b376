import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import type { Plan } from '../../../planner-core/plan/plan';
import { runCommandLine } from '../lib/commandLine';
import type { HeadroomView } from '../lib/headroomView';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';

const file = 'resnet50.train.onnx';
const machine = 'Workstation: CPU, RTX 4090 and T4';

/** Chooses of a list that the control toolkit draws. */
async function choose(view: HeadroomView, list: Locator, option: string): Promise<void> {
  await list.click();
  await view.edit(() => list.getByRole('option', { name: option, exact: true }).click());
}

/** The row of a module, once the filter has brought it into sight. */
async function filtered(view: HeadroomView, name: string): Promise<Locator> {
  await view.layers.locator('vscode-text-field input').fill(name);
  const row = view.moduleRow(name);
  await row.waitFor();
  return row;
}

/** Milliseconds of `12.3 ms a step …` or `One step every 12.3 ms …`. */
function timeOf(sentence: string): number {
  const found = /([\d.]+) (ms|s) (?:a step )?on \d+ device/.exec(sentence);
  assert.ok(found, `"${sentence}" tells the time of a step`);
  return Number(found[1]) * (found[2] === 's' ? 1000 : 1);
}

/** A link of its own latency, shared by both directions, without a mouse; both taken back. */
async function linksByKeyboard(view: HeadroomView, undo: () => Promise<void>): Promise<void> {
  const { page, frame } = view;
  await frame.getByRole('button', { name: 'Machine', exact: true }).press('Enter');
  const link = frame.getByRole('region', { name: 'Machine' }).locator('[data-link="gpu0 cpu"]');
  const kind = (): Promise<string> =>
    link.locator('vscode-dropdown').evaluate((list) => (list as HTMLInputElement).value);
  assert.equal(await kind(), 'pcie4x16');
  const latency = link.locator('vscode-text-field').nth(1).locator('input');
  await latency.fill('50');
  await view.edit(() => latency.press('Enter'));
  assert.equal(await kind(), 'custom');
  const shared = link.getByRole('checkbox');
  const wasShared = await shared.isChecked();
  await view.edit(() => shared.press('Space'));
  assert.equal(await shared.isChecked(), !wasShared);
  await page.keyboard.press('Escape');
  await undo();
  await undo();
  await frame.getByRole('button', { name: 'Machine', exact: true }).press('Enter');
  assert.equal(await kind(), 'pcie4x16');
  assert.equal(await shared.isChecked(), wasShared);
  await page.keyboard.press('Escape');
}

/** The details of a layer limit it to a device, which is a pin: the limit is what the row shows, and undo takes it back. */
async function limitInDetails(view: HeadroomView, row: Locator, undo: () => Promise<void>): Promise<void> {
  await row.locator('.layer-label').click();
  const limit = view.frame.getByRole('combobox', { name: 'Device that layer4 runs on only' });
  assert.equal(await limit.inputValue(), 'gpu1');
  await view.edit(async () => void (await limit.selectOption('cpu')));
  assert.equal(await row.locator('select').inputValue(), 'cpu');
  await undo();
  assert.equal(await row.locator('select').inputValue(), 'gpu1');
}

/** The pipeline that a plan for throughput is, its table, and the one step it repeats with what devices send each other. */
async function pipelineAndStep(view: HeadroomView): Promise<void> {
  const { page, frame } = view;
  const pipeline = frame.locator('#pipeline');
  await pipeline.locator('canvas:visible').waitFor();
  const heads = pipeline.locator('.lane-head');
  assert.ok((await heads.count()) > 1, 'the pipeline has several devices');
  assert.match(await heads.first().innerText(), /stages?.*busy \d+ % of a period · idle .*peak/s);
  const chart = pipeline.getByRole('slider');
  await chart.press('Home');
  assert.match(
    (await chart.getAttribute('aria-valuetext')) ?? '',
    /^forward pass of step 1, stage 1, .* in flight/,
  );
  const toggle = pipeline.getByRole('button', { name: 'Table', exact: true });
  await toggle.press('Enter');
  const table = pipeline.getByRole('table', { name: 'Stages of the pipeline' });
  assert.ok((await table.locator('tbody tr').count()) > 1, 'the table has a row a stage');
  await toggle.press('Enter');

  await frame.getByRole('radio', { name: 'One step', exact: true }).check();
  await pipeline.waitFor({ state: 'hidden' });
  const lane = await view.lanes.locator('.lane-head').nth(1).boundingBox();
  assert.ok(lane, 'the lanes of a step are on screen');
  const tip = view.lanes.locator('.tooltip:visible').filter({ hasText: '→' });
  for (let x = lane.x; x < lane.x + lane.width && (await tip.count()) === 0; x += 3)
    await page.mouse.move(x, lane.y + 8);
  assert.match(await tip.innerText(), /[\d.]+ [KMG]iB, \w+ → \w+\s+[\d.]+ m?s to .* takes [\d.]+ /);
  await page.mouse.move(2, 2);
  await frame.getByRole('radio', { name: 'Pipeline', exact: true }).check();
  await pipeline.waitFor();
}

/** A machine of three devices: lanes, a layer dragged to another device and back, both objectives, and the plan file. */
export const placement: Scenario = {
  name: 'placement',
  prepare: (workspace) =>
    writeSettings(workspace, { 'headroom.dimensions': { batch: 32 }, 'headroom.optimizer': 'momentum' }),
  async run({ workbench, workspace, environment }) {
    const view = await openModel(workbench, file);
    const { page } = workbench;
    const undo = (): Promise<void> => view.edit(() => page.keyboard.press('Control+z'));

    await view.frame.getByRole('button', { name: 'Machine', exact: true }).press('Enter');
    const panel = view.frame.getByRole('region', { name: 'Machine' });
    await choose(view, panel.getByLabel('Common machines'), machine);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
    const heads = view.lanes.locator('.lane-head');
    await until(async () => (await heads.count()) === 3, 'there is a lane a device');
    assert.match(await heads.nth(0).innerText(), /gpu0\s+RTX 4090\s+busy 100 %/);
    assert.match(await heads.nth(1).innerText(), /gpu1\s+T4\s+busy 0 %/);

    // By hand: a layer dragged onto the second GPU's lane is a pin, which undo takes back.
    const before = await view.sentenceText();
    const row = await filtered(view, 'layer4');
    const chart = view.lanes.locator('.lanes-chart');
    const [chartBox, laneBox] = await Promise.all([chart.boundingBox(), heads.nth(1).boundingBox()]);
    assert.ok(chartBox && laneBox, 'the second lane is on screen');
    const targetPosition = {
      x: laneBox.x - chartBox.x + laneBox.width / 2,
      y: laneBox.y - chartBox.y + laneBox.height / 2,
    };
    await view.edit(() => row.dragTo(chart, { targetPosition, sourcePosition: { x: 90, y: 12 } }));
    assert.equal(await row.locator('select').inputValue(), 'gpu1');
    assert.equal(await view.isPinned('layer4'), true);
    assert.doesNotMatch(await heads.nth(1).innerText(), /busy 0 %/);
    assert.notEqual(await view.sentenceText(), before, 'the sentence tells of the step with the layer moved');
    await undo();
    assert.equal(await view.isPinned('layer4'), false);
    assert.equal(await view.sentenceText(), before);

    // The same without a mouse.
    await row.locator('.layer-label').click();
    await view.grid.press('d');
    await until(
      async () => (await row.locator('select:focus').count()) === 1,
      'the device of the row has the focus',
    );
    await view.edit(async () => void (await row.locator('select').selectOption('gpu1')));
    await view.grid.focus();

    // And from the menu of the layer.
    await workbench.chooseInMenu(row.locator('.layer-label'), 'Place Selected Layers on a Device…');
    const device = (name: string): Locator =>
      page.locator('.quick-input-list .monaco-list-row', { hasText: name });
    await view.edit(() => device('cpu').click());
    assert.equal(await row.locator('select').inputValue(), 'cpu');
    await undo();

    await linksByKeyboard(view, undo);
    await limitInDetails(view, row, undo);

    const objective = view.frame.getByRole('radiogroup', { name: 'What layers are placed for' });
    const place = (name: string): Promise<void> =>
      view.edit(() => objective.getByRole('radio', { name, exact: true }).check());
    await place('latency');
    await until(async () => / a step on /.test(await view.sentenceText()), 'the sentence tells the makespan');
    const pinned = timeOf(await view.sentenceText());
    assert.match(await view.sentenceText(), /no placement (can be below [\d.]+ m?s|is faster)/);
    assert.match(await view.sentenceText(), /gpu\d is busy \d+ % of the step/);
    const bars = view.frame.getByRole('list', { name: 'Placements, fastest first' }).getByRole('listitem');
    assert.ok((await bars.count()) > 1, 'the plan stands among simple rules');
    await view.edit(() => view.frame.getByRole('button', { name: 'Release 1 pin' }).click());
    const free = timeOf(await view.sentenceText());
    assert.ok(free <= pinned, `${free} ms without the pin, ${pinned} ms with it`);

    await place('throughput');
    await until(
      async () => /^One step every/.test(await view.sentenceText()),
      'the sentence tells the period',
    );
    const period = timeOf(await view.sentenceText());
    assert.ok(period <= free, `a pipeline gives a step every ${period} ms, one step alone takes ${free} ms`);

    await pipelineAndStep(view);

    // What is exported stands up to being computed again, and is what the command line plans.
    const exported = path.join(workspace, 'placed.plan.json');
    await view.chooseExport('plan-json');
    await workbench.saveAs(exported);
    await until(() => existsSync(exported) && readFileSync(exported).length > 0, 'the plan is written');
    const model = path.join(workspace, file);
    runCommandLine(environment, ['check', exported, '--model', model]);
    const plan = JSON.parse(readFileSync(exported, 'utf8')) as Plan;
    assert.equal(plan.objective, 'throughput');
    assert.deepEqual(
      plan.devices.map(({ id }) => id),
      ['gpu0', 'gpu1', 'cpu'],
    );
    const out = path.join(workspace, 'command-line.plan.json');
    const placedHere = ['--machine', 'workstation-4090-t4', '--objective', 'throughput', '--out', out];
    const step = ['--dim', 'batch=32', '--optimizer', 'momentum', '--budget', '24GiB'];
    runCommandLine(environment, ['plan', model, ...step, ...placedHere]);
    const other = JSON.parse(readFileSync(out, 'utf8')) as Plan;
    assert.deepEqual(other.decisions, plan.decisions);
    assert.deepEqual(other.prediction, plan.prediction);

    for (let undone = 0; undone < 5; undone++) await undo();
    await workbench.waitForDirty(file, false);
    await view.timeline.locator('canvas:visible').waitFor();
  },
};
