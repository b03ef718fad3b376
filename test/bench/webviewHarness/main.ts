/**
 * Shows the view without VS Code, in a headless browser: takes screenshots of it in every theme and measures how long
 * it takes from moving the slider to the repaint. `node test/bench/webviewHarness/run.mjs [output folder]`.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Locator, type Page } from 'playwright-core';
import { details } from './details';
import { languages } from './languages';
import type { PageRequest } from './page';
import { bundlePage, launch, open, type Bundle } from './servedPage';
import { comparison, states } from './states';
import type { ThemeName } from './themes';
import { widthShots } from './widths';

const repoRoot = process.cwd();
const outDir = process.argv[2] ?? path.join(repoRoot, '.cache', 'webview-shots');

/** The whole view at rest. */
async function ready(page: Page): Promise<void> {
  await page.locator('#timeline canvas').waitFor();
  await page.waitForFunction(() => (document.querySelector('#sentence')?.textContent ?? '').length > 0);
  await page.waitForTimeout(400);
}

const trainingGpt: PageRequest['workload'] = {
  dims: { batch: 16, seq: 1024 },
  optimizer: 'adamw',
  precision: 'bf16-autocast',
  loss: 'cross-entropy',
};

async function screenshots(bundle: Bundle): Promise<void> {
  const browser = await chromium.launch(launch);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on('pageerror', (error) => console.error('page error:', error.message));
  page.on('console', (message) => message.type() === 'error' && console.error('console:', message.text()));
  const shot = async (name: string): Promise<void> => {
    await page.screenshot({ path: path.join(outDir, `${name}.png`) });
    console.log(`wrote ${name}.png`);
  };
  const synthetic = { blocks: 12, hiddenMiB: 48 };
  for (const theme of ['dark', 'light', 'high-contrast', 'high-contrast-light'] as const) {
    await open(page, bundle, theme, { synthetic, workload: trainingGpt, budgetGiB: 12 });
    await ready(page);
    await shot(`synthetic-${theme}`);
  }
  await open(page, bundle, 'dark', { synthetic, workload: trainingGpt, budgetGiB: 12 });
  await ready(page);
  await interact(page, shot);
  await open(page, bundle, 'dark', { synthetic, workload: trainingGpt, budgetGiB: 4 });
  await ready(page);
  await shot('infeasible');
  const error = {
    code: 'truncated-file',
    message: 'The file ends in the middle of a tensor.',
    hint: 'Download it again: 5.21 MB of at least 7.90 MB are there.',
    where: { file: 'gpt2_small.train.onnx', byteOffset: 5210031 },
  } as const;
  await open(page, bundle, 'dark', { synthetic, overrides: { step: undefined, error } });
  await page.waitForTimeout(300);
  await shot('error');
  await open(page, bundle, 'dark', {
    synthetic,
    overrides: {
      stalePlan: 'gpt2_small.train.onnx.plan.json',
      progress: { stage: 'planning', fraction: 0.4 },
    },
  });
  await ready(page);
  await shot('stale');
  await open(page, bundle, 'dark', {
    synthetic,
    overrides: { step: undefined, model: undefined, progress: { stage: 'profiling' } },
  });
  await page.waitForTimeout(300);
  await shot('loading');
  await page.setViewportSize({ width: 720, height: 1400 });
  await open(page, bundle, 'dark', { synthetic, workload: trainingGpt, budgetGiB: 12 });
  await ready(page);
  await shot('narrow');
  await page.setViewportSize({ width: 1440, height: 900 });
  for (const name of ['gpt2_small.train.onnx', 'resnet50.train.onnx']) {
    const file = path.join(repoRoot, 'samples', name);
    if (!existsSync(file)) continue;
    const model = { name, base64: readFileSync(file).toString('base64') };
    const workload = name.startsWith('gpt2')
      ? trainingGpt
      : { dims: { batch: 64 }, optimizer: 'adamw' as const };
    for (const strategy of ['module-checkpoint', 'selective'] as const) {
      await open(page, bundle, 'dark', {
        model,
        workload,
        strategy,
        budgetGiB: name.startsWith('gpt2') ? 16 : 4,
      });
      try {
        await page.waitForFunction(() => (document.querySelector('#sentence')?.textContent ?? '').length > 0);
        await page.waitForTimeout(600);
      } catch {
        console.log(`${name} did not open`);
      }
      await shot(`${name.split('.')[0]}-${strategy}`);
      if (name.startsWith('gpt2') && strategy === 'module-checkpoint') await inspectBlock(page, shot);
    }
  }
  await browser.close();
}

/** Scrolls the layer table until a row is there: rows out of sight have no element. */
async function reveal(page: Page, name: string): Promise<Locator> {
  const row = page.locator(`[role="row"][data-name="${name}"]`);
  for (let top = 0; (await row.count()) === 0 && top < 20000; top += 150) {
    await page.locator('.treegrid').evaluate((grid, to) => (grid.scrollTop = to), top);
    await page.waitForTimeout(60);
  }
  return row;
}

/** Selects a block of a real model, then adds a device and moves the block there. */
async function inspectBlock(page: Page, shot: (name: string) => Promise<void>): Promise<void> {
  const block = await reveal(page, 'transformer.h.3');
  await block.locator('.layer-label').click();
  await page.waitForTimeout(300);
  await shot('block');
  await page.getByLabel('Add a device', { exact: true }).click();
  await page.waitForTimeout(1500);
  await block.locator('select').selectOption('gpu1');
  await page.waitForTimeout(2500);
  await block.locator('[data-choice="offload"]').click();
  await page.waitForTimeout(2500);
  await shot('devices');
}

async function interact(page: Page, shot: (name: string) => Promise<void>): Promise<void> {
  const chart = await page.locator('#timeline .chart').boundingBox();
  if (!chart) throw new Error('no timeline');
  await page.mouse.move(chart.x + chart.width * 0.7, chart.y + chart.height * 0.5);
  await page.waitForTimeout(150);
  await shot('hover');
  await page.mouse.move(10, 10);
  const block = await reveal(page, 'transformer.h.3');
  await block.locator('.expander').click();
  await block.locator('.layer-label').click();
  await block.locator('[data-choice="recompute"]').click();
  await page.waitForTimeout(300);
  await shot('pinned');
  await page.locator('#layers vscode-text-field input').fill('mlp kept:>100MiB');
  await page.waitForTimeout(200);
  await shot('filtered');
  await page.locator('#layers vscode-text-field input').fill('');
  await page.mouse.move(chart.x + chart.width * 0.5, chart.y + 60);
  await page.mouse.down();
  await page.mouse.move(chart.x + chart.width * 0.65, chart.y + 90, { steps: 5 });
  await page.mouse.up();
  await page.waitForTimeout(200);
  await shot('zoomed');
  await page.locator('#timeline .quiet-button', { hasText: 'Show all' }).click();
  await page.locator('#frontier .quiet-button', { hasText: 'Table' }).click();
  await page.locator('#timeline .quiet-button', { hasText: 'Table' }).click();
  await page.locator('vscode-button', { hasText: 'Export' }).click();
  await page.locator('.notes-buttons button').first().click();
  await page.locator('.notes-buttons button').nth(1).click();
  await page.waitForTimeout(200);
  await shot('tables-and-menu');
}

/** The panel of step settings on a real model, in every theme, wide and narrow, and what it changes elsewhere. */
async function settings(bundle: Bundle): Promise<void> {
  const browser = await chromium.launch(launch);
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  page.on('pageerror', (error) => console.error('page error:', error.message));
  page.on('console', (message) => message.type() === 'error' && console.error('console:', message.text()));
  const shot = async (name: string): Promise<void> => {
    await page.screenshot({ path: path.join(outDir, `${name}.png`) });
    console.log(`wrote ${name}.png`);
  };
  const requestOf = (name: string, workload: PageRequest['workload']): PageRequest => ({
    model: { name, base64: readFileSync(path.join(repoRoot, 'samples', name)).toString('base64') },
    workload,
    budgetGiB: 14,
    strategy: 'module-checkpoint',
  });
  const gpt = requestOf('gpt2_small.train.onnx', {
    ...trainingGpt,
    dims: { batch: 8, seq: 1024 },
    optimizerUpdate: 'for-loop',
    frozen: ['transformer.wte', 'transformer.h.0'],
  });
  const decoder = requestOf('llama_8l_d1024.train.onnx', {
    mode: 'inference',
    dims: { batch: 4, seq: 16 },
    kvCacheTokens: 2048,
  });
  for (const theme of ['dark', 'light', 'high-contrast', 'high-contrast-light'] as const) {
    await open(page, bundle, theme, gpt);
    await ready(page);
    await page.locator('#step-settings-button').click();
    await page.locator('#layers vscode-text-field input').fill('h.0 norm');
    const normalisation = await reveal(page, '/transformer/h.0/ln_1/Add_1');
    await normalisation.locator('.layer-label').click();
    await page.waitForTimeout(300);
    await shot(`settings-${theme}`);
  }
  await page.locator('.settings-body').evaluate((body) => (body.scrollTop = body.scrollHeight));
  await shot('settings-end');
  await page.locator('#step-settings-button').click();
  await shot('settings-closed');
  await open(page, bundle, 'dark', decoder);
  await ready(page);
  await page.locator('#step-settings-button').click();
  await shot('settings-inference');
  await open(page, bundle, 'dark', { ...decoder, workload: { optimizer: 'adamw' } });
  await ready(page);
  await shot('notice');
  await page.setViewportSize({ width: 800, height: 1400 });
  for (const [name, request] of [
    ['settings-narrow', gpt],
    ['settings-narrow-inference', decoder],
  ] as const) {
    await open(page, bundle, 'dark', request);
    await ready(page);
    await shot(`${name}-closed`);
    await page.locator('#step-settings-button').click();
    await page.waitForTimeout(200);
    await shot(name);
  }
  await browser.close();
}

/** Devices, links and lanes of real models, in every theme, wide and narrow. */
async function placement(bundle: Bundle): Promise<void> {
  const browser = await chromium.launch(launch);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on('pageerror', (error) => console.error('page error:', error.message));
  page.on('console', (message) => message.type() === 'error' && console.error('console:', message.text()));
  const shot = async (name: string): Promise<void> => {
    await page.screenshot({ path: path.join(outDir, `${name}.png`) });
    console.log(`wrote ${name}.png`);
  };
  const name = 'resnet50.train.onnx';
  const request: PageRequest = {
    model: { name, base64: readFileSync(path.join(repoRoot, 'samples', name)).toString('base64') },
    workload: { dims: { batch: 64 }, optimizer: 'momentum' },
    strategy: 'module-checkpoint',
    machine: 'workstation-4090-t4',
  };
  const openLanes = async (theme: ThemeName, of: PageRequest): Promise<void> => {
    await open(page, bundle, theme, of);
    await page
      .locator('#lanes canvas:visible, #pipeline canvas:visible')
      .first()
      .waitFor({ timeout: 60_000 });
    await page.waitForTimeout(500);
  };
  for (const theme of ['dark', 'light', 'high-contrast', 'high-contrast-light'] as const) {
    await openLanes(theme, request);
    const row = await reveal(page, 'layer4');
    await row.scrollIntoViewIfNeeded();
    // Rows that scrolled out lend their elements to those that scrolled in.
    await page.waitForTimeout(200);
    // The page plans by itself, on its only thread.
    await row.locator('select').selectOption('gpu1', { timeout: 180_000 });
    await page.waitForTimeout(1500);
    await row.locator('.layer-label').click();
    await page.waitForTimeout(300);
    await shot(`lanes-${theme}`);
    await page.locator('#machine-button').click();
    await page.waitForTimeout(200);
    await shot(`machine-${theme}`);
  }
  for (const objective of ['latency', 'throughput'] as const) {
    await openLanes('dark', { ...request, objective });
    await shot(`lanes-${objective}`);
  }
  await page.locator('#pipeline').getByRole('radio', { name: 'One step' }).check({ force: true });
  await hoverTransfer(page);
  await shot('lanes-transfer');
  await page.locator('#lanes .quiet-button', { hasText: 'Transfers' }).click();
  await page.locator('#placements .quiet-button', { hasText: 'Table' }).click();
  await page.waitForTimeout(200);
  await shot('lanes-tables');
  await openLanes('dark', { ...request, machine: '4x8-h100' });
  await shot('lanes-many');
  await page.setViewportSize({ width: 720, height: 1500 });
  await openLanes('dark', request);
  await shot('lanes-narrow');
  await browser.close();
}

/** A pipeline of a stream and of an update, in every theme and narrow; the header with one to six devices. */
async function pipeline(bundle: Bundle): Promise<void> {
  const browser = await chromium.launch(launch);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on('pageerror', (error) => console.error('page error:', error.message));
  page.on('console', (message) => message.type() === 'error' && console.error('console:', message.text()));
  const shot = async (name: string): Promise<void> => {
    await page.screenshot({ path: path.join(outDir, `${name}.png`) });
    console.log(`wrote ${name}.png`);
  };
  const name = 'resnet50.train.onnx';
  const requestOf = (microBatches: number): PageRequest => ({
    model: { name, base64: readFileSync(path.join(repoRoot, 'samples', name)).toString('base64') },
    workload: { dims: { batch: 64 }, optimizer: 'momentum', microBatches },
    strategy: 'module-checkpoint',
    machine: 'workstation-4090-t4',
    objective: 'throughput',
  });
  const openPipeline = async (theme: ThemeName, microBatches: number): Promise<void> => {
    await open(page, bundle, theme, requestOf(microBatches));
    await page.locator('#pipeline canvas').waitFor({ timeout: 180_000 });
    await page.waitForTimeout(500);
  };
  await openPipeline('dark', 1);
  await shot('pipeline-stream');
  for (const theme of ['dark', 'light', 'high-contrast', 'high-contrast-light'] as const) {
    await openPipeline(theme, 8);
    await page.locator('#pipeline .chart').press('ArrowRight');
    await shot(`pipeline-${theme}`);
  }
  await page.locator('#pipeline .quiet-button', { hasText: 'Table' }).click();
  await shot('pipeline-table');
  await page.setViewportSize({ width: 720, height: 1500 });
  await page.waitForTimeout(300);
  await shot('pipeline-narrow');
  await page.setViewportSize({ width: 1440, height: 900 });
  await open(page, bundle, 'dark', { synthetic: { blocks: 4, hiddenMiB: 48 }, workload: trainingGpt });
  await ready(page);
  for (let devices = 1; devices <= 6; devices++) {
    await page.locator('.header').screenshot({ path: path.join(outDir, `header-${devices}.png`) });
    await page.getByLabel('Add a device', { exact: true }).click();
    await page.waitForTimeout(400);
  }
  await browser.close();
}

/** Moves the pointer over the lanes until it is on an arc. */
async function hoverTransfer(page: Page): Promise<void> {
  const head = await page.locator('.lane-head').nth(1).boundingBox();
  if (!head) throw new Error('no second lane');
  for (let x = head.x; x < head.x + head.width; x += 2) {
    await page.mouse.move(x, head.y + 8);
    if ((await page.locator('#lanes.is-on-arc').count()) > 0) return;
  }
  throw new Error('no arc under the pointer');
}

/** The panels of splits and of scaling on a real model, in every theme, wide and narrow. */
async function machineQuestions(bundle: Bundle): Promise<void> {
  const browser = await chromium.launch(launch);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on('pageerror', (error) => console.error('page error:', error.message));
  page.on('console', (message) => message.type() === 'error' && console.error('console:', message.text()));
  const shot = async (name: string): Promise<void> => {
    await page.screenshot({ path: path.join(outDir, `${name}.png`) });
    console.log(`wrote ${name}.png`);
  };
  const requestOf = (name: string, workload: PageRequest['workload'], machine?: string): PageRequest => ({
    model: { name, base64: readFileSync(path.join(repoRoot, 'samples', name)).toString('base64') },
    workload,
    machine,
  });
  const model = requestOf(
    'mobilenet_v2.train.onnx',
    { dims: { batch: 1 }, mode: 'inference' },
    'edge-pi-server',
  );
  const split = async (theme: ThemeName): Promise<void> => {
    await open(page, bundle, theme, model);
    await page.locator('#lanes canvas').waitFor({ timeout: 120_000 });
    await page.locator('#split-button').click();
    await page.locator('#split .split-headline').waitFor({ timeout: 120_000 });
    await page.waitForTimeout(300);
    await shot(`split-${theme}`);
  };
  const scale = async (theme: ThemeName): Promise<void> => {
    await open(page, bundle, theme, requestOf('gpt2_small.train.onnx', trainingGpt));
    await ready(page);
    await page.locator('#scale-button').click();
    await page.locator('#scale .answer-table').first().waitFor({ timeout: 120_000 });
    await page.waitForTimeout(300);
    await shot(`scale-${theme}`);
  };
  for (const theme of ['dark', 'light', 'high-contrast', 'high-contrast-light'] as const) {
    await split(theme);
    await scale(theme);
  }
  for (const summary of await page.locator('#scale summary').all()) await summary.click();
  await shot('scale-details');
  await split('dark');
  const slider = page.locator('#split-bandwidth');
  for (let press = 0; press < 12; press++) await slider.press('ArrowLeft');
  await page.waitForTimeout(200);
  await shot('split-moved');
  await page.setViewportSize({ width: 680, height: 1200 });
  await page.waitForTimeout(300);
  await shot('split-narrow');
  await scale('light');
  await shot('scale-narrow');
  await browser.close();
}

/** Milliseconds from the slider's event to the end of the frame's work, for many positions. */
async function slider(bundle: Bundle): Promise<void> {
  const browser = await chromium.launch(launch);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  for (const blocks of [16, 105]) {
    await open(page, bundle, 'dark', { synthetic: { blocks, hiddenMiB: 48 }, workload: trainingGpt });
    await ready(page);
    const result = await page.evaluate(async () => {
      const input = document.querySelector<HTMLInputElement>('#budget-slider');
      if (!input) throw new Error('no slider');
      const times: number[] = [];
      const [low, high] = [Number(input.min), Number(input.max)];
      for (let i = 0; i < 120; i++) {
        input.value = String(low + ((high - low) * ((i * 37) % 120)) / 120);
        const begin = performance.now();
        input.dispatchEvent(new Event('input', { bubbles: true }));
        // The view repaints in the next frame; a message after it is handled once layout and paint are done.
        await new Promise<void>((resolve) =>
          requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => resolve();
            channel.port2.postMessage(null);
          }),
        );
        times.push(performance.now() - begin);
      }
      const work: number[] = [];
      const original = window.requestAnimationFrame.bind(window);
      for (let i = 0; i < 120; i++) {
        const tasks: FrameRequestCallback[] = [];
        window.requestAnimationFrame = (task) => tasks.push(task);
        input.value = String(low + ((high - low) * ((i * 53 + 7) % 120)) / 120);
        const begin = performance.now();
        input.dispatchEvent(new Event('input', { bubbles: true }));
        for (const task of tasks) task(performance.now());
        // Reading a size forces the layout that the repaint would do.
        document.body.getBoundingClientRect();
        work.push(performance.now() - begin);
      }
      window.requestAnimationFrame = original;
      return { times, work };
    });
    const nodes = await page.locator('.file-facts').textContent();
    console.log(`slider, ${nodes?.split(' · ')[1].replace('operators', 'nodes')}`);
    console.log(`  input to repainted (frames of 16.7 ms): ${quantiles(result.times)}`);
    console.log(`  work of it (script and layout):         ${quantiles(result.work)}`);
  }
  await browser.close();
}

function quantiles(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (fraction: number): string => sorted[Math.floor(fraction * (sorted.length - 1))].toFixed(1);
  return `median ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${at(1)} ms`;
}

mkdirSync(outDir, { recursive: true });
const bundle = await bundlePage();
console.log(`script ${(bundle.script.length / 1000).toFixed(0)} kB before minifying`);
const only = process.argv[3];
if (!only || only === 'shots') await screenshots(bundle);
if (!only || only === 'settings') await settings(bundle);
if (!only || only === 'placement') await placement(bundle);
if (!only || only === 'pipeline') await pipeline(bundle);
if (!only || only === 'questions') await machineQuestions(bundle);
if (!only || only === 'languages') await languages(bundle, outDir);
if (!only || only === 'states') await states(bundle, outDir);
if (!only || only === 'details') await details(bundle, outDir);
if (!only || only === 'comparison') await comparison(bundle, outDir);
if (!only || only === 'widths') await widthShots(bundle, outDir);
if (!only || only === 'slider') await slider(bundle);
