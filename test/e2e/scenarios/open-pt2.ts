import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatMemory } from '../../../planner-core/base/format';
import { commandLineJson } from '../lib/commandLine';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { workloadArguments, workloadSettings } from '../lib/workload';

const file = 'tiny_transformer.train.pt2';

/** What the sample was exported by, as far as it matters here: a file with lines enough. */
const program = {
  name: 'export.py',
  text: Array.from({ length: 120 }, (_, i) => `# line ${i + 1}`).join('\n'),
};

/**
 * A program saved by torch.export opens by a click, as ONNX files do, has the numbers the command line prints, and leads
 * from an operator to its line of Python.
 */
export const openPt2: Scenario = {
  name: 'open-pt2',
  prepare: (workspace) => {
    writeSettings(workspace, {
      ...workloadSettings,
      'headroom.dimensions': { batch: 16, seq: 32 },
    });
    writeFileSync(path.join(workspace, program.name), program.text);
  },
  async run({ environment, workbench, workspace }) {
    const view = await openModel(workbench, file);
    const profile = commandLineJson<{ peakBytes: number }>(environment, [
      'profile',
      path.join(workspace, file),
      ...workloadArguments,
      ...['--dim', 'seq=32'],
    ]);
    const sentence = await view.sentenceText();
    assert.ok(
      sentence.includes(formatMemory(profile.peakBytes)),
      `"${sentence}" names ${formatMemory(profile.peakBytes)}, the peak the command line prints`,
    );

    await view.layers.getByRole('textbox').fill('type:add');
    await view.layers.locator('[role="row"][data-kind="operator"]').first().click();
    const link = view.frame
      .locator('#inspector')
      .getByRole('button', { name: /^Open export\.py, line \d+$/ });
    const line = /\d+$/.exec(await link.innerText())![0];
    await link.click();
    await workbench.tab(program.name).waitFor();
    const status = workbench.page.getByRole('button', { name: new RegExp(`^Ln ${line}, Col 1`) });
    await status.waitFor();
    assert.equal(await workbench.isDirty(file), false, 'looking at a model changes nothing');
  },
};
