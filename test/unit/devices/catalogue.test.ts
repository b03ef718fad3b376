import { describe, expect, it, test } from 'vitest';
import {
  defaultDeviceName,
  deviceCatalogue,
  findDevice,
  type DeviceSpec,
} from '../../../planner-core/devices/catalogue';
import { linkTable } from '../../../planner-core/devices/links';

const named = (name: string) => {
  const device = findDevice(name);
  if (!device) throw new Error(`the catalogue lacks ${name}`);
  return device;
};

describe('the catalogue', () => {
  it('has at least 28 devices with unique names', () => {
    expect(deviceCatalogue.length).toBeGreaterThanOrEqual(28);
    expect(new Set(deviceCatalogue.map(({ name }) => name.toLowerCase())).size).toBe(deviceCatalogue.length);
    expect(findDevice(defaultDeviceName)).toBeDefined();
  });

  /** Boards without a fan: another order of magnitude in everything. */
  const isBoard = ({ name }: DeviceSpec): boolean => /Raspberry Pi 4|Cortex/.test(name);

  it.each(deviceCatalogue.filter(isBoard))('$name has the figures of a small board', (device) => {
    expect(device.memoryBytes).toBeGreaterThanOrEqual(16 * 1024);
    expect(device.memoryBytes).toBeLessThanOrEqual(8 * 1024 ** 3);
    expect(device.memoryGBPerS).toBeGreaterThanOrEqual(0.1);
    expect(device.memoryGBPerS).toBeLessThanOrEqual(10);
    expect(device.fp32Tflops).toBeGreaterThan(1e-7);
    expect(device.fp32Tflops).toBeLessThan(0.1);
    expect(device.hostLinkGBPerS).toBeGreaterThan(0.001);
    expect(device.hostLinkGBPerS).toBeLessThan(device.memoryGBPerS);
    expect(device.powerW).toBeGreaterThan(0);
    expect(device.powerW).toBeLessThanOrEqual(15);
    expect(device.source).toMatch(/\w+ .*\w/);
  });

  const others = deviceCatalogue.filter((device) => !isBoard(device));
  it.each(others)('$name has plausible figures and says where they come from', (device) => {
    const gib = 1024 ** 3;
    // What stands on a desk or in a field is slower than what stands in a rack.
    const isSmall = /Ryzen|Core|Raspberry/.test(device.name);
    expect(device.memoryBytes).toBeGreaterThanOrEqual(8 * gib);
    expect(device.memoryBytes).toBeLessThanOrEqual(1024 * gib);
    expect(device.memoryGBPerS).toBeGreaterThanOrEqual(isSmall ? 10 : 200);
    expect(device.memoryGBPerS).toBeLessThanOrEqual(8000);
    expect(Math.max(device.fp32Tflops, device.halfTflops)).toBeGreaterThan(isSmall ? 0.1 : 5);
    expect(Math.max(device.fp32Tflops, device.halfTflops)).toBeLessThan(2500);
    expect(device.hostLinkGBPerS).toBeGreaterThanOrEqual(10);
    expect(device.hostLinkGBPerS).toBeLessThanOrEqual(device.memoryGBPerS);
    expect(device.peerLinkGBPerS).toBeGreaterThanOrEqual(isSmall ? 1 : 10);
    expect(device.peerLinkGBPerS).toBeLessThanOrEqual(device.memoryGBPerS);
    expect(device.powerW).toBeLessThanOrEqual(1200);
    expect(device.source).toMatch(/\w+ .*\w/);
  });

  // With sparsity a datasheet's figure doubles: dense rates of one device stand in fixed ratios.
  const tensorCores = deviceCatalogue.filter(({ tf32Tflops }) => tf32Tflops > 0);

  it.each(tensorCores)('$name: half precision runs at twice the rate of tf32', (device) => {
    expect(device.halfTflops / device.tf32Tflops).toBeGreaterThan(1.9);
    expect(device.halfTflops / device.tf32Tflops).toBeLessThan(2.1);
  });

  it.each(tensorCores.filter(({ fp8Tflops }) => fp8Tflops > 0))('$name: fp8 runs at twice half', (device) => {
    expect(device.fp8Tflops / device.halfTflops).toBeGreaterThan(1.9);
    expect(device.fp8Tflops / device.halfTflops).toBeLessThan(2.1);
  });

  it.each(['A10', 'A40', 'L4', 'L40S', 'RTX A6000', 'RTX 6000 Ada'])(
    '%s: half precision runs at four times fp32; with sparsity it would be eight times',
    (name) => expect(named(name).halfTflops / named(name).fp32Tflops).toBeCloseTo(4, 0),
  );

  it('keeps to what datasheets print without sparsity', () => {
    expect(named('H100 SXM').halfTflops).toBe(989);
    expect(named('H200 SXM').fp8Tflops).toBe(1979);
    expect(named('A100 SXM 80GB').tf32Tflops).toBe(156);
    expect(named('L40').halfTflops).toBe(181);
  });

  it('runs half precision of consumer cards with fp32 accumulation at twice the fp32 rate', () => {
    for (const name of ['RTX 3060', 'RTX 3080', 'RTX 3090', 'RTX 4080', 'RTX 4090', 'RTX 5090']) {
      expect(named(name).halfTflops / named(name).fp32Tflops).toBeCloseTo(2, 1);
    }
  });

  it('knows which devices have no bf16', () => {
    expect(deviceCatalogue.filter(({ hasBf16 }) => !hasBf16).map(({ name }) => name)).toEqual([
      'T4',
      'V100 SXM2 16GB',
      'V100 SXM2 32GB',
    ]);
  });

  it('halves the card for one die of an MI250X', () => {
    const die = named('MI250X (one die)');
    expect([2 * die.memoryBytes, 2 * die.halfTflops, 2 * die.memoryGBPerS]).toEqual([
      128 * 1024 ** 3,
      383,
      3276,
    ]);
  });

  it('finds a device whatever the case of its name', () => {
    expect(findDevice(' a100 sxm 80gb ')?.name).toBe('A100 SXM 80GB');
    expect(findDevice('my toaster')).toBeUndefined();
  });
});

test('links: peers of a kind use their own link, others the slower host link', () => {
  const [a100, t4] = [named('A100 SXM 80GB'), named('T4')];
  const table = linkTable([a100, a100, t4].map((spec, i) => ({ id: `gpu${i}`, spec })));
  const at = (from: number, to: number): number => table.bytesPerMs[from * 4 + to] / 1e6;
  expect(at(0, 1)).toBe(a100.peerLinkGBPerS);
  expect(at(0, 2)).toBe(t4.hostLinkGBPerS);
  expect(at(3, 0)).toBe(a100.hostLinkGBPerS);
  expect(at(1, 1)).toBe(0);
});
