import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import { uncontrolled } from '../../../../planner-core/base/job';
import { defaultWorkload } from '../../../../planner-core/step/workload';
import { PlannerSession } from '../../../../planner-core/session/plannerSession';
import {
  shareDevice,
  type SharedJob,
  type ShareQuestion,
} from '../../../../planner-core/session/share/shareDevice';
import { residualCnn } from '../../../fixtures/generatedModels/residualCnn';
import { onnxFile } from '../../../fixtures/onnx-builder/onnx';
import type { PlanInputs } from '../../../../planner-core/plan/planInputs';

const open = (name: string): PlannerSession =>
  PlannerSession.open(new MemoryByteSource(readFileSync(path.resolve('samples', name))), name);
const transformer = open('tiny_transformer.train.pt2');
const mlp = open('tiny_mlp.train.onnx');
const cnn = PlannerSession.open(new MemoryByteSource(onnxFile(residualCnn(12))), 'cnn.onnx');
const gpu = { id: 'gpu0', name: 'T4', memoryBytes: 16 * 1024 ** 3 };

function jobOf(session: PlannerSession, changes: Partial<PlanInputs> = {}): SharedJob {
  return { name: session.summary.file, session, inputs: { ...session.defaultInputs([gpu]), ...changes } };
}

const ask = (changes: Partial<ShareQuestion> = {}) =>
  shareDevice(
    { jobs: [jobOf(transformer), jobOf(mlp)], memoryBytes: gpu.memoryBytes, alignment: 'any', ...changes },
    uncontrolled,
  );

describe('sharing a device', () => {
  it('keeps everything where there is room, and adds up to what fits elsewhere', async () => {
    const batch = (size: number) => ({ workload: { ...defaultWorkload, dims: { batch: size } } });
    const jobs = [jobOf(cnn, batch(64)), jobOf(cnn, batch(16))];
    const { answer: roomy } = await ask({ jobs });
    expect(roomy.addedMs).toBeCloseTo(0, 9);
    const needed = roomy.jobs.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
    expect(roomy.peakBytes).toBe(needed);
    const memoryBytes = Math.floor(0.9 * needed);
    const { answer, plans } = await ask({ jobs, memoryBytes });
    expect(answer.peakBytes).toBeLessThanOrEqual(memoryBytes);
    expect(answer.addedMs).toBeGreaterThan(0);
    expect(answer.roundMs).toBe(answer.jobs.reduce((sum, { stepTimeMs }) => sum + stepTimeMs, 0));
    if (answer.equalAddedMs !== undefined) expect(answer.addedMs).toBeLessThanOrEqual(answer.equalAddedMs);
    for (const plan of plans) cnn.check(plan);
  });

  it('takes turns in less memory, and says what jobs hold between steps', async () => {
    const { answer: any } = await ask();
    const { answer: turns } = await ask({ alignment: 'turns' });
    expect(turns.peakBytes).toBeLessThan(any.peakBytes);
    for (const { heldBytes, totalBytes } of turns.jobs) expect(heldBytes).toBeLessThan(totalBytes);
    const most = Math.max(...turns.jobs.map(({ heldBytes, totalBytes }) => totalBytes - heldBytes));
    expect(turns.peakBytes).toBe(turns.jobs.reduce((sum, { heldBytes }) => sum + heldBytes, most));
    expect(turns.addedMs).toBeLessThanOrEqual(any.addedMs);
  });

  it('shares out the link where steps may meet', async () => {
    const link = { name: 'custom', outGBPerS: 12, inGBPerS: 12, latencyMs: 0, shared: false };
    const offload = { to: 'host' as const, link, memoryBytes: 2 ** 30 };
    const jobs = [jobOf(transformer, { offload }), jobOf(mlp, { offload })];
    const { plans, answer } = await ask({ jobs });
    for (const plan of plans)
      expect(plan.offload).toMatchObject({ link: { outGBPerS: 6, inGBPerS: 6 }, memoryBytes: 2 ** 29 });
    expect(answer.jobs.every(({ hostPeakBytes }) => hostPeakBytes <= 2 ** 29)).toBe(true);
    const { plans: turns } = await ask({ jobs, alignment: 'turns' });
    for (const plan of turns) expect(plan.offload).toMatchObject({ link: { outGBPerS: 12 } });
  });

  it('says what the jobs need at least where they do not fit', async () => {
    await expect(ask({ memoryBytes: 1000 })).rejects.toMatchObject({ code: 'infeasible' });
    const failed: unknown = await ask({ memoryBytes: 1000 }).catch((error: unknown) => error);
    expect(String(failed)).toMatch(/take at least .* together, and the device has 1000 B/);
  });

  it.each<[string, Partial<ShareQuestion>]>([
    ['one job', { jobs: [jobOf(mlp)] }],
    ['several devices', { jobs: [jobOf(mlp), jobOf(mlp, { devices: [gpu, { ...gpu, id: 'gpu1' }] })] }],
    ['another objective', { jobs: [jobOf(mlp), jobOf(mlp, { minimise: 'energy' })] }],
  ])('refuses %s', async (_, changes) => {
    await expect(ask(changes)).rejects.toMatchObject({ code: 'bad-usage' });
  });
});
