import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import type { HeadroomView } from '../lib/headroomView';
import { openModel } from '../lib/openModel';
import type { Context, Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';

/** Settings id of each built-in theme, and the class VS Code gives the body. */
const themes = {
  overview: { id: 'Default Dark Modern', bodyClass: 'vscode-dark' },
  light: { id: 'Default Light Modern', bodyClass: 'vscode-light' },
  'hc-black': { id: 'Default High Contrast', bodyClass: 'vscode-high-contrast' },
  'hc-light': { id: 'Default High Contrast Light', bodyClass: 'vscode-high-contrast-light' },
} as const;

const longestProofMs = 120_000;
const longestAnswerMs = 120_000;

type Theme = (typeof themes)[keyof typeof themes];

/** What is on a picture. */
interface Picture {
  readonly theme: Theme;
  readonly model: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly arrange: (view: HeadroomView) => Promise<void>;
  /** A part of the window in place of all of it; beside the walkthrough's texts, if it is for them. */
  readonly part?: (view: HeadroomView) => Locator;
  readonly folder?: string;
}

const gpt = {
  model: 'gpt2_small.train.onnx',
  settings: { 'headroom.dimensions': { batch: 8, seq: 1024 } },
};
const placed = {
  theme: themes.overview,
  model: 'resnet50.train.onnx',
  settings: {
    'headroom.dimensions': { batch: 64 },
    'headroom.optimizer': 'momentum',
    'headroom.machine': 'workstation-4090-t4',
  },
};

const resnet = {
  model: 'resnet50.train.onnx',
  settings: { 'headroom.dimensions': { batch: 256 }, 'headroom.optimizer': 'momentum' },
};
const bert = {
  model: 'bert_base.train.onnx',
  settings: { 'headroom.dimensions': { batch: 32, seq: 128 }, 'headroom.budget': '12 GiB' },
};

const imagesFolder = 'docs/images';
const walkthroughFolder = 'media/walkthrough';

const lengths = '64:0.2 128:0.35 192:0.2 256:0.12 320:0.07 384:0.04 512:0.02';

const asOpened = (): Promise<void> => Promise.resolve();
const halfBudget = (view: HeadroomView): Promise<void> => view.edit(() => view.dragSlider(0.5));

/** What the READMEs show: a GPT-2 step under a budget, in every kind of theme, panels, and layers on several devices. */
export const screenshotScenarios: readonly Scenario[] = [
  ...Object.entries(themes).map(([name, theme]) => scenario(name, { ...gpt, theme, arrange: halfBudget })),
  scenario('resnet50', { ...resnet, theme: themes.overview, arrange: halfBudget }),
  scenario('sizes', { ...bert, theme: themes.light, arrange: inputSizes }),
  scenario('offload', { ...gpt, theme: themes.overview, arrange: offloading }),
  scenario('graph', { ...gpt, theme: themes.overview, arrange: graph }),
  scenario('settings', { ...gpt, theme: themes.overview, arrange: stepSettings }),
  scenario('lanes', { ...placed, arrange: lanes }),
  scenario('pipeline', { ...placed, arrange: pipeline }),
  scenario('split', {
    theme: themes.overview,
    model: 'mobilenet_v2.train.onnx',
    settings: { 'headroom.dimensions': { batch: 1 }, 'headroom.machine': 'edge-pi-server' },
    arrange: (view) => ask(view, 'Split', '.split-headline'),
  }),
  scenario('scale', {
    ...gpt,
    theme: themes.overview,
    arrange: (view) => ask(view, 'Scale', '#scale .answer-table'),
  }),
  walkthrough('open', (view) => view.frame.locator('body'), asOpened),
  walkthrough('device', (view) => view.frame.locator('header'), asOpened),
  walkthrough('budget', (view) => view.frontier, halfBudget),
  walkthrough('export', (view) => view.frame.getByRole('menu').first(), exportMenu),
];

async function stepSettings(view: HeadroomView): Promise<void> {
  await halfBudget(view);
  await view.edit(() =>
    view
      .moduleRow('transformer.wte')
      .getByRole('button', { name: /^Freeze / })
      .click(),
  );
  await view.frame.getByRole('button', { name: /^Step settings/ }).click();
  const panel = view.frame.getByRole('region', { name: 'Step settings' });
  await view.edit(() => panel.getByRole('radio', { name: 'fused' }).last().check());
}

/** One step of that pipeline: placed for throughput, all three devices work, and send each other what they make. */
async function lanes(view: HeadroomView): Promise<void> {
  await pipeline(view);
  await view.frame.locator('#pipeline').getByRole('radio', { name: 'One step' }).check({ force: true });
  await view.lanes.locator('canvas:visible').waitFor();
}

/** An update by eight micro-batches, as a pipeline. */
async function pipeline(view: HeadroomView): Promise<void> {
  await view.frame.getByRole('button', { name: /^Step settings/ }).click();
  const panel = view.frame.getByRole('region', { name: 'Step settings' });
  const count = panel.locator('vscode-text-field').first().locator('input');
  await count.fill('8');
  await view.edit(() => count.press('Enter'));
  await view.page.keyboard.press('Escape');
  await placeFor(view, 'throughput');
  await view.frame.locator('#pipeline canvas:visible').waitFor();
}

async function placeFor(view: HeadroomView, objective: string): Promise<void> {
  const radios = view.frame.getByRole('radiogroup', { name: 'What layers are placed for' });
  await view.edit(() => radios.getByRole('radio', { name: objective, exact: true }).check());
}

/** Plans of ranges of lengths, pasted as a histogram. */
async function inputSizes(view: HeadroomView): Promise<void> {
  await view.frame.getByRole('button', { name: 'Sizes', exact: true }).click();
  const panel = view.frame.getByRole('region', { name: 'Input sizes' });
  const text = panel.getByRole('textbox', { name: 'Sizes and how common they are' });
  await text.fill(lengths);
  await text.press('Control+Enter');
  await panel.locator('.sizes-summary').waitFor({ timeout: longestAnswerMs });
}

/** Values that go to host memory, and when. */
async function offloading(view: HeadroomView): Promise<void> {
  await view.frame.getByRole('button', { name: /^Step settings/ }).click();
  const panel = view.frame.getByRole('region', { name: 'Step settings' });
  await view.edit(() => panel.getByRole('radio', { name: 'host memory' }).check());
  await view.page.keyboard.press('Escape');
  await halfBudget(view);
}

async function graph(view: HeadroomView): Promise<void> {
  await halfBudget(view);
  await view.frame.getByRole('tab', { name: 'Graph' }).click();
}

async function exportMenu(view: HeadroomView): Promise<void> {
  await halfBudget(view);
  await view.frame.getByRole('button', { name: 'Export plan' }).click();
}

/** Opens a panel that asks, and waits for what answers it. */
async function ask(view: HeadroomView, button: string, answer: string): Promise<void> {
  await view.frame.locator(`#${button.toLowerCase()}-button`).click();
  await view.frame.locator(answer).first().waitFor({ timeout: longestAnswerMs });
}

function walkthrough(
  name: string,
  part: NonNullable<Picture['part']>,
  arrange: Picture['arrange'],
): Scenario {
  return scenario(name, { ...gpt, theme: themes.overview, arrange, part, folder: walkthroughFolder });
}

function scenario(name: string, picture: Picture): Scenario {
  return {
    name: `screenshot-${name}`,
    prepare: (workspace) =>
      writeSettings(workspace, { 'workbench.colorTheme': picture.theme.id, ...picture.settings }),
    run: (context) => takeScreenshot(context, name, picture),
  };
}

async function takeScreenshot(
  { environment, workbench }: Context,
  name: string,
  { theme, model, arrange, part, folder = imagesFolder }: Picture,
): Promise<void> {
  const { page } = workbench;
  const view = await openModel(workbench, model);
  await until(
    async () =>
      ((await view.frame.locator('body').getAttribute('class')) ?? '').split(' ').includes(theme.bodyClass),
    `the view is in theme ${name}`,
  );
  await workbench.runCommand('View: Close Primary Side Bar');
  await arrange(view);
  await until(
    async () => !['proving', ''].includes(await view.proofState()),
    'what can be proven is on screen',
    longestProofMs,
  );
  const file = path.join(environment.repoRoot, folder, `${name}.png`);
  mkdirSync(path.dirname(file), { recursive: true });
  await page.mouse.move(2, 2);
  await (part?.(view) ?? page).screenshot({ path: file });
}
