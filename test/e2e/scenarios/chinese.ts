import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import type { Environment } from '../lib/environment';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';
import { workloadSettings } from '../lib/workload';

const chinese = /\p{Script=Han}/u;

/** VS Code set to Simplified Chinese: its commands, messages and the view speak it, and nothing in the view is cut off. */
export const chineseInterface: Scenario = {
  name: 'chinese',
  server: 'zh-cn',
  prepare: (workspace) =>
    writeSettings(workspace, { ...workloadSettings, 'headroom.device': 'no such device' }),
  async run({ environment, workbench }) {
    const { page } = workbench;
    mkdirSync(environment.artifactsFolder, { recursive: true });
    const shot = (name: string) =>
      page.screenshot({ path: path.join(environment.artifactsFolder, `chinese-${name}.png`) });
    const view = await openModel(workbench, 'resnet50.train.onnx');
    assert.match(await view.sentenceText(), /^训练（?.*需要.*峰值.*。$/);
    assert.equal(await view.frame.locator('html').getAttribute('lang'), 'zh-cn');

    // The device of the settings is not known: a message says so.
    const message = workbench.notification('no such device');
    await message.waitFor();
    assert.match(await message.innerText(), chinese);
    await shot('opened');

    const english = await untranslated(view.frame, environment);
    assert.deepEqual(english, [], 'texts of the view that have a translation are shown in it');
    assert.deepEqual(await cutOff(view.frame), [], 'buttons, headings and labels are not cut off');
    assert.deepEqual(await brokenWords(view.frame), [], 'short words stay on one line');

    // Commands by their Chinese names, and what they ask.
    const commands = texts(environment, 'package.nls.zh-cn.json');
    await workbench.runCommand(`Headroom: ${commands['command.chooseDevice']}`);
    const prompt = page.locator('.quick-input-widget').first();
    await prompt.locator('.monaco-list-row').first().waitFor();
    const box = prompt.locator('input[type=text]').first();
    assert.match(`${await prompt.innerText()} ${await box.getAttribute('placeholder')}`, chinese);
    await shot('command');
    await page.keyboard.press('Escape');

    // Another budget: what it costs and what is proven is said in Chinese, too.
    const before = await view.sentenceText();
    await view.edit(() => view.dragSlider(0.4));
    await until(async () => (await view.sentenceText()) !== before, 'the sentence is about the new budget');
    assert.match(await view.sentenceText(), chinese);
    assert.match(await view.proofText(), chinese);
    assert.deepEqual(await untranslated(view.frame, environment), []);
    assert.deepEqual(await cutOff(view.frame), []);
    assert.deepEqual(await brokenWords(view.frame), []);
    await shot('budget');
  },
};

const texts = ({ repoRoot }: Environment, file: string): Record<string, string> =>
  JSON.parse(readFileSync(path.join(repoRoot, file), 'utf8')) as Record<string, string>;

/** What is on screen word for word as the source has it, though there is a translation of it. */
async function untranslated(frame: FrameLocator, environment: Environment): Promise<string[]> {
  const translations = texts(environment, 'l10n/bundle.l10n.zh-cn.json');
  const english = new Set(Object.keys(translations).filter((key) => translations[key] !== key));
  const shown = await frame.locator('body').evaluate((body: HTMLElement) => {
    const found: string[] = [];
    for (const element of body.querySelectorAll<HTMLElement>('*')) {
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      for (const child of element.childNodes)
        if (child.nodeType === Node.TEXT_NODE) found.push(child.textContent ?? '');
      for (const name of ['title', 'aria-label', 'placeholder']) found.push(element.getAttribute(name) ?? '');
    }
    return found.map((text) => text.trim());
  });
  return [...new Set(shown.filter((text) => english.has(text)))];
}

/** Buttons, headings and labels whose text is wider than they are. */
function cutOff(frame: FrameLocator): Promise<string[]> {
  return frame.locator('body').evaluate((body: HTMLElement) =>
    [...body.querySelectorAll<HTMLElement>('button, h2, h3, label, th, [role="columnheader"], [role="tab"]')]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }))
      .filter((element) => getComputedStyle(element).overflowX !== 'visible')
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      .map((element) => element.innerText),
  );
}

/** Words of a few characters over two lines: without spaces a line may end behind each of them. */
function brokenWords(frame: FrameLocator): Promise<string[]> {
  return frame.locator('body').evaluate((body: HTMLElement) =>
    [...body.querySelectorAll<HTMLElement>('span, label, button, th')]
      .filter((element) => element.children.length === 0 && element.innerText.trim().length <= 4)
      .filter((element) => {
        const words = document.createRange();
        words.selectNodeContents(element);
        return new Set([...words.getClientRects()].map(({ top }) => top)).size > 1;
      })
      .map((element) => element.innerText),
  );
}
