import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { calibrationHash, type Calibration } from '../../../planner-core/devices/calibration';
import { parsePlan } from '../../../planner-core/plan/readPlan';
import { planText } from '../../../planner-core/plan/writePlan';
import { PlannerSession } from '../../../planner-core/session/plannerSession';
import { stepKey } from '../../../planner-core/session/stepState';

const file = path.resolve(import.meta.dirname, '../../../samples/resnet50.train.onnx');
const session = PlannerSession.open(new MemoryByteSource(readFileSync(file)), 'resnet50.train.onnx');
const gpu = { id: 'gpu0', name: 'L4', memoryBytes: 24 * 2 ** 30 };
const base = session.defaultInputs([gpu]);
const plain = { ...base, workload: { ...base.workload, dims: { batch: 8, height: 64, width: 64 } } };
const slow: Calibration = {
  format: 'headroom-calibration/1',
  device: 'L4',
  launchMs: 0.02,
  memoryEfficiency: 0.4,
  classes: {},
  provenance: 'test',
};
const calibratedInputs = { ...plain, calibration: { file: 'l4.json', calibration: slow } };

describe('a calibration', () => {
  it('changes times and no bytes', () => {
    const before = session.profile(plain, 'none');
    const after = session.profile(calibratedInputs, 'none');
    expect(after.stepTimeMs).toBeGreaterThan(1.5 * before.stepTimeMs);
    expect(after.peakBytes).toBe(before.peakBytes);
    expect(after.timeline.map(({ liveBytes }) => liveBytes)).toEqual(
      before.timeline.map(({ liveBytes }) => liveBytes),
    );
  });

  it('is part of what a step is known by, content and name', () => {
    const faster = { file: 'l4.json', calibration: { ...slow, launchMs: 0.01 } };
    const keys = [
      plain,
      calibratedInputs,
      { ...plain, calibration: faster },
      { ...plain, calibration: { ...faster, file: 'other.json' } },
    ].map(stepKey);
    expect(new Set(keys).size).toBe(4);
  });

  it('is named with its hash among the assumptions', () => {
    const { assumptions } = session.configure(calibratedInputs);
    expect(assumptions).toContain(`times of L4 calibrated with l4.json (${calibrationHash(slow)})`);
    expect(session.configure(plain).assumptions).toContain(
      'times from a roofline of the device, nothing measured',
    );
  });

  it('applies to the devices it was made for, and says so of others', () => {
    const elsewhere = { ...calibratedInputs, devices: [{ ...gpu, name: 'A10' }] };
    const { stepTimeMs } = session.profile({ ...plain, devices: elsewhere.devices }, 'none');
    const { stepTimeMs: same, assumptions } = session.profile(elsewhere, 'none');
    expect(same).toBe(stepTimeMs);
    expect(assumptions.join('\n')).toMatch(/nothing measured: the calibration l4\.json .* is for L4/);
    const mixed = session.configure({
      ...calibratedInputs,
      devices: [gpu, { ...gpu, id: 'gpu1', name: 'A10' }],
    });
    expect(mixed.assumptions.join('\n')).toMatch(/calibrated with l4\.json .*; A10: a roofline/);
  });

  it('travels in the plan, which confirms its own numbers', async () => {
    const { plan } = await session.plan({ ...calibratedInputs, budgetBytes: 2 ** 40 });
    const text = planText(plan);
    expect(parsePlan(text).calibration).toEqual(calibratedInputs.calibration);
    expect(() => session.check(parsePlan(text))).not.toThrow();
    expect(() => session.check({ ...parsePlan(text), calibration: undefined })).toThrow(
      expect.objectContaining({ code: 'check-failed' }),
    );
    expect(session.readPlan(text).inputs.calibration).toEqual(calibratedInputs.calibration);
  });
});
