import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import type { PlanDevice } from '../../../planner-core/plan/plan';
import { PlannerSession } from '../../../planner-core/session/plannerSession';
import { onnxFile } from '../../fixtures/onnx-builder/onnx';

const names = Array.from({ length: 6 }, (_, i) => `layers.${i}.weight`);
const file = onnxFile({
  inputs: [{ name: 'h0', type: 'float', dims: [512, 256] }],
  outputs: [{ name: 'h6' }],
  initializers: names.map((name) => ({ name, dims: [256, 256] })),
  nodes: names.map((weight, i) => ({
    ...{ type: 'MatMul', name: `/layers.${i}/MatMul`, inputs: [`h${i}`, weight], outputs: [`h${i + 1}`] },
  })),
});
const devices: PlanDevice[] = ['gpu0', 'gpu1'].map((id) => ({
  ...{ id, name: 'RTX 4090', memoryBytes: 24 * 2 ** 30 },
}));

describe('a plan for throughput', () => {
  it.each([
    ['training', 8],
    ['training', 1],
    ['inference', 8],
  ] as const)('runs %s with %d micro-batches as a pipeline', async (mode, microBatches) => {
    const session = PlannerSession.open(new MemoryByteSource(file), 'perceptron.onnx');
    const base = session.defaultInputs(devices);
    const workload = { ...base.workload, mode, microBatches };
    const { placement } = await session.plan({ ...base, workload, objective: 'throughput' });
    const { pipeline, timeMs, boundMs, perDevice, baselines } = placement!;
    const count = mode === 'training' ? microBatches : 1;
    expect(pipeline).toMatchObject({ schedule: count > 1 ? '1F1B' : 'stream', microBatches: count });
    expect(timeMs).toBeGreaterThanOrEqual(boundMs);
    for (const rule of baselines) if (rule.fits) expect(timeMs).toBeLessThanOrEqual(rule.timeMs);
    const { stages, periodMs, bubblePercent, run } = pipeline!;
    expect(placement!.measure).toBe(count > 1 ? 'update' : 'period');
    expect(stages.flatMap(({ layers }) => layers)).toHaveLength(6);
    for (const stage of stages) {
      expect(stage.inFlight).toBeGreaterThan(0);
      expect(stage.inFlight).toBeLessThanOrEqual(count > 1 ? count : stages.length);
      expect(stage.backwardMs > 0).toBe(mode === 'training');
      // What a stream has in flight comes on top of the one step that the plan is made for.
      const ofOne = perDevice.find(({ device }) => device === stage.devices[0])!.peakBytes;
      if (count > 1) expect(stage.peakBytes).toBe(ofOne);
      else expect(stage.peakBytes).toBeGreaterThanOrEqual(ofOne);
    }
    for (const { busyMs, idleMs, peakBytes, memory } of run.devices) {
      expect(busyMs + idleMs).toBeCloseTo(timeMs, 6);
      expect(Math.max(...memory.bytes)).toBe(peakBytes);
      expect(Math.min(...memory.bytes)).toBeGreaterThanOrEqual(memory.baseBytes);
      expect(memory.bytes.at(-1)).toBeCloseTo(memory.baseBytes, 3);
    }
    const ends = [...run.endMs].filter((ms) => !Number.isNaN(ms));
    expect(ends).toHaveLength(stages.length * run.microBatches * (mode === 'training' ? 2 : 1));
    expect(Math.max(...ends)).toBeLessThanOrEqual(run.makespanMs);
    // The busiest part of a stream has every step to do.
    if (count === 1) expect(run.makespanMs).toBeGreaterThanOrEqual(run.microBatches * periodMs * (1 - 1e-9));
    // No schedule is faster than its busiest part.
    expect(timeMs).toBeGreaterThanOrEqual(count * periodMs * (1 - 1e-9));
    expect(bubblePercent).toBeGreaterThanOrEqual(0);
    expect(bubblePercent).toBeLessThan(100);
  });
});
