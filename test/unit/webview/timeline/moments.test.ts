import { describe, expect, it } from 'vitest';
import { bands } from '../../../../planner-core/simulator/timeline';
import { ValueKind } from '../../../../planner-core/step/stepGraph';
import { nodesOfRows } from '../../../../webview/state/layerTree';
import { aliveAt } from '../../../../webview/timeline/aliveAt';
import { peakSample } from '../../../../webview/timeline/columns';
import { momentAt, momentText } from '../../../../webview/timeline/moment';
import { phaseTableRows } from '../../../../webview/timeline/phaseTable';
import { laneSpans, phaseSpans, spansOfNodes } from '../../../../webview/timeline/spans';
import { timeAxis } from '../../../../webview/timeline/timeAxis';
import { gib, sampleState, viewOf } from '../support/sample';

const view = viewOf(await sampleState({ budgetBytes: 4.5 * gib }));
const { step: model, shown } = view;
if (!model || !shown) throw new Error('the sample has no plan');
const { step } = model.view;
const { evaluation } = shown;
const timeline = evaluation.timeline(0);
const axis = timeAxis(timeline);
const peak = peakSample(timeline.liveBytes);

it('the sample recomputes something', () => expect(timeline.again).toContain(1));

describe('what is alive', () => {
  it('adds up to the bytes of computed values in the bands', () => {
    for (const sample of [0, peak, timeline.length - 1]) {
      const { largest, otherBytes } = aliveAt(step, evaluation.schedule, 0, sample, 3);
      const named = largest.reduce((sum, { bytes }) => sum + bytes, 0);
      let resident = 0;
      for (let value = 0; value < step.valueCount; value++) {
        const kind = step.valueKind[value];
        if (step.residentAtStart[value] && kind < ValueKind.activation) resident += step.valueBytes[value];
      }
      const gradients = timeline.bandBytes.gradients[sample];
      const workspace = step.workspaceBytes[timeline.node[sample]];
      expect(named + otherBytes + resident + gradients + workspace).toBe(timeline.liveBytes[sample]);
    }
  });

  it('names the largest first', () => {
    const { largest } = aliveAt(step, evaluation.schedule, 0, peak, 4);
    const sizes = largest.map(({ bytes }) => bytes);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(sizes).toHaveLength(4);
  });
});

describe('moments', () => {
  it('name what runs once, whatever its phase', () => {
    const titles = Array.from({ length: timeline.length }, (_, sample) =>
      momentAt(step, model.tree, timeline, sample),
    ).map(({ title }) => title);
    expect(titles.some((title) => title.startsWith('recompute of /transformer'))).toBe(true);
    expect(titles.some((title) => title.startsWith('backward of /lm_head'))).toBe(true);
    expect(titles.filter((title) => title.endsWith(' backward'))).toEqual([]);
  });

  it('have bands that add up to what is live', () => {
    const moment = momentAt(step, model.tree, timeline, peak);
    expect(moment.bands.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(moment.liveBytes);
    expect(momentText(moment)).toContain('live');
    expect(moment.bands.length).toBeLessThanOrEqual(bands.length);
  });
});

describe('spans', () => {
  it('split the step into its phases without gaps', () => {
    const spans = phaseSpans(step, timeline, axis);
    expect(spans.map(({ phase }) => phase)).toEqual([0, 1, 2, 3]);
    for (let i = 1; i < spans.length; i++) expect(spans[i].from).toBeCloseTo(spans[i - 1].to, 9);
    expect(spans.at(-1)?.to).toBe(axis.total);
  });

  it('mark recomputations in the lane', () => {
    const lane = laneSpans(step, timeline, axis, new Uint8Array(step.nodeCount), 0);
    const recomputed = lane.filter(({ kind }) => kind === 'recompute');
    const durationMs = recomputed.reduce((sum, { from, to }) => sum + to - from, 0);
    expect(durationMs).toBeCloseTo(axis.total - model.view.keepAllStepTimeMs, 9);
  });

  it('show where a selected layer runs: forward, and backward with its recomputation', () => {
    const nodes = nodesOfRows(model.tree, ['module transformer.h.1', 'module of another model']);
    const spans = spansOfNodes(timeline, axis, (node) => nodes.has(node), 1e-9);
    expect(spans.length).toBeGreaterThanOrEqual(2);
    expect(nodesOfRows(model.tree, []).size).toBe(0);
  });

  it('make a row a phase in the table, the whole peak among them', () => {
    const rows = phaseTableRows(step, timeline, axis);
    expect(rows.map(([phase]) => phase)).toEqual(['forward', 'loss', 'backward', 'optimizer']);
  });
});

it('falls back to counting samples when no duration is known', () => {
  const still = { ...timeline, startMs: timeline.startMs.map(() => 0), endMs: timeline.endMs.map(() => 0) };
  expect(timeAxis(still)).toMatchObject({ unit: 'samples', total: timeline.length });
});
