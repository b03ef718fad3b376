import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Plan } from '../../../planner-core/plan/plan';
import { workerNames } from '../lib/browserWorkers';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';

const file = 'gpt2_small.train.onnx';
const planFile = `${file}.plan.json`;
const longestProofMs = 180_000;

/** Without Node, as on vscode.dev: the whole way from opening to saving, with planner and solver in threads of the browser. */
export const webHost: Scenario = {
  name: 'web-host',
  server: 'browser',
  prepare: (workspace) =>
    writeSettings(workspace, {
      'headroom.dimensions': { batch: 8, seq: 1024 },
      'headroom.strategy': 'schedule',
      'headroom.refineTimeLimitS': 60,
    }),
  async run({ workbench, workspace }) {
    const view = await openModel(workbench, file);
    const whole = await view.sentenceText();
    await view.edit(() => view.dragSlider(0.5));
    assert.notEqual(await view.sentenceText(), whole, 'the plan follows the slider');
    const threads = new Set<string>();
    await until(
      async () => {
        for (const name of await workerNames(workbench.page.context().browser())) threads.add(name);
        return ['optimal', 'known'].includes(await view.proofState());
      },
      'the search for a proof ends',
      longestProofMs,
    );
    const told = await view.proofText();
    assert.ok(
      threads.has('headroom-solver'),
      `a thread of its own solves; there were ${[...threads].join(', ')}`,
    );
    assert.match(told, /[\d.]+ % slower(: proven optimal|; no plan .* less than [\d.]+ %)/);
    assert.doesNotMatch(told, /solver stopped/i);

    await workbench.page.keyboard.press('Control+s');
    await workbench.waitForDirty(file, false);
    await until(() => existsSync(path.join(workspace, planFile)), 'the plan is written');
    const plan = JSON.parse(readFileSync(path.join(workspace, planFile), 'utf8')) as Plan;
    assert.ok(plan.decisions.length > 0, 'with what it recomputes');
  },
};
