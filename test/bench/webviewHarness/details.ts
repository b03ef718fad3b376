import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import type { PageRequest } from './page';
import { launch, open, type Bundle } from './servedPage';
import type { ThemeName } from './themes';

const themes: readonly ThemeName[] = ['dark', 'light', 'high-contrast', 'high-contrast-light'];

/** What an editor is: beside a side bar, narrow, and a laptop's at 200 % (half of its pixels, twice their size). */
const shapes = {
  '1100': { width: 1100, height: 860, scale: 1 },
  '720': { width: 720, height: 1300, scale: 1 },
  zoomed: { width: 720, height: 450, scale: 2 },
} as const;

const modelOf = (name: string): PageRequest['model'] => ({
  name,
  base64: readFileSync(path.join(process.cwd(), 'samples', name)).toString('base64'),
});

/** Lengths of which few are long: most plans of the table are for hardly a batch. */
const lengths = '64:0.4 128:0.35 256:0.2497 512:0.0003';

/** What is to be seen only after a click: tooltips, an empty table, lists, offloading, sizes, several devices; in every theme and width. */
export async function details(bundle: Bundle, outDir: string): Promise<void> {
  const browser = await chromium.launch(launch);
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error('page error:', error.message));
  const shot = async (name: string): Promise<void> => {
    await page.screenshot({ path: path.join(outDir, `${name}.png`) });
    console.log(`wrote ${name}.png`);
  };
  await page.setViewportSize({ width: 1100, height: 860 });
  for (const theme of themes) {
    await openGpt(page, bundle, theme);
    await steps(page, (name) => shot(`${name}-${theme}`));
    await openSizes(page, bundle, theme);
    await shot(`sizes-${theme}`);
    await page.locator('#sizes .question-body').evaluate((body) => (body.scrollTop = body.scrollHeight));
    await shot(`sizes-tables-${theme}`);
    await page.locator('#sizes-text').fill('128:0.3 -5:0.7');
    await page.locator('#sizes').getByText('Ask', { exact: true }).click();
    await page.locator('#sizes-refusal').waitFor({ timeout: 60_000 });
    await shot(`sizes-refused-${theme}`);
  }
  await page.setViewportSize({ width: 720, height: 1300 });
  await openGpt(page, bundle, 'light');
  await steps(page, (name) => shot(`${name}-720`));
  await openSizes(page, bundle, 'light');
  await shot('sizes-720');
  await browser.close();
  await zoomed(bundle, outDir);
}

async function openGpt(page: Page, bundle: Bundle, theme: ThemeName): Promise<void> {
  await open(page, bundle, theme, {
    model: modelOf('gpt2_small.train.onnx'),
    workload: { dims: { batch: 16, seq: 1024 }, optimizer: 'adamw' },
    strategy: 'module-checkpoint',
    budgetGiB: 16,
    offload: { to: 'host' },
  });
  await page.locator('.offload-link:visible').first().waitFor({ timeout: 120_000 });
  await page.locator('#timeline canvas').waitFor({ timeout: 120_000 });
  await page.waitForTimeout(500);
}

/** One thing after the other is opened, pictured and closed. */
async function steps(page: Page, shot: (name: string) => Promise<void>): Promise<void> {
  const chart = await page.locator('#timeline .chart').boundingBox();
  if (!chart) throw new Error('no timeline');
  await page.mouse.move(chart.x + chart.width * 0.7, chart.y + chart.height * 0.6);
  await page.waitForTimeout(200);
  await shot('tooltip');
  await page.mouse.move(4, 4);
  await page.locator('#layers vscode-text-field input').fill('kept:>900GiB');
  await page.waitForTimeout(200);
  await shot('empty-filter');
  await page.locator('#layers vscode-text-field input').fill('');
  await page.locator('.offload-link').click();
  await page.waitForTimeout(200);
  await shot('settings-link');
  await page.keyboard.press('Escape');
  const choice = page.getByRole('combobox', { name: 'Compare the plan with' });
  await choice.selectOption({ label: 'keeping everything' });
  await page.waitForTimeout(300);
  await shot('compared');
  await page.getByRole('button', { name: 'Stop comparing' }).click();
  await page.locator('.menu-anchor vscode-button').click();
  await page.waitForTimeout(150);
  await shot('export-menu');
  await page.keyboard.press('Escape');
}

async function openSizes(page: Page, bundle: Bundle, theme: ThemeName): Promise<void> {
  await open(page, bundle, theme, {
    model: modelOf('bert_base.train.onnx'),
    workload: { dims: { batch: 8, seq: 512 }, optimizer: 'adamw' },
    strategy: 'module-checkpoint',
    budgetGiB: 5,
  });
  await page.locator('#sizes-button').click();
  await page.locator('#sizes-text').fill(lengths);
  await page.locator('#sizes').getByText('Ask', { exact: true }).click();
  await page.locator('#sizes .size-band').first().waitFor({ timeout: 120_000 });
  await page.waitForTimeout(300);
}

/** The same page at 200 %, and several devices held against keeping everything at each width. */
async function zoomed(bundle: Bundle, outDir: string): Promise<void> {
  const browser = await chromium.launch(launch);
  for (const [shape, { width, height, scale }] of Object.entries(shapes)) {
    const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: scale });
    await openGpt(page, bundle, 'dark');
    await page.screenshot({ path: path.join(outDir, `whole-${shape}.png`), fullPage: true });
    await open(page, bundle, 'dark', {
      model: modelOf('resnet50.train.onnx'),
      workload: { dims: { batch: 64 }, optimizer: 'momentum' },
      strategy: 'module-checkpoint',
      machine: 'workstation-4090-t4',
    });
    await page.locator('#lanes canvas').waitFor({ timeout: 120_000 });
    await page
      .locator('#lanes')
      .getByRole('combobox', { name: 'Compare the plan with' })
      .selectOption({ label: 'keeping everything' });
    await page.waitForTimeout(500);
    await page.screenshot({ path: path.join(outDir, `devices-${shape}.png`), fullPage: true });
    console.log(`wrote whole-${shape}.png and devices-${shape}.png`);
    await page.close();
  }
  await browser.close();
}
