import assert from 'node:assert/strict';
import path from 'node:path';
import { formatMemory } from '../../../planner-core/base/format';
import { commandLineJson } from '../lib/commandLine';
import type { Scenario } from '../lib/scenario';
import { openModel } from '../lib/openModel';
import { writeSettings } from '../lib/settings';
import { workloadArguments, workloadSettings } from '../lib/workload';

/** The first minute: a click on a model shows its memory, with the numbers the command line prints. */
export const openByClick: Scenario = {
  name: 'open-by-click',
  prepare: (workspace) => writeSettings(workspace, workloadSettings),
  async run({ environment, workbench, workspace }) {
    const file = 'resnet50.train.onnx';
    const view = await openModel(workbench, file);
    const profile = commandLineJson<{ peakBytes: number }>(environment, [
      'profile',
      path.join(workspace, file),
      ...workloadArguments,
    ]);
    const sentence = await view.sentenceText();
    assert.ok(
      sentence.includes(formatMemory(profile.peakBytes)),
      `"${sentence}" names ${formatMemory(profile.peakBytes)}, the peak the command line prints`,
    );
    assert.equal(await workbench.isDirty(file), false, 'looking at a model changes nothing');
  },
};
