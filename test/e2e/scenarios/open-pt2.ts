import assert from 'node:assert/strict';
import path from 'node:path';
import { formatMemory } from '../../../planner-core/base/format';
import { commandLineJson } from '../lib/commandLine';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { workloadArguments, workloadSettings } from '../lib/workload';

const file = 'tiny_transformer.train.pt2';

/** A program saved by torch.export opens by a click, as ONNX files do, and has the numbers the command line prints. */
export const openPt2: Scenario = {
  name: 'open-pt2',
  prepare: (workspace) =>
    writeSettings(workspace, {
      ...workloadSettings,
      'headroom.dimensions': { batch: 16, seq: 32 },
    }),
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
    assert.equal(await workbench.isDirty(file), false, 'looking at a model changes nothing');
  },
};
