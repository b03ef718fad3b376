import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { onnxFile, type ModelSpec } from '../../fixtures/onnx-builder/onnx';
import type { PageRequest } from './page';
import { launch, open, type Bundle } from './servedPage';

const synthetic = { blocks: 12, hiddenMiB: 48 };
const workload = { dims: { batch: 16, seq: 1024 }, optimizer: 'adamw' as const };

const modelOf = (name: string, spec: ModelSpec): PageRequest['model'] => ({
  name,
  base64: Buffer.from(onnxFile(spec)).toString('base64'),
});

const unknownOperators: ModelSpec = {
  inputs: [{ name: 'x', type: 'float', dims: ['batch', 64] }],
  initializers: [{ name: 'w', type: 'float', dims: [64, 64] }],
  nodes: [
    { name: 'first', type: 'MatMul', inputs: ['x', 'w'], outputs: ['a'] },
    { name: 'unknown', type: 'FancyAttention', domain: 'com.example', inputs: ['a'], outputs: ['b'] },
    { name: 'last', type: 'Relu', inputs: ['b'], outputs: ['y'] },
  ],
  outputs: [{ name: 'y', type: 'float', dims: ['batch', 64] }],
  opsets: { '': 17, 'com.example': 1 },
};

const noOperators: ModelSpec = {
  inputs: [{ name: 'x', type: 'float', dims: [4, 4] }],
  outputs: [{ name: 'x', type: 'float', dims: [4, 4] }],
};

/** Everything a view can show that is not a plan that fits. */
const requests: Readonly<Record<string, PageRequest>> = {
  opening: { overrides: { step: undefined, model: undefined, progress: { stage: 'reading' } } },
  planning: {
    overrides: { step: undefined, model: undefined, progress: { stage: 'planning', fraction: 0.4 } },
  },
  'curve-under-way': {
    overrides: { frontier: undefined, progress: { stage: 'frontier', fraction: 0.6 } },
  },
  cancelled: {
    overrides: {
      ...{ step: undefined, plan: undefined, frontier: undefined },
      error: {
        code: 'cancelled',
        message: 'Planning gpt2_small.train.onnx was cancelled.',
        hint: 'Start it again whenever you like; your decisions are kept.',
      },
    },
  },
  'cancelled-without-plan': {
    overrides: {
      ...{ plan: undefined, frontier: undefined },
      error: {
        code: 'cancelled',
        message: 'Planning gpt2_small.train.onnx was cancelled.',
        hint: 'Start it again whenever you like; your decisions are kept.',
      },
    },
  },
  'unknown-operators': { model: modelOf('partial.onnx', unknownOperators) },
  'no-operators': { model: modelOf('empty.onnx', noOperators) },
  'cannot-be-read': {
    overrides: {
      ...{ step: undefined, model: undefined },
      error: {
        code: 'truncated-file',
        message: 'The file ends in the middle of a tensor.',
        hint: 'Download it again: 5.21 MB of at least 7.90 MB are there.',
        where: { file: 'gpt2_small.train.onnx', byteOffset: 5210031 },
      },
    },
  },
  'refused-edit': {
    overrides: {
      error: {
        code: 'bad-workload',
        message: 'batch is not a whole number of at least 1.',
        hint: 'Give a size such as 8.',
      },
    },
  },
  'budget-below-floor': { budgetGiB: 4 },
  stale: { overrides: { stalePlan: 'gpt2_small.train.onnx.plan.json' } },
};

/** Pictures of every state that is not a plan that fits, in the dark theme, the loading and failing ones in all. */
export async function states(bundle: Bundle, outDir: string): Promise<void> {
  const browser = await chromium.launch(launch);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on('pageerror', (error) => console.error('page error:', error.message));
  for (const [name, request] of Object.entries(requests)) {
    await open(page, bundle, 'dark', { synthetic, workload, budgetGiB: 12, ...request });
    await page.locator('#loading:visible, #error:visible, .board:visible').first().waitFor();
    await page.waitForTimeout(500);
    await page.screenshot({ path: path.join(outDir, `state-${name}.png`) });
    console.log(`wrote state-${name}.png`);
  }
  for (const theme of ['light', 'high-contrast', 'high-contrast-light'] as const) {
    for (const name of ['planning', 'cancelled', 'cannot-be-read', 'cancelled-without-plan']) {
      await open(page, bundle, theme, { synthetic, workload, budgetGiB: 12, ...requests[name] });
      await page.waitForTimeout(500);
      await page.screenshot({ path: path.join(outDir, `state-${name}-${theme}.png`) });
    }
  }
  await browser.close();
}

/** A plan held against another: the bar, the timeline, the layers that differ; in every theme. */
export async function comparison(bundle: Bundle, outDir: string): Promise<void> {
  const browser = await chromium.launch(launch);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on('pageerror', (error) => console.error('page error:', error.message));
  const name = 'gpt2_small.train.onnx';
  const base64 = readFileSync(path.join(process.cwd(), 'samples', name)).toString('base64');
  for (const theme of ['dark', 'light', 'high-contrast', 'high-contrast-light'] as const) {
    await open(page, bundle, theme, {
      model: { name, base64 },
      workload,
      strategy: 'module-checkpoint',
      budgetGiB: 14,
    });
    const choice = page.getByRole('combobox', { name: 'Compare the plan with' });
    await choice.selectOption({ label: 'keeping everything' });
    await page.getByRole('button', { name: 'Show layers' }).click();
    await page.waitForTimeout(400);
    await page.screenshot({ path: path.join(outDir, `compare-${theme}.png`) });
    if (theme !== 'dark') continue;
    await page.locator('#compare-bar').getByRole('button', { name: 'List' }).click();
    await page.waitForTimeout(300);
    await page.screenshot({ path: path.join(outDir, 'compare-list.png') });
  }
  await browser.close();
}
