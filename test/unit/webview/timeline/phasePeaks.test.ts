import { expect, it } from 'vitest';
import { phasePeaks } from '../../../../webview/timeline/phasePeaks';
import { sampleState, viewOf } from '../support/sample';

const { shown, step } = viewOf(await sampleState({ budgetBytes: 5 * 2 ** 30 }));
if (!shown || !step) throw new Error('the sample has no plan');
const timeline = shown.evaluation.timeline(0);
const peaks = phasePeaks(step.view.step, timeline);

it('finds the peak of every phase, in their order', () => {
  expect(peaks.map(({ phase }) => phase)).toEqual([0, 1, 2, 3]);
  const highest = Math.max(...peaks.map(({ sample }) => timeline.liveBytes[sample]));
  expect(highest).toBe(shown.peakBytes);
});

it('counts what runs again to the phase it runs in', () => {
  const { nodePhase } = step.view.step;
  // Where each phase begins; a node of forward that runs again comes later.
  const starts = peaks.map(({ phase }) => timeline.node.findIndex((node) => nodePhase[node] === phase));
  expect(timeline.again.some((again, sample) => again === 1 && sample > starts[2])).toBe(true);
  peaks.forEach(({ sample }, i) => {
    const inside = timeline.liveBytes.slice(starts[i], starts[i + 1]);
    expect(timeline.liveBytes[sample]).toBe(Math.max(...inside));
  });
});
