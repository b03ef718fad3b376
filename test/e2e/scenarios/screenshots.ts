import { mkdirSync } from 'node:fs';
import path from 'node:path';
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

type Theme = (typeof themes)[keyof typeof themes];

/** What the READMEs show: a GPT-2 step under a budget, in every kind of theme, and the panel of step settings. */
export const screenshotScenarios: readonly Scenario[] = [
  ...Object.entries(themes).map(([name, theme]) => scenario(name, theme)),
  scenario('settings', themes.overview, async (view) => {
    await view.edit(() =>
      view
        .moduleRow('transformer.wte')
        .getByRole('button', { name: /^Freeze / })
        .click(),
    );
    await view.frame.getByRole('button', { name: /^Step settings/ }).click();
    const panel = view.frame.getByRole('region', { name: 'Step settings' });
    await view.edit(() => panel.getByRole('radio', { name: 'fused' }).last().check());
  }),
];

function scenario(
  name: string,
  theme: Theme,
  arrange: (view: HeadroomView) => Promise<void> = () => Promise.resolve(),
): Scenario {
  return {
    name: `screenshot-${name}`,
    prepare: (workspace) =>
      writeSettings(workspace, {
        'workbench.colorTheme': theme.id,
        'headroom.dimensions': { batch: 8, seq: 1024 },
      }),
    run: (context) => takeScreenshot(context, name, theme.bodyClass, arrange),
  };
}

async function takeScreenshot(
  { environment, workbench }: Context,
  name: string,
  bodyClass: string,
  arrange: (view: HeadroomView) => Promise<void>,
): Promise<void> {
  const { page } = workbench;
  const view = await openModel(workbench, 'gpt2_small.train.onnx');
  await until(
    async () =>
      ((await view.frame.locator('body').getAttribute('class')) ?? '').split(' ').includes(bodyClass),
    `the view is in theme ${name}`,
  );
  await workbench.runCommand('View: Close Primary Side Bar');
  await view.edit(() => view.dragSlider(0.5));
  await arrange(view);
  await until(
    async () => !['proving', ''].includes(await view.proofState()),
    'what can be proven is on screen',
    longestProofMs,
  );
  const folder = path.join(environment.repoRoot, 'docs/images');
  mkdirSync(folder, { recursive: true });
  await page.mouse.move(2, 2);
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
