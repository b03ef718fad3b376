import { describe, expect, it } from 'vitest';
import { keepEverything, type Directives } from '../../../../planner-core/simulator/schedule';
import { deviceOfNodes } from '../../../../planner-core/simulator/sequence';
import { arcAt, arcsOf, pointOf } from '../../../../webview/lanes/arcs';
import { laneAt, lanesLayout, timeScale } from '../../../../webview/lanes/lanesLayout';
import { computationAt, isUsed, lanesModel, sampleNear } from '../../../../webview/lanes/lanesModel';
import { laneRows, transferRows, transferTexts } from '../../../../webview/lanes/lanesTables';
import { kindOf, labelledSpans } from '../../../../webview/lanes/laneSpans';
import { moduleUnits } from '../../../../webview/lanes/moduleUnits';
import { Evaluation } from '../../../../webview/state/evaluation';
import { layerTree } from '../../../../webview/state/layerTree';
import { SyntheticPlanner } from '../../../bench/webviewHarness/syntheticPlanner';

const view = await new SyntheticPlanner(4, 48, ['gpu0', 'gpu1', 'cpu']).configure();
const { step } = view;
const tree = layerTree(view);
const second = new Set(view.layers.find(({ name }) => name === 'transformer.h.1')?.forwardNodes);
const operators = new Set([...second].map((node) => step.nodeOperator[node]));
const placement = Uint8Array.from({ length: step.nodeCount }, (_, node) =>
  Number(operators.has(step.nodeOperator[node])),
);
const directives: Directives = { ...keepEverything, placement };
const model = lanesModel(new Evaluation(step, directives));
const layout = lanesLayout({ width: 800, height: 400 }, model.lanes.map(isUsed));
const x = timeScale(model, undefined, layout);

describe('the lanes of a step', () => {
  it('hold every computation once, on the device it runs on', () => {
    expect(model.computations.length).toBe(step.nodeCount);
    const devices = deviceOfNodes(step, directives);
    model.computations.node.forEach((node, i) => expect(model.computations.device[i]).toBe(devices[node]));
    expect(model.lanes.map(({ runs }) => runs.length).reduce((a, b) => a + b)).toBe(step.nodeCount);
    expect(model.lanes.map(isUsed)).toEqual([true, true, false]);
  });

  it('never run two computations of a device at once, and are as busy as what they run takes', () => {
    for (const { runs, busyMs } of model.lanes) {
      let endMs = 0;
      let sumMs = 0;
      for (const run of runs) {
        expect(model.computations.start[run]).toBeGreaterThanOrEqual(endMs - 1e-9);
        endMs = model.computations.end[run];
        sumMs += endMs - model.computations.start[run];
      }
      expect(busyMs).toBeCloseTo(sumMs, 9);
      expect(busyMs).toBeLessThanOrEqual(model.total);
    }
  });

  it('send what the other device reads', () => {
    expect(model.transfers.length).toBeGreaterThan(0);
    for (const { from, to, bytes, start, end } of model.transfers) {
      expect(new Set([from, to])).toEqual(new Set([0, 1]));
      expect(bytes).toBeGreaterThan(0);
      expect(end).toBeGreaterThan(start);
    }
    const [first] = transferTexts(step, model.transfers[0]);
    expect(first).toBe(step.valueName[model.transfers[0].value]);
  });

  it('find the computation of a device at a moment', () => {
    const { runs } = model.lanes[1];
    const { start, end } = model.computations;
    for (const run of runs)
      if (end[run] > start[run]) expect(computationAt(model, 1, (start[run] + end[run]) / 2)).toBe(run);
    expect(computationAt(model, 1, -1)).toBe(runs[0]);
    expect(computationAt(model, 2, 5)).toBe(-1);
  });

  it('tell of a device that rests what was in its memory then', () => {
    const { start, end } = model.computations;
    const firstRun = model.lanes[1].runs[0];
    const before = start[firstRun] / 2;
    const sample = sampleNear(model, 1, before, 0);
    expect(model.computations.device[sample]).toBe(0);
    expect(start[sample]).toBeLessThanOrEqual(before);
    expect(sampleNear(model, 1, (start[firstRun] + end[firstRun]) / 2, 0)).toBe(firstRun);
  });

  it('merge computations of one phase, and keep apart what is labelled apart', () => {
    const phases = labelledSpans(model.lanes[1], model, Infinity, kindOf(step));
    expect(phases.map(({ label }) => label)).toEqual(['forward', 'backward', 'optimizer']);
    const each = labelledSpans(model.lanes[1], model, Infinity, (node) => node);
    expect(each.length).toBe(model.lanes[1].runs.length);
  });
});

describe('the layout', () => {
  it('leaves lanes without work low, and the others readable however many there are', () => {
    const heights = layout.lanes.map(({ top, bottom }) => bottom - top);
    expect(heights[2]).toBeLessThan(heights[0]);
    expect(layout.bottom).toBeLessThanOrEqual(400);
    const many = lanesLayout({ width: 800, height: 300 }, new Array<boolean>(16).fill(true));
    expect(many.height).toBeGreaterThan(300);
    for (const { memoryTop, memoryBottom } of many.lanes)
      expect(memoryBottom - memoryTop).toBeGreaterThan(20);
    many.lanes.forEach(({ top }, lane) => expect(laneAt(many, top + 1)).toBe(lane));
    expect(laneAt(many, 1e6)).toBe(15);
  });
});

describe('arcs', () => {
  const arcs = arcsOf(model.transfers, x, layout);

  it('begin in the lane that sends and end in the one that receives, when it is sent', () => {
    expect(arcs).toHaveLength(model.transfers.length);
    for (const { transfer, x1, y1, x2, y2 } of arcs) {
      expect(x1).toBeCloseTo(x(transfer.start));
      expect(x2).toBeCloseTo(x(transfer.end));
      expect(laneAt(layout, y1)).toBe(transfer.from);
      expect(laneAt(layout, y2)).toBe(transfer.to);
    }
  });

  it('are found along their whole curve, and not beside it', () => {
    for (const arc of arcs) {
      for (const t of [0.1, 0.5, 0.9]) {
        const [px, py] = pointOf(arc, t);
        expect(arcAt([arc], px, py)).toBe(arc);
      }
      expect(arcAt([arc], Math.max(arc.x1, arc.x2) + 30, arc.y1)).toBeUndefined();
    }
  });

  it('get thinner the more there are, and stay visible', () => {
    const many = Array.from({ length: 400 }, () => model.transfers[0]);
    const [arc] = arcsOf(many, x, layout);
    expect(arc.thickness).toBeLessThan(arcs[0].thickness);
    expect(arc.thickness).toBeGreaterThanOrEqual(1);
  });

  it('are left out where the zoom does not show them', () => {
    expect(
      arcsOf(model.transfers, timeScale(model, [0, model.transfers[0].start / 2], layout), layout),
    ).toEqual([]);
  });
});

describe('the modules told apart', () => {
  it('are not one for all, and cover every layer', () => {
    const units = moduleUnits(tree);
    expect(units.rows.length).toBeGreaterThan(1);
    tree.rowOfNode.forEach((row, node) => expect(units.ofNode[node] >= 0).toBe(row >= 0));
  });
});

describe('the tables', () => {
  it('have a row a device and a row a transfer, in the order they begin', () => {
    const devices = step.devices.map((id) => ({ id, name: 'T4', memoryBytes: 2 ** 34 }));
    const rows = laneRows(model, step, devices);
    expect(rows.map(([name]) => name)).toEqual(['gpu0 T4', 'gpu1 T4', 'cpu T4']);
    expect(transferRows(model, step)).toHaveLength(model.transfers.length);
  });
});
