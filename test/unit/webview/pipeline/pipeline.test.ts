import { describe, expect, it } from 'vitest';
import { laneAt, pipelineLayout, timeScale } from '../../../../webview/pipeline/pipelineLayout';
import {
  fullestPass,
  inFlightAt,
  memoryAt,
  passAt,
  pipelineModel,
} from '../../../../webview/pipeline/pipelineModel';
import { stageColumns, stageRows } from '../../../../webview/pipeline/pipelineTables';
import {
  passName,
  passTexts,
  pipelineSummary,
  stagesText,
  streamText,
} from '../../../../webview/pipeline/pipelineWords';
import { gib } from '../support/sample';
import { streamPipeline, updatePipeline } from './sample';

const devices = ['gpu0', 'gpu1'].map((id) => ({ id, name: 'T4', memoryBytes: 16 * gib }));
const model = pipelineModel(updatePipeline, devices);
const mib = 2 ** 20;

describe('a pipeline to be drawn', () => {
  it('has every pass of every stage once, never two on a device at the same time', () => {
    expect(model.passes).toHaveLength(2 * 4 * 2);
    for (const [lane] of model.lanes.entries()) {
      let end = 0;
      for (const pass of model.passes.filter((one) => one.lane === lane)) {
        expect(pass.startMs).toBeGreaterThanOrEqual(end);
        end = pass.endMs;
      }
      expect(model.lanes[lane].lastEndMs).toBe(end);
      expect(end + model.lanes[lane].use.updateMs).toBeLessThanOrEqual(model.axis.total);
    }
  });

  it('begins a pass when the stage before has handed on, backward in the other order', () => {
    const find = (stage: number, microBatch: number, isBackward: boolean) =>
      model.passes.find(
        (pass) => pass.stage === stage && pass.microBatch === microBatch && pass.isBackward === isBackward,
      )!;
    for (let microBatch = 0; microBatch < 4; microBatch++) {
      expect(find(1, microBatch, false).startMs).toBeGreaterThanOrEqual(find(0, microBatch, false).endMs);
      expect(find(0, microBatch, true).startMs).toBeGreaterThanOrEqual(find(1, microBatch, true).endMs);
    }
  });

  it('counts what is in flight as the schedule does, and the memory with it', () => {
    for (const [lane, { use, stages }] of model.lanes.entries()) {
      const counts = model.passes.map(({ startMs }) => inFlightAt(model, stages[0], lane, startMs));
      expect(Math.max(...counts)).toBe(updatePipeline.stages[stages[0]].inFlight);
      model.passes.forEach(({ startMs }, i) =>
        expect(memoryAt(model, lane, startMs)).toBe(use.memory.baseBytes + counts[i] * 100 * mib),
      );
      expect(memoryAt(model, lane, model.axis.total)).toBe(use.memory.baseBytes);
    }
    // 1F1B: the first of two stages has two in flight, the second one.
    expect(updatePipeline.stages.map(({ inFlight }) => inFlight)).toEqual([2, 1]);
    const fullest = model.passes[fullestPass(model)];
    expect(memoryAt(model, fullest.lane, fullest.startMs)).toBe(model.lanes[fullest.lane].use.peakBytes);
  });

  it('finds what runs in a lane at a moment', () => {
    model.passes.forEach(({ lane, startMs, endMs }, i) =>
      expect(passAt(model, lane, (startMs + endMs) / 2)).toBe(i),
    );
    expect(passAt(model, 1, -1)).toBe(-1);
  });

  it('shows of a stream its first steps, each with its own update', () => {
    const stream = pipelineModel(streamPipeline, devices);
    expect(stream.passes).toHaveLength(2 * 2 * streamPipeline.run.microBatches);
    for (const { use } of stream.lanes) expect(use.updateMs).toBe(0);
    // Peaks are those of one step: what is in flight besides it comes on top.
    expect(stream.lanes.map(({ use }) => use.peakBytes)).toEqual([800 * mib, 650 * mib]);
  });
});

describe('the layout', () => {
  it('gives each device a lane, readable however many there are', () => {
    const layout = pipelineLayout({ width: 800, height: 300 }, 12);
    expect(layout.height).toBeGreaterThan(300);
    layout.lanes.forEach(({ top, memoryTop, memoryBottom }, lane) => {
      expect(laneAt(layout, top + 1)).toBe(lane);
      expect(memoryBottom - memoryTop).toBeGreaterThan(20);
    });
    const x = timeScale(model, undefined, layout);
    expect(x(model.axis.total)).toBe(layout.right);
  });
});

describe('a pipeline in words', () => {
  it('says what runs through it, how often, and how much of the time devices wait', () => {
    expect(pipelineSummary(updatePipeline)).toBe(
      '4 micro-batches by 1F1B · one each 6.00 ms when full · 12.5 % idle (bubble)',
    );
    expect(pipelineSummary(streamPipeline)).toMatch(/^the first 8 steps · one each 7\.00 ms/);
  });

  it('tells of each pass what it is, when, and what is in flight', () => {
    expect(passName(model, 0)).toBe('forward pass of micro-batch 1, stage 1');
    expect(passTexts(model, 0)).toEqual([
      'gpu0: layers.0',
      'at 0.00 ms for 2.00 ms',
      '1 micro-batch in flight, at most 700 MiB',
    ]);
  });

  it('counts the stages of a device where they are too many to list', () => {
    expect(stagesText([1], 3)).toBe('stage 2');
    expect(stagesText([0, 2], 3)).toBe('stages 1, 3');
    expect(stagesText([0, 2, 4, 6, 8], 9)).toBe('5 of 9 stages');
  });

  it('says what overlapping steps mean for training, and only there', () => {
    expect(streamText(streamPipeline)).toMatch(/before those ahead of it have updated the weights/);
    expect(streamText(updatePipeline)).toBeUndefined();
    const { stages } = streamPipeline;
    const inference = stages.map((stage) => ({ ...stage, backwardMs: 0 }));
    expect(streamText({ ...streamPipeline, stages: inference })).toBeUndefined();
  });

  it('has a row a stage in its table', () => {
    const rows = stageRows(model);
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toHaveLength(stageColumns.length);
    expect(rows[0].slice(0, 6)).toEqual(['1', 'gpu0', 'layers.0', '2.00 ms', '4.00 ms', '2']);
  });
});
