import assert from 'node:assert/strict';
import { accessibilityViolations, movingElements, overflowPx } from '../lib/accessibility';
import type { HeadroomView } from '../lib/headroomView';
import { openModel } from '../lib/openModel';
import type { Context, Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';

/** Settings id of a theme of each kind, and the class VS Code gives the body. */
const themes = {
  'vscode-dark': 'Default Dark Modern',
  'vscode-light': 'Default Light Modern',
  'vscode-high-contrast': 'Default High Contrast',
  'vscode-high-contrast-light': 'Default High Contrast Light',
};

const settings = {
  'headroom.dimensions': { batch: 64 },
  'headroom.machine': 'workstation-4090-t4',
  'headroom.budget': '4 GiB',
};

/** Buttons of the header that open a panel over the charts. */
const panels = [/^Step settings/, /^Machine/, /^What fits/, /^Sizes/, /^Split/, /^Scale/];

async function check({ workbench, environment }: Context, state: string, found: string[]): Promise<void> {
  for (const line of await accessibilityViolations(workbench.page, environment.repoRoot))
    found.push(`${state}: ${line}`);
}

/** Every panel, open by itself. */
async function checkPanels(
  context: Context,
  view: HeadroomView,
  theme: string,
  found: string[],
): Promise<void> {
  for (const name of panels) {
    const button = view.frame.getByRole('button', { name }).first();
    await button.click();
    await view.settled();
    await check(context, `${theme}, ${String(name)}`, found);
    await context.workbench.page.keyboard.press('Escape');
  }
}

/** No rule of axe is broken in any theme, with one device or several, with charts or tables, with any panel open; nothing moves. */
export const accessibility: Scenario = {
  name: 'accessibility',
  prepare: (workspace) => writeSettings(workspace, settings),
  async run(context) {
    const { workbench, workspace } = context;
    const found: string[] = [];
    const view = await openModel(workbench, 'resnet50.train.onnx');
    const inTheme = async (bodyClass: string, theme: string, more: object = {}): Promise<void> => {
      writeSettings(workspace, { ...settings, ...more, 'workbench.colorTheme': theme });
      await until(
        async () =>
          ((await view.frame.locator('body').getAttribute('class')) ?? '').split(' ').includes(bodyClass),
        `the view is in ${theme}`,
      );
    };
    const selected = view.moduleRow(await view.firstCheckpointableModule());
    await selected.click();
    for (const [bodyClass, theme] of Object.entries(themes)) {
      await inTheme(bodyClass, theme);
      await check(context, theme, found);
    }
    await checkPanels(context, view, 'high contrast light', found);
    await inTheme('vscode-dark', themes['vscode-dark']);
    await checkPanels(context, view, 'dark', found);
    for (const button of await view.frame.getByRole('button', { name: 'Table', exact: true }).all())
      if (await button.isVisible()) await button.click();
    await check(context, 'tables', found);

    const gpt = await openModel(workbench, 'gpt2_small.train.onnx');
    for (const [bodyClass, theme] of Object.entries(themes)) {
      await inTheme(bodyClass, theme);
      await check(context, `gpt2, ${theme}`, found);
    }
    await workbench.runCommand('View: Close Primary Side Bar');
    // A window of half the size has the layout of one zoomed to 200 %.
    await workbench.page.setViewportSize({ width: 720, height: 450 });
    await gpt.settled();
    await check(context, 'zoomed to 200 %', found);
    const moving = await movingElements(workbench.page);
    const overflow = await overflowPx(workbench.page);
    await workbench.page.setViewportSize({ width: 1440, height: 900 });
    assert.ok(found.length === 0, `${found.length} violations of accessibility:\n${found.join('\n')}`);
    assert.deepEqual(moving, [], 'nothing moves where less motion is asked for');
    assert.ok(overflow <= 0, `at 200 % the view is ${overflow} px wider than its window`);
  },
};
