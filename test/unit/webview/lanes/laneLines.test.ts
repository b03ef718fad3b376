import { describe, expect, it } from 'vitest';
import { keepEverything, type Directives } from '../../../../planner-core/simulator/schedule';
import { laneLineMarks, laneLines } from '../../../../webview/lanes/laneLines';
import { lanesLayout, memoryScale, timeScale } from '../../../../webview/lanes/lanesLayout';
import { lanesModel } from '../../../../webview/lanes/lanesModel';
import { Evaluation } from '../../../../webview/state/evaluation';
import type { MeasuredModel } from '../../../../webview/state/measured';
import { SyntheticPlanner } from '../../../bench/webviewHarness/syntheticPlanner';

const view = await new SyntheticPlanner(4, 48, ['gpu0', 'gpu1']).configure();
const { step } = view;
const second = new Set(view.layers.find(({ name }) => name === 'transformer.h.1')?.forwardNodes);
const operators = new Set([...second].map((node) => step.nodeOperator[node]));
const placement = Uint8Array.from({ length: step.nodeCount }, (_, node) =>
  Number(operators.has(step.nodeOperator[node])),
);
const directives: Directives = { ...keepEverything, placement };
const evaluation = new Evaluation(step, directives);
const model = lanesModel(evaluation);
const layout = lanesLayout({ width: 800, height: 400 }, [true, true]);
const other = { id: 'other', label: 'other', evaluation, decisions: [] };

describe('what lanes are held against', () => {
  it('is the other plan’s memory on the same device: of the same plan, its own', () => {
    const lines = laneLines(model, evaluation, other, undefined);
    lines.forEach(({ compared }, device) => {
      const { liveBytes } = model.lanes[device].timeline;
      expect(compared).toEqual(Float64Array.from(liveBytes));
    });
  });

  it('is nothing on a device that the other plan does not have', async () => {
    const alone = await new SyntheticPlanner(4, 48, ['gpu0']).configure();
    const single = { ...other, evaluation: new Evaluation(alone.step, keepEverything) };
    const [first, next] = laneLines(model, evaluation, single, undefined);
    expect(first.compared?.length).toBe(model.computations.length);
    expect(next.compared).toBeUndefined();
  });

  it('is what was measured while the device computed, on top of what lay there before', () => {
    const grownBytes = new Float64Array(step.nodeCount).fill(7);
    const measured = { run: { grownBytes }, layers: [], startBytes: 0 } as unknown as MeasuredModel;
    const lines = laneLines(model, evaluation, undefined, measured);
    const starts = lines.map(({ measured: line }, device) => {
      const known = [...line!].filter((bytes) => !Number.isNaN(bytes));
      expect(known).toHaveLength(model.lanes[device].runs.length);
      expect(new Set(known).size).toBe(1);
      return known[0] - 7;
    });
    const resident = [...step.valueBytes].reduce(
      (sum, bytes, value) => sum + (step.residentAtStart[value] ? bytes : 0),
      0,
    );
    expect(starts[0] + starts[1]).toBe(resident);
    expect(starts[1]).toBeGreaterThan(0);
  });

  it('is drawn within its lane, also where it is higher than the plan', () => {
    const compared = model.lanes[0].timeline.liveBytes.map((bytes) => 3 * bytes);
    const memory = model.lanes.map((lane, i) => memoryScale(lane, Infinity, layout.lanes[i], [compared]));
    const x = timeScale(model, undefined, layout);
    expect(memory[0](Math.max(...compared))).toBeGreaterThanOrEqual(layout.lanes[0].memoryTop);
    const marks = laneLineMarks([{ compared }, {}], model, x, memory, layout);
    expect(marks.map(({ attributes }) => attributes.class)).toEqual([
      'difference is-less',
      'difference is-more',
      'compared-line',
    ]);
    expect(marks[0].attributes.d).not.toBe('');
    expect(marks[1].attributes.d).toBe('');
  });
});
