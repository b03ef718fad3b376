import { expect, it } from 'vitest';
import { peakPlace } from '../../../../webview/header/peakPlace';
import { gib, sampleState, viewOf } from '../support/sample';

it('names the module whose computation runs at the peak', async () => {
  const { step } = viewOf(await sampleState({ budgetBytes: 4.5 * gib }));
  if (!step) throw new Error('the sample has no step');
  const { keepAll, tree } = step;
  const timeline = keepAll.timeline(0);
  // As if the peak were at the first backward computation of a block.
  const at = timeline.node.findIndex(
    (node) => keepAll.step.nodeName[node].includes('/h/3/mlp/') && keepAll.step.nodePhase[node] === 2,
  );
  const liveBytes = timeline.liveBytes.map((bytes, sample) => (sample === at ? 99 * gib : bytes));
  const raised = Object.assign(Object.create(keepAll), { timeline: () => ({ ...timeline, liveBytes }) });
  expect(peakPlace(raised, tree)).toBe('backward of transformer.h.3.mlp');
  const empty = Object.assign(Object.create(keepAll), {
    timeline: () => ({ ...timeline, liveBytes: new Float64Array(0) }),
  });
  expect(peakPlace(empty, tree)).toBe('');
});
