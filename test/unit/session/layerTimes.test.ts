import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { bounds } from '../../../planner-core/devices/roofline';
import { dominantBound } from '../../../planner-core/session/boundTimes';
import { PlannerSession } from '../../../planner-core/session/plannerSession';

const file = path.resolve(import.meta.dirname, '../../../samples/resnet50.train.onnx');
const session = PlannerSession.open(new MemoryByteSource(readFileSync(file)), 'resnet50.train.onnx');
const base = session.defaultInputs([{ id: 'gpu0', name: 'A100 SXM 80GB', memoryBytes: 80 * 2 ** 30 }]);
const inputs = {
  ...base,
  workload: { ...base.workload, dims: { batch: 32, height: 224, width: 224 } },
};

describe('why a layer takes its time', () => {
  const view = session.configure(inputs);
  const rowOf = (type: string, output: string) =>
    view.layers.find((row) => row.type === type && row.output.startsWith(output))!;

  it('is said for every operator that takes time, and for modules', () => {
    for (const row of view.layers) {
      expect(bounds).toContain(row.bound);
      if (row.forwardMs > 0) expect(row.bound).not.toBe('none');
    }
  });

  it('is memory for normalization and ReLU at a large batch, arithmetic for 3x3 convolutions', () => {
    expect(rowOf('BatchNormalization', '32×64×112×112').bound).toBe('memory');
    expect(rowOf('Relu', '32×64×112×112').bound).toBe('memory');
    expect(rowOf('Conv', '32×512×7×7').bound).toBe('compute');
  });

  it('adds up: traffic of rows is that of the step and of its modules', () => {
    const tops = view.layers.filter((row) => row.parent < 0);
    expect(tops.reduce((sum, row) => sum + row.trafficBytes, 0)).toBe(view.trafficBytes);
    const { modules, timeline, macs, trafficBytes } = session.profile(inputs, 'none');
    const total = Object.values(modules).reduce((sum, module) => sum + module.trafficBytes, 0);
    expect(total).toBe(trafficBytes);
    const forward = timeline.filter(({ phase }) => phase === 'forward');
    expect(forward.reduce((sum, node) => sum + node.trafficBytes, 0)).toBe(trafficBytes);
    expect(forward.reduce((sum, node) => sum + node.macs, 0)).toBe(macs);
  });

  it('reads and writes at least every result', () => {
    const relu = rowOf('Relu', '32×64×112×112');
    expect(relu.trafficBytes).toBeGreaterThanOrEqual(32 * 64 * 112 * 112 * 4 * 2);
  });
});

it.each([
  [[0, 0, 0, 0], 'none'],
  [[0, 1, 2, 1.5], 'memory'],
  [[0, 3, 2, 3], 'compute'],
] as const)('times %j are bound by %s', (ms, bound) => {
  expect(dominantBound(ms)).toBe(bound);
});
