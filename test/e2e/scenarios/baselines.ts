import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { parseMemory } from '../../../planner-core/base/format';
import type { HeadroomView } from '../lib/headroomView';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { tabTo } from '../lib/tabTo';
import { until } from '../lib/until';

const file = 'gpt2_small.train.onnx';
const thumbRadiusPx = 8;

/** A well-known rule's mark tells its name and numbers, and its peak becomes the budget, which undo takes back. */
export const baselines: Scenario = {
  name: 'baselines',
  prepare: (workspace) =>
    writeSettings(workspace, {
      'headroom.dimensions': { batch: 8, seq: 1024 },
      'headroom.strategy': 'selective',
    }),
  async run({ workbench }) {
    const view = await openModel(workbench, file);
    const { page } = workbench;
    const before = { sentence: await view.sentenceText(), budget: await view.sliderValue() };
    await picture(view);
    const rules = view.frontier.getByRole('group', { name: 'Well-known rules', exact: true });
    const marks = rules.getByRole('button');
    const tip = view.frontier.locator('.baseline-tip');
    await marks.first().waitFor();

    const hovered = await toldBy(marks.last());
    await marks.last().hover();
    await tip.waitFor();
    assert.ok((await tip.innerText()).includes(hovered.numbers), `the tip tells ${hovered.numbers}`);
    await page.mouse.move(2, 2);
    await tip.waitFor({ state: 'hidden' });

    // One tab stop; arrow keys walk from peak to peak.
    await tabTo(marks.first(), page);
    await page.keyboard.press('ArrowRight');
    const mark = rules.locator(':focus');
    await until(async () => (await mark.count()) === 1 && tip.isVisible(), 'the next mark has the focus');
    const { name, numbers, peak } = await toldBy(mark);
    assert.notEqual(name, (await toldBy(marks.first())).name);
    const told = await tip.innerText();
    assert.ok(told.includes(name) && told.includes(numbers), `"${told}" tells ${name}: ${numbers}`);

    await view.edit(() => page.keyboard.press('Enter'));
    assert.equal(await view.budgetField.locator('input').inputValue(), peak, 'its peak is the budget');
    assert.ok((await view.sliderValue()) < before.budget);
    const after = await view.sentenceText();
    assert.match(after, new RegExp(`the budget is ${peak} of`));
    const step = /step \+([\d.]+) %/;
    const ours = Number(step.exec(after)?.[1]);
    const theirs = Number(step.exec(numbers)?.[1]);
    assert.ok(ours <= theirs, `a plan of ours takes ${ours} %, the rule ${theirs} %, with the same memory`);

    await view.edit(() => page.keyboard.press('Control+z'));
    assert.equal(await view.sliderValue(), before.budget);
    assert.equal(await view.sentenceText(), before.sentence);

    const family = view.frontier.getByRole('group', { name: 'Well-known rules shown' }).getByRole('button');
    const count = await marks.count();
    await family.first().click();
    await until(async () => (await marks.count()) < count, 'a family can be hidden');
    await family.first().click();
    await until(async () => (await marks.count()) === count, 'and shown again');
  },
};

/** A curve a strategy, what is proven, where the plan is, and devices by their memory, on the axis of the slider. */
async function picture(view: HeadroomView): Promise<void> {
  const svg = view.frontier.locator('.chart > svg');
  for (const strategy of ['module-checkpoint', 'selective', 'schedule'])
    assert.match((await svg.locator(`.curve.strategy-${strategy}`).getAttribute('d')) ?? '', /^M.+/);
  assert.ok((await svg.locator('.proven-region').count()) > 0, 'a region is proven to be empty');
  assert.match(await svg.locator('.device-tick').allTextContents().then(String), /T4/);
  const [point, track] = await Promise.all([
    svg.locator('.current-point').boundingBox(),
    view.slider.boundingBox(),
  ]);
  assert.ok(point && track, 'the plan is on the picture, the slider below it');
  const thumb = await view.slider.evaluate((element) => {
    const { value, min, max } = element as HTMLInputElement;
    return (Number(value) - Number(min)) / (Number(max) - Number(min));
  });
  const at = track.x + thumbRadiusPx + thumb * (track.width - 2 * thumbRadiusPx);
  assert.ok(point.x <= at + 6, `the plan, at ${point.x}, is left of the budget, at ${at}`);
}

/** What assistive technology reads of a mark: "every block: 4.20 GiB, step +33 %. Make this the budget." */
async function toldBy(mark: Locator): Promise<{ name: string; numbers: string; peak: string }> {
  const label = (await mark.getAttribute('aria-label')) ?? '';
  const parts = /^(.*): (([\d.]+ \w+), step [^ ]+ %)\. Make this the budget\.$/.exec(label);
  assert.ok(parts, `"${label}" names the rule, its peak and its time`);
  const [, name, numbers, peak] = parts;
  assert.ok(parseMemory(peak), `${peak} is a size`);
  return { name, numbers, peak };
}
