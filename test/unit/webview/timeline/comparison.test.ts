import { describe, expect, it } from 'vitest';
import { planHistory } from '../../../../webview/state/planHistory';
import { otherPlan, planChoices, type ComparisonSources } from '../../../../webview/state/comparedWith';
import {
  alongside,
  comparisonChoices,
  comparisonOf,
  type Comparison,
} from '../../../../webview/timeline/comparison';
import {
  comparisonRows,
  comparisonSentence,
  signedMemory,
} from '../../../../webview/timeline/comparisonWords';
import { differenceBand } from '../../../../webview/timeline/differenceBand';
import { pixelRuns } from '../../../../webview/timeline/painter';
import { timeAxis } from '../../../../webview/timeline/timeAxis';
import { gib, sampleState, viewOf } from '../support/sample';

const host = await sampleState({ budgetBytes: 4.5 * gib });
const view = viewOf(host);
const { step, shown } = view;
if (!step || !shown || !host.step || !host.plan) throw new Error('the sample has no plan');
const timeline = shown.evaluation.timeline(0);
const sources: ComparisonSources = { step, before: undefined, stored: undefined, frontier: host.frontier };
const compare = (id: string | undefined, of: ComparisonSources = sources): Comparison | undefined =>
  comparisonOf(id, timeline, otherPlan(id, shown.budgetBytes, of), undefined);

describe('a comparison', () => {
  it('with itself is the highest of each computation and what was computed again for it', () => {
    const bytes = alongside(timeline, timeline);
    expect(Math.max(...bytes)).toBe(Math.max(...timeline.liveBytes));
    bytes.forEach((other, sample) => expect(other).toBeGreaterThanOrEqual(timeline.liveBytes[sample]));
    const plain = step.keepAll.timeline(0);
    expect([...alongside(plain, plain)]).toEqual([...plain.liveBytes]);
  });

  it('with keeping everything tells what the plan saves and what it costs', () => {
    const comparison = compare('keep-all');
    if (!comparison) throw new Error('no comparison');
    expect(comparison.peakBytes).toBe(step.view.keepAllPeakBytes);
    expect(Math.max(...comparison.bytes)).toBe(step.view.keepAllPeakBytes);
    expect(comparisonSentence(shown.peakBytes, comparison), 'said above the charts').toBe('');
    const measured = { ...comparison, simulated: undefined };
    expect(comparisonSentence(shown.peakBytes, measured)).toMatch(/^peak −[\d.]+ \SiB$/);
    const rows = comparisonRows(shown.evaluation, timeline, comparison);
    expect(rows.map(([name]) => name)).toEqual([
      'Most in forward',
      'Most in loss',
      'Most in backward',
      'Most in optimizer',
      'Peak',
      'Kept for backward',
      'Step',
    ]);
  });

  it('offers the rules of the frontier, and the plan before an edit only where there is one', () => {
    const ids = planChoices(sources).map(({ id }) => id);
    expect(ids[0]).toBe('keep-all');
    expect(ids).not.toContain('before-edit');
    expect(ids.length).toBeGreaterThan(1);
    expect(compare(ids.at(-1))?.simulated?.stepTimeMs).toBeGreaterThan(0);
    const before = { step: step.view, plan: host.plan! };
    expect(compare('before-edit', { ...sources, before })?.peakBytes).toBe(shown.peakBytes);
    const other = { ...step.view, step: { ...step.view.step, nodeCount: 3 } };
    const changed = { ...sources, before: { step: other, plan: host.plan! } };
    expect(planChoices(changed).map(({ id }) => id)).not.toContain('before-edit');
    expect(compare('before-edit')).toBeUndefined();
  });

  it('offers a plan of a file under its name, and other strategies at the same budget', () => {
    const stored = { step: step.view, plan: host.plan!, run: 1, name: 'old.plan.json' };
    const labels = planChoices({ ...sources, stored }).map(({ label }) => label);
    expect(labels).toContain('old.plan.json');
    expect(labels).toContain('any schedule at this budget');
    expect(otherPlan('stored', 0, { ...sources, stored })?.decisions).toBe(host.plan!.plan.decisions);
    const [lower, higher] = [4.5, 6].map((budget) => otherPlan('strategy:schedule', budget * gib, sources));
    expect(lower!.evaluation.simulation.peakBytes).toBeLessThanOrEqual(4.5 * gib);
    expect(higher!.evaluation.simulation.stepTimeMs).toBeLessThanOrEqual(
      lower!.evaluation.simulation.stepTimeMs,
    );
  });

  it('offers what was measured beside the plans', () => {
    const measured = { layers: [] } as never;
    expect(comparisonChoices(sources, measured).at(-1)?.id).toBe('measured');
    expect(comparisonChoices(sources, undefined).map(({ id }) => id)).not.toContain('measured');
  });

  it('draws areas where memory is less or more, and a line through both', () => {
    const axis = timeAxis(timeline);
    const row = pixelRuns(timeline, axis, [0, axis.total], { left: 0, right: 400 }, 1);
    const y = Object.assign((bytes: number) => bytes / gib, {}) as never;
    const comparison = compare('keep-all');
    const [less, more, line] = differenceBand(row, timeline.liveBytes, comparison!.bytes, { y });
    expect(less.attributes.d).not.toBe('');
    expect(String(line.attributes.d).match(/M/g)).toHaveLength(1);
    // Recomputation is more than keeping everything needs at that moment, nowhere at the peak.
    expect(more.attributes.class).toContain('is-more');
  });
});

describe('the plan before the last edit', () => {
  it('is the one that an edit replaced, not one that the search replaced', () => {
    const history = planHistory();
    const plans = [0, 1, 2, 3].map(() => ({ ...host.plan! }));
    expect(history({ ...host, plan: plans[0] })).toBeUndefined();
    expect(history({ ...host, plan: plans[1] }), 'refined in the background').toBeUndefined();
    const edited = { ...host, inputs: { ...host.inputs } };
    expect(history({ ...edited, plan: plans[1] }), 'not answered yet').toBeUndefined();
    expect(history({ ...edited, plan: plans[2] })?.plan).toBe(plans[1]);
    expect(history({ ...edited, plan: plans[3] })?.plan, 'refined').toBe(plans[1]);
  });
});

it('signs memory', () => {
  expect([signedMemory(gib), signedMemory(-gib), signedMemory(0)]).toEqual([
    '+1.00 GiB',
    '−1.00 GiB',
    'the same',
  ]);
});
