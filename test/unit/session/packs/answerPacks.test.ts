import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import type { PlanInputs } from '../../../../planner-core/plan/planInputs';
import { PlannerSession } from '../../../../planner-core/session/plannerSession';
import { defaultWorkload } from '../../../../planner-core/step/workload';
import { residualCnn } from '../../../fixtures/generatedModels/residualCnn';
import { onnxFile } from '../../../fixtures/onnx-builder/onnx';

const session = PlannerSession.open(new MemoryByteSource(onnxFile(residualCnn(60))), 'cnn.onnx');
const gpu = { id: 'gpu0', name: 'T4', memoryBytes: 16 * 1024 ** 3 };
const inputs: PlanInputs = {
  ...session.defaultInputs([gpu]),
  workload: { ...defaultWorkload, dims: { batch: 4 }, microBatches: 4, optimizer: 'adamw' },
  offload: { to: 'host' },
};
const keepAll = session.configure(inputs);
const budgetBytes = Math.floor(0.5 * keepAll.keepAllPeakBytes);

describe('packs of layers, in a session', () => {
  it('answers with the fastest packs and groups under the budget', async () => {
    const { best, ways, link } = await session.packs({ inputs, budgetBytes });
    expect(new Set(ways.map(({ groupSize }) => groupSize))).toContain(best!.groupSize);
    expect(ways.length).toBeGreaterThan(0);
    expect(ways[0]).toEqual(best);
    for (const [i, way] of ways.entries())
      for (const faster of ways.slice(0, i)) expect(way.peakBytes).toBeLessThan(faster.peakBytes);
    for (const { stepTimeMs, peakBytes, groupSize, groups, packs } of ways) {
      expect(stepTimeMs).toBeGreaterThanOrEqual(best!.stepTimeMs);
      expect(peakBytes).toBeLessThanOrEqual(budgetBytes);
      expect(groupSize * groups).toBe(4);
      expect(packs[0][0]).toBe('before the layers');
      expect(packs.at(-1)![1]).toBe('after the layers');
    }
    // The link as it is, not as four micro-batches share it.
    expect(link.outGBPerS).toBeGreaterThan(8);
  });

  it('is told beside the plan without packs', async () => {
    const { withoutPacks } = await session.packs({ inputs, budgetBytes });
    const { plan } = await session.plan({ ...inputs, budgetBytes });
    const { peakBytes, stepTimeMs, overheadPercent } = plan.prediction;
    expect(withoutPacks).toEqual({ planner: plan.planner, peakBytes, stepTimeMs, overheadPercent });
    expect((await session.packs({ inputs, budgetBytes: 1000 })).withoutPacks).toBeUndefined();
  });

  it('takes no time where everything fits, and nothing where nothing does', async () => {
    const roomy = await session.packs({ inputs, budgetBytes: 2 * keepAll.keepAllPeakBytes, packCount: 1 });
    expect([roomy.best!.packs.length, roomy.best!.movedBytes]).toEqual([1, 0]);
    expect(roomy.best!.overheadPercent).toBeCloseTo(0, 9);
    const { best, ways } = await session.packs({ inputs, budgetBytes: 1000 });
    expect([best, ways]).toEqual([undefined, []]);
  });

  it.each<[string, Partial<PlanInputs>, number | undefined]>([
    ['inference', { workload: { ...inputs.workload, mode: 'inference' } }, undefined],
    ['several devices', { devices: [gpu, { ...gpu, id: 'gpu1' }] }, undefined],
    ['nowhere to offload to', { offload: undefined }, undefined],
    ['pins', { pins: [{ target: 'layer1.0', kind: 'module', choice: 'keep', pinned: true }] }, undefined],
    ['more packs than layers', {}, 1000],
  ])('refuses %s', async (_, changes, packCount) => {
    const question = { inputs: { ...inputs, ...changes }, budgetBytes, packCount };
    await expect(session.packs(question)).rejects.toMatchObject({ code: 'bad-usage' });
  });

  it('refuses a model without layers', async () => {
    const flat = PlannerSession.open(new MemoryByteSource(onnxFile(residualCnn(1))), 'flat.onnx');
    await expect(flat.packs({ inputs, budgetBytes })).rejects.toMatchObject({ code: 'bad-usage' });
  });
});
