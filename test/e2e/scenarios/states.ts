import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { decoderTransformer } from '../../fixtures/generatedModels/decoderTransformer';
import { onnxFile, type GraphSpec } from '../../fixtures/onnx-builder/onnx';
import { accessibilityViolations } from '../lib/accessibility';
import { HeadroomView } from '../lib/headroomView';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { until } from '../lib/until';

const ends: GraphSpec = {
  inputs: [{ name: 'x', dims: ['batch', 64] }],
  outputs: [{ name: 'y', dims: ['batch', 64] }],
};
const ofNobody = { type: 'Twist', domain: 'somewhere', name: '/twist/Twist', inputs: ['x'], outputs: ['t'] };
const known = { type: 'Relu', name: '/act/Relu', inputs: ['t'], outputs: ['y'] };
const large = 'large.onnx';

/** A model that is still being read, one with nothing in it, one that is known in part: what is said, and the way on. */
export const states: Scenario = {
  name: 'states',
  prepare(workspace) {
    const write = (name: string, bytes: Uint8Array): void => writeFileSync(path.join(workspace, name), bytes);
    write('empty.onnx', onnxFile(ends));
    write('partial.onnx', onnxFile({ ...ends, nodes: [ofNobody, known] }));
    write(large, onnxFile(decoderTransformer(10_000)));
  },
  async run({ environment, workbench }) {
    const { page } = workbench;
    const accessible = async (state: string): Promise<void> =>
      assert.deepEqual(await accessibilityViolations(page, environment.repoRoot), [], state);

    await workbench.openFromExplorer('empty.onnx');
    const empty = workbench.webview().locator('#empty-model');
    await empty.waitFor();
    assert.match(await empty.innerText(), /empty\.onnx has no operators\.[\s\S]*Reload/);
    await accessible('empty');

    // Known in part: what is shown is told to be too little, and where to look is one click away.
    const view = await openModel(workbench, 'partial.onnx');
    const banner = view.frame.locator('[data-banner="unknown-operators"]');
    assert.match(await banner.innerText(), /does not know .*Twist.*numbers may be too low/);
    await banner.getByRole('button', { name: 'Show in layers' }).click();
    const row = view.layers.locator('[role="row"][data-kind="operator"]');
    await until(async () => (await row.count()) === 1, 'the operator is shown and nothing else');

    // Whole modules are checkpointed: a key that can do nothing for an operator says why, and what can be done.
    await row.locator('.layer-label').click();
    await view.grid.press('r');
    const refusal = view.layers.getByRole('status').filter({ hasText: 'stays as it is' });
    assert.match(await refusal.innerText(), /^\/twist\/Twist stays as it is: Whole modules are checkpointed/);
    assert.match(await view.frame.locator('#inspector').innerText(), /take the strategy "selective"/);
    assert.equal(await workbench.isDirty('partial.onnx'), false, 'nothing has changed');
    await accessible('partial');

    // Opening takes a while: it says how far it is, can be cancelled, and begun again.
    await workbench.openFromExplorer(large);
    const frame = workbench.webview();
    const loading = frame.locator('#loading');
    await loading.getByRole('heading', { name: `Opening ${large}` }).waitFor();
    await loading.getByRole('progressbar').waitFor();
    await loading.getByRole('button', { name: 'Cancel' }).click();
    const cancelled = frame.locator('#error.is-calm');
    await cancelled.waitFor();
    await accessible('cancelled');
    await cancelled.getByRole('button', { name: 'Plan again' }).click();
    await cancelled.waitFor({ state: 'hidden' });
    await new HeadroomView(page, frame).ready();
  },
};
