import { expect, test } from 'vitest';
import { fullDeviceWarnings, type DeviceMemory } from '../../../planner-core/plan/deviceMemory';
import type { Plan } from '../../../planner-core/plan/plan';

const gib = 2 ** 30;

const planOf = (budgetBytes: number, peakBytes: number): Plan =>
  ({
    devices: [{ id: 'gpu', name: 'T4', memoryBytes: 16 * gib, count: 2 }],
    budgetBytes,
    prediction: { perDevicePeakBytes: { 'gpu.0': peakBytes, 'gpu.1': peakBytes } },
  }) as unknown as Plan;

const memoryOf = (device: string, totalBytes: number, contextBytes = gib): DeviceMemory =>
  ({
    ...{ device, name: 'T4', totalBytes, contextBytes },
    fit: totalBytes > 16 * gib ? 'out-of-memory' : 'fits',
  }) as DeviceMemory;

test('names every device that is filled up, and says of the first whether the budget is kept', () => {
  const devices = [memoryOf('gpu.0', 17 * gib), memoryOf('gpu.1', 18 * gib)];
  const taken = "GiB with PyTorch's allocator and the CUDA context, more than the T4 has.";
  expect(fullDeviceWarnings(planOf(16 * gib, 15 * gib), devices)).toEqual([
    `gpu.0: within the budget, but it takes 17.0 ${taken}`,
    `gpu.1: it takes 18.0 ${taken}`,
  ]);
  expect(fullDeviceWarnings(planOf(14 * gib, 15 * gib), devices)[0]).toBe(`gpu.0: it takes 17.0 ${taken}`);
  expect(fullDeviceWarnings(planOf(16 * gib, 15 * gib), [memoryOf('gpu.0', 16 * gib)])).toEqual([]);
});

test('does not speak of a CUDA context where none is counted', () => {
  const [text] = fullDeviceWarnings(planOf(16 * gib, 15 * gib), [memoryOf('gpu.0', 17 * gib, 0)]);
  expect(text).toContain("PyTorch's allocator, more");
});
