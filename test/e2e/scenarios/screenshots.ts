import { mkdirSync } from 'node:fs';
import path from 'node:path';
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

/** What the README shows: a GPT-2 step under a budget, in every kind of theme. */
export const screenshotScenarios: readonly Scenario[] = Object.entries(themes).map(([name, theme]) => ({
  name: `screenshot-${name}`,
  prepare: (workspace: string) =>
    writeSettings(workspace, {
      'workbench.colorTheme': theme.id,
      'headroom.dimensions': { batch: 8, seq: 1024 },
    }),
  run: (context: Context) => takeScreenshot(context, name, theme.bodyClass),
}));

async function takeScreenshot(
  { environment, workbench }: Context,
  name: string,
  bodyClass: string,
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
  const folder = path.join(environment.repoRoot, 'docs/images');
  mkdirSync(folder, { recursive: true });
  await page.mouse.move(2, 2);
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
