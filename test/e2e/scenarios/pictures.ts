import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { until } from '../lib/until';

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Panes and tables leave by the command palette, as pictures and as CSV; without a model there are no such commands. */
export const pictures: Scenario = {
  name: 'pictures',
  async run({ workbench, workspace }) {
    const { page } = workbench;
    page.setDefaultTimeout(20_000);
    const view = await openModel(workbench, 'resnet50.train.onnx');
    await view.frontier.getByRole('button', { name: 'Table' }).click();
    const saved = async (command: string, choice: string, name: string): Promise<Buffer> => {
      await workbench.runCommand(command);
      await workbench.pick(choice);
      const file = path.join(workspace, name);
      await workbench.saveAs(file);
      await until(() => existsSync(file) && readFileSync(file).length > 200, `${name} is written`, 20_000);
      return readFileSync(file);
    };
    const picture = 'Headroom: Save Picture…';
    for (const pane of ['Picture of the frontier (PNG)', 'Layers, as shown (PNG)']) {
      const pixels = await saved(picture, pane, `${pane.split(' ')[0]}.png`);
      assert.deepEqual(pixels.subarray(0, pngSignature.length), pngSignature);
    }
    const drawn = (await saved(picture, 'Layers, as shown (SVG)', 'layers.svg')).toString();
    assert.ok(/^<svg[^]*>bn1<[^]*<\/svg>\s*$/.test(drawn), 'the rows in sight are drawn');
    const table = (
      await saved(
        'Headroom: Save Table as CSV…',
        'Step time against budget, as shown (CSV)',
        'frontier.shown.csv',
      )
    ).toString();
    const rows = view.frontier.locator('.table-twin tbody tr');
    assert.equal(
      table.trim().split('\n').length,
      1 + (await rows.count()),
      'a line for the head and each row',
    );

    await workbench.closeActiveEditor();
    await view.slider.waitFor({ state: 'detached' });
    assert.equal(await workbench.offers(picture), false, 'nothing to picture without a model');
  },
};
