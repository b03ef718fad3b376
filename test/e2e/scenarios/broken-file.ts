import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { accessibilityViolations } from '../lib/accessibility';
import { HeadroomView } from '../lib/headroomView';
import type { Scenario } from '../lib/scenario';

const file = 'broken.onnx';

/** A download that stopped halfway: the editor says so, with the error's code and the byte where the file ends. */
export const brokenFile: Scenario = {
  name: 'broken-file',
  prepare(workspace) {
    const whole = readFileSync(path.join(workspace, 'resnet50.train.onnx'));
    writeFileSync(path.join(workspace, file), whole.subarray(0, Math.floor(whole.length / 2)));
  },
  async run({ environment, workbench }) {
    await workbench.openFromExplorer(file);
    const view = new HeadroomView(workbench.page, workbench.webview());
    await view.error.waitFor();
    const text = (await view.error.innerText()).replace(/\s+/g, ' ');
    assert.match(text, /truncated-file/);
    assert.match(text, /byte [\d,]+/i);
    assert.equal(await view.timeline.isVisible(), false, 'no panes without a model');
    assert.deepEqual(await accessibilityViolations(workbench.page, environment.repoRoot), []);
  },
};
