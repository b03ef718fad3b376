import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import { PlannerSession } from '../../../../planner-core/session/plannerSession';
import { effectsOf } from '../../../../webview/inspector/whatIf';
import { layerTree } from '../../../../webview/state/layerTree';
import { shownPlan } from '../../../../webview/state/shownPlan';

const name = 'gpt2_small.train.onnx';
const source = new MemoryByteSource(readFileSync(path.resolve('samples', name)));
const session = PlannerSession.open(source, name);
const base = session.defaultInputs([{ id: 'gpu0', name: 'T4', memoryBytes: 16 * 1024 ** 3 }]);
const view = session.configure(base);
const tree = layerTree(view);
const link = {
  ...{ name: 'custom', outGBPerS: 12, inGBPerS: 12, latencyMs: 0, shared: false, joulesPerGB: 0 },
};

it.each([
  ['recomputing alone', undefined],
  ['offloading too', { to: 'host', link }],
] as const)(
  'the choice that is made changes nothing, whatever leaves the device elsewhere: %s',
  async (_, offload) => {
    const budgetBytes = Math.floor(0.6 * view.keepAllPeakBytes);
    const plan = await session.plan({ ...base, budgetBytes, ...(offload ? { offload } : {}) });
    const shown = shownPlan(view, undefined, plan, {
      ...{ budgetBytes, strategy: plan.plan.strategy, dragging: false },
    })!;
    expect(plan.directives.fetches?.length ?? 0, 'fetched ahead of use')[
      offload ? 'toBeGreaterThan' : 'toBe'
    ](0);
    let unchanged = 0;
    for (const decision of shown.decisions) {
      const row = tree.layers.find(
        ({ kind, name: own }) => kind === decision.kind && own === decision.target,
      );
      if (!row || decision.choice === undefined || tree.children[row.id].length > 0) continue;
      const effect = effectsOf(view.step, view.modules, tree, shown, row).find(
        ({ choice }) => choice === decision.choice,
      );
      expect(effect, row.name).toMatchObject({ peakBytes: shown.peakBytes, stepTimeMs: shown.stepTimeMs });
      unchanged++;
    }
    // Of a layer that nothing is decided about, keeping is what the plan does.
    const kept = tree.layers.find(
      (row) =>
        row.kind === 'operator' &&
        !shown.decisions.some(({ target }) => row.name === target || row.name.startsWith(target)),
    )!;
    const [keep] = effectsOf(view.step, view.modules, tree, shown, kept);
    expect(keep).toMatchObject({ choice: 'keep', peakBytes: shown.peakBytes, stepTimeMs: shown.stepTimeMs });
    expect(unchanged).toBeGreaterThanOrEqual(offload ? 1 : 0);
  },
);
