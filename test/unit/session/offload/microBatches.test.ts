import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import { PlannerSession } from '../../../../planner-core/session/plannerSession';
import { defaultWorkload } from '../../../../planner-core/step/workload';
import { residualCnn } from '../../../fixtures/generatedModels/residualCnn';
import { onnxFile } from '../../../fixtures/onnx-builder/onnx';

const session = PlannerSession.open(new MemoryByteSource(onnxFile(residualCnn(12))), 'cnn.onnx');
const inputs = {
  ...session.defaultInputs([{ id: 'gpu0', name: 'T4', memoryBytes: 16 * 1024 ** 3 }]),
  workload: { ...defaultWorkload, dims: { batch: 8 }, microBatches: 4 },
};

describe('offloading with micro-batches', () => {
  it('takes the transfers of every micro-batch, over a link that is named as over the device’s own', async () => {
    const own = { ...inputs, offload: { to: 'host' as const } };
    const { plan, offload, energy } = await session.plan({
      ...own,
      budgetBytes: 0.7 * session.configure(own).keepAllPeakBytes,
    });
    expect(offload!.transfers.length).toBeGreaterThan(0);
    expect(offload!.link.outGBPerS).toBeGreaterThan(8);
    const out = offload!.transfers.filter(({ direction }) => direction === 'out');
    expect(offload!.outBytes).toBe(4 * out.reduce((sum, { bytes }) => sum + bytes, 0));
    const movedGB = (offload!.outBytes + offload!.inBytes) / 1e9;
    expect(energy!.transferJoules).toBeCloseTo(movedGB * offload!.link.joulesPerGB!, 9);
    const named = { ...own, offload: { to: 'host' as const, link: offload!.link } };
    expect(session.configure(named).step.linkBytesPerMs).toEqual(session.configure(own).step.linkBytesPerMs);
    const again = await session.plan({ ...named, budgetBytes: plan.budgetBytes });
    expect(again.plan.prediction.stepTimeMs).toBe(plan.prediction.stepTimeMs);
    // One micro-batch of the four moves as much over a link four times as fast.
    const single = session.configure({ ...named, workload: { ...inputs.workload, microBatches: 1 } }).step;
    expect(single.linkBytesPerMs[1]).toBeCloseTo(4 * session.configure(named).step.linkBytesPerMs[1], 3);
  });
});
