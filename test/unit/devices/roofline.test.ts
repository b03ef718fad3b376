import { describe, expect, test } from 'vitest';
import { deviceCatalogue, findDevice } from '../../../planner-core/devices/catalogue';
import { linkTable } from '../../../planner-core/devices/links';
import { launchMs, rooflineMs } from '../../../planner-core/devices/roofline';

const a100 = findDevice('a100 sxm 80gb')!;

describe('the catalogue', () => {
  test('has unique names, memory, bandwidth and some compute peak for every device', () => {
    expect(new Set(deviceCatalogue.map((d) => d.name)).size).toBe(deviceCatalogue.length);
    expect(deviceCatalogue.length).toBeGreaterThanOrEqual(28);
    for (const device of deviceCatalogue) {
      expect(device.memoryBytes).toBeGreaterThan(0);
      expect(device.memoryGBPerS).toBeGreaterThan(0);
      expect(device.hostLinkGBPerS).toBeGreaterThan(0);
      expect(Math.max(device.fp32Tflops, device.halfTflops)).toBeGreaterThan(0);
    }
  });
});

describe('rooflineMs', () => {
  test('a computation without work takes no time', () => {
    expect(rooflineMs({ macs: 0, trafficBytes: 0, rate: 'fp32' }, a100)).toBe(0);
  });

  test('is bound by memory for element-wise work and by arithmetic for large products', () => {
    const traffic = rooflineMs({ macs: 0, trafficBytes: 1e9, rate: 'fp32' }, a100);
    expect(traffic).toBeCloseTo(1e9 / (2039e6 * 0.8) + launchMs, 6);
    const product = rooflineMs({ macs: 1e12, trafficBytes: 1e9, rate: 'half' }, a100);
    expect(product).toBeCloseTo(2e12 / (312e9 * 0.6) + launchMs, 6);
  });

  test('a faster rate is never slower', () => {
    for (const device of deviceCatalogue) {
      const [fp32, tf32, half] = (['fp32', 'tf32', 'half'] as const).map((rate) =>
        rooflineMs({ macs: 1e12, trafficBytes: 1e6, rate }, device),
      );
      expect(tf32).toBeLessThanOrEqual(fp32);
      expect(half).toBeLessThanOrEqual(tf32);
    }
  });
});

test('links: peers of a kind use their own link, others the slower host link', () => {
  const t4 = findDevice('T4')!;
  const table = linkTable([a100, a100, t4]);
  const at = (from: number, to: number): number => table[from * 4 + to] / 1e6;
  expect(at(0, 1)).toBe(a100.peerLinkGBPerS);
  expect(at(0, 2)).toBe(t4.hostLinkGBPerS);
  expect(at(3, 0)).toBe(a100.hostLinkGBPerS);
  expect(at(1, 1)).toBe(0);
});
