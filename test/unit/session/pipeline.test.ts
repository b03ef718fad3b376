import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import type { Plan, PlanDevice } from '../../../planner-core/plan/plan';
import { parsePlan } from '../../../planner-core/plan/readPlan';
import { planText } from '../../../planner-core/plan/writePlan';
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

describe('stages that like devices share', () => {
  const open = (): PlannerSession => PlannerSession.open(new MemoryByteSource(file), 'perceptron.onnx');
  const links = [
    { between: ['gpu0', 'gpu1'] as const, name: 'custom', gbPerS: 900, latencyMs: 0, shared: false },
  ];
  const planned = async (mode: 'training' | 'inference', microBatches: number) => {
    const session = open();
    const base = session.defaultInputs(devices);
    const workload = { ...base.workload, mode, microBatches };
    return { session, view: await session.plan({ ...base, links, workload, objective: 'throughput' }) };
  };

  it.each([
    ['inference', 1],
    ['training', 16],
  ] as const)('are planned for %s, written, read and checked', async (mode, microBatches) => {
    const { session, view } = await planned(mode, microBatches);
    const { plan, placement, directives } = view;
    expect(plan.replicas).toEqual([{ device: 'gpu0', replicas: ['gpu1'] }]);
    expect(directives.replicas).toEqual([[1], []]);
    const { pipeline, perDevice, timeMs } = placement!;
    expect(pipeline!.stages.map((stage) => stage.devices)).toEqual([['gpu0', 'gpu1']]);
    expect(perDevice[1].peakBytes).toBe(perDevice[0].peakBytes);
    expect(perDevice[1].busyMs).toBeCloseTo(perDevice[0].busyMs, 9);
    expect(plan.prediction.throughput!.timeMs).toBe(timeMs);
    const again = parsePlan(planText(plan));
    expect(() => session.check(again)).not.toThrow();
    const alone: Plan = { ...again, replicas: undefined };
    expect(() => session.check(alone)).toThrow(/prediction.throughput/);
    const dearer = { ...plan.prediction.throughput!, timeMs: timeMs * 1.01 };
    const wrong = { ...again, prediction: { ...again.prediction, throughput: dearer } };
    expect(() => session.check(wrong)).toThrow(/prediction.throughput/);
  });

  it('are refused where a plan file contradicts itself', async () => {
    const { session, view } = await planned('inference', 1);
    const check = (changes: Partial<Plan>) => () => session.check({ ...view.plan, ...changes });
    expect(check({ objective: 'latency' })).toThrow(/objective "throughput"/);
    const named = (device: string, ...replicas: string[]) => check({ replicas: [{ device, replicas }] });
    expect(named('gpu0', 'gpu7')).toThrow(/"gpu7"/);
    expect(named('gpu0', 'gpu0')).toThrow(/runs layers already/);
    expect(named('gpu1', 'gpu0')).toThrow(/runs layers already/);
    expect(named('gpu0', 'gpu1', 'gpu1')).toThrow(/runs layers already/);
  });
});
