import { expect, test } from 'vitest';
import {
  deviceState,
  deviceStateText,
  deviceWarnings,
  tightestDevice,
  type DeviceMemory,
} from '../../../planner-core/plan/deviceMemory';
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
    ...{ device, name: 'T4', memoryBytes: 16 * gib, totalBytes, contextBytes },
    contextToleranceBytes: contextBytes > 0 ? 0.5 * gib : 0,
    fit: totalBytes > 16 * gib ? 'out-of-memory' : 'fits',
  }) as DeviceMemory;

test('names every device that is filled up, and says of the first whether the budget is kept', () => {
  const devices = [memoryOf('gpu.0', 17 * gib), memoryOf('gpu.1', 18 * gib)];
  const taken = "GiB with PyTorch's allocator and the CUDA context, more than the T4 has.";
  expect(deviceWarnings(planOf(16 * gib, 15 * gib), devices)).toEqual([
    `gpu.0: within the budget, but it takes 17.0 ${taken}`,
    `gpu.1: it takes 18.0 ${taken}`,
  ]);
  expect(deviceWarnings(planOf(14 * gib, 15 * gib), devices)[0]).toBe(`gpu.0: it takes 17.0 ${taken}`);
  expect(deviceWarnings(planOf(16 * gib, 15 * gib), [memoryOf('gpu.0', 15.5 * gib)])).toEqual([]);
});

test('does not speak of a CUDA context where none is counted', () => {
  const [text] = deviceWarnings(planOf(16 * gib, 15 * gib), [memoryOf('gpu.0', 17 * gib, 0)]);
  expect(text).toContain("PyTorch's allocator, more");
});

test('a plan fits, just fits within the tolerance of the context, or does not', () => {
  const at = (totalGiB: number, contextBytes?: number) => memoryOf('gpu.0', totalGiB * gib, contextBytes);
  const states = [15.5, 15.51, 16, 16.01].map((total) => deviceState(at(total)));
  expect(states).toEqual(['fits', 'just-fits', 'just-fits', 'does-not-fit']);
  expect(deviceState(at(16, 0)), 'nothing is uncertain without a context').toBe('fits');
  expect(deviceState({ ...at(15), fit: 'fits-after-retries' })).toBe('just-fits');
  expect(deviceStateText(at(15))).toBe('fits, 1.00 GiB headroom');
  expect(deviceStateText(at(15.9))).toMatch(/^just fits: the CUDA context differs by ± 512 MiB/);
  expect(deviceStateText({ ...at(15), fit: 'fits-after-retries' })).toMatch(/^just fits, by giving cached/);
  expect(deviceStateText(at(17))).toBe('does not fit');
  expect(deviceWarnings(planOf(16 * gib, 15 * gib), [at(15.9)])).toEqual([
    'gpu.0: this plan just fits: the CUDA context differs by ± 512 MiB between machines.',
  ]);
});

test('the tightest device is the one that does not fit, then the one that just does, then the fullest', () => {
  const [roomy, full, just, over] = [10, 15, 15.8, 17].map((total, i) => memoryOf(`gpu.${i}`, total * gib));
  expect(tightestDevice([roomy, full])).toBe(full);
  expect(tightestDevice([full, just, roomy])).toBe(just);
  expect(tightestDevice([over, just])).toBe(over);
  expect(tightestDevice([])).toBeUndefined();
});
