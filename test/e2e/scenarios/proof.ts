import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { HeadroomView } from '../lib/headroomView';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';
import { until } from '../lib/until';

const file = 'gpt2_small.train.onnx';
const settings = {
  'headroom.dimensions': { batch: 8, seq: 1024 },
  'headroom.strategy': 'schedule',
  'headroom.refineTimeLimitS': 60,
};

const longestProofMs = 120_000;

/** The bound the line tells, in percent; undefined when it tells none. */
async function toldBound(view: HeadroomView): Promise<number | undefined> {
  const told = /(?:bound|less than) ([\d.]+) %/.exec(await view.proofText());
  return told ? Number(told[1]) : undefined;
}

/** Where it ends as a number a bound is told with one digit, rounded down; on its way with two. */
const asTold = (percent: number): number => Math.floor(percent * 10 + 1e-6) / 10;

async function whileProving(view: HeadroomView): Promise<void> {
  await until(
    async () => (await view.proofState()) === 'proving',
    'the search for a proof has begun',
    60_000,
  );
}

/** Under a dragged budget the bound rises by itself, never falls, and ends as a proof or a number. */
export const proofTightens: Scenario = {
  name: 'proof-tightens',
  prepare: (workspace) => writeSettings(workspace, settings),
  async run({ workbench }) {
    const view = await openModel(workbench, file);
    await until(
      async () => /proven optimal/i.test(await view.proofText()),
      'the plan for the whole device is known to be the fastest',
    );
    await view.edit(() => view.dragSlider(0.5));
    let highest = 0;
    // Noted, because what is thrown while waiting counts as "not yet".
    let fell = '';
    await until(
      async () => {
        const bound = await toldBound(view);
        if (bound !== undefined && bound < asTold(highest)) fell ||= `from ${highest} % to ${bound} %`;
        highest = bound ?? highest;
        return (await view.proofState()) === 'optimal' || (await view.proofState()) === 'known';
      },
      'the search for a proof ends',
      longestProofMs,
    );
    assert.equal(fell, '', 'the bound fell');
    assert.match(await view.proofText(), /[\d.]+ % slower(: proven optimal|; no plan .* less than [\d.]+ %)/);
    assert.ok(highest > 0 || (await view.proofState()) === 'optimal', 'a bound was told');
  },
};

/** Stopping the search keeps the plan on screen and what has been proven. */
export const proofStopped: Scenario = {
  name: 'proof-stopped',
  prepare: (workspace) => writeSettings(workspace, settings),
  async run({ workbench }) {
    const view = await openModel(workbench, file);
    await view.edit(() => view.dragSlider(0.3));
    await whileProving(view);
    const before = await view.sentenceText();
    const bound = await toldBound(view);
    await view.proof.getByRole('button', { name: 'Stop' }).click();
    await until(async () => (await view.proofState()) === 'known', 'the search has stopped');
    assert.match(await view.proofText(), /Stopped before more was proven/);
    assert.equal(await view.sentenceText(), before);
    assert.ok(((await toldBound(view)) ?? 0) >= asTold(bound ?? 0), 'the bound stays');
  },
};

/** A solver that cannot run takes nothing off the screen, says so, and is tried again with the next budget. */
export const solverBroken: Scenario = {
  name: 'solver-broken',
  prepare: (workspace) => writeSettings(workspace, settings),
  async run({ workbench, environment }) {
    const wasm = installedFile(environment.temporaryFolder, 'highs.wasm');
    const intact = readFileSync(wasm);
    writeFileSync(wasm, 'no module');
    try {
      const view = await openModel(workbench, file);
      await view.edit(() => view.dragSlider(0.3));
      await until(
        async () => (await view.proofText()).includes('The solver stopped'),
        'the line tells that the solver is broken',
        longestProofMs,
      );
      assert.match(await view.proofText(), /The plan and what was proven hold/);
      assert.match(await view.sentenceText(), /fits, /);
      assert.ok(await view.error.isHidden(), 'no error takes the place of the plan');
      writeFileSync(wasm, intact);
      await view.edit(() => view.dragSlider(0.4));
      await whileProving(view);
      await until(
        async () => (await view.proofState()) !== 'proving' || ((await toldBound(view)) ?? 0) > 0,
        'the solver is back',
      );
      assert.doesNotMatch(await view.proofText(), /The solver stopped/);
    } finally {
      writeFileSync(wasm, intact);
    }
  },
};

/** A file of the extension as it was installed into the profile. */
function installedFile(profileFolder: string, name: string): string {
  const found = readdirSync(profileFolder, { recursive: true, encoding: 'utf8' }).find(
    (entry) => path.basename(entry) === name && entry.includes('extensions'),
  );
  assert.ok(found, `${name} is installed`);
  return path.join(profileFolder, found);
}
