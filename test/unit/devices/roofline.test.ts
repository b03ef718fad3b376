import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { deviceCatalogue, findDevice, type DeviceSpec } from '../../../planner-core/devices/catalogue';
import { startingEfficiency, startingLaunchMs, workClasses } from '../../../planner-core/devices/efficiency';
import { productMacs, utilisation } from '../../../planner-core/devices/matrixProduct';
import {
  peakTflops,
  rates,
  rooflineCost,
  uncalibrated,
  type Work,
} from '../../../planner-core/devices/roofline';

const a100 = findDevice('A100 SXM 80GB')!;
const onA100 = (work: Partial<Work>) =>
  rooflineCost(
    { workClass: 'elementwise', macs: 0, trafficBytes: 0, rate: 'fp32', ...work },
    uncalibrated(a100),
  );
const size = fc.integer({ min: 1, max: 5000 });
const products = fc.record({
  rows: size,
  columns: size,
  inner: size,
  batch: fc.integer({ min: 1, max: 64 }),
});

test('every class of work has shares above 0 and not above 1', () => {
  for (const workClass of workClasses) {
    const { compute, memory } = startingEfficiency[workClass];
    for (const share of [compute, memory]) {
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThanOrEqual(1);
    }
  }
});

describe('rooflineCost', () => {
  it('takes no time for a computation without work', () => {
    expect(onA100({})).toEqual({ durationMs: 0, bound: 'none' });
  });

  it('counts two operations a multiply-accumulate, and a launch', () => {
    const { durationMs, bound } = onA100({ workClass: 'gemm', macs: 1e12, trafficBytes: 1e9, rate: 'bf16' });
    expect(durationMs).toBeCloseTo(2e12 / (312e9 * startingEfficiency.gemm.compute) + startingLaunchMs, 9);
    expect(bound).toBe('compute');
  });

  it('is bound by memory where traffic takes longer than arithmetic', () => {
    const { durationMs, bound } = onA100({ trafficBytes: 1e9 });
    expect(durationMs).toBeCloseTo(
      1e9 / (2039e6 * startingEfficiency.elementwise.memory) + startingLaunchMs,
      9,
    );
    expect(bound).toBe('memory');
  });

  it('is bound by the launch where there is little to do', () => {
    expect(onA100({ trafficBytes: 1000 }).bound).toBe('launch');
    expect(onA100({ trafficBytes: 1000, launches: 0 }).bound).toBe('memory');
    expect(onA100({ trafficBytes: 1000, launches: 3 }).durationMs).toBeGreaterThan(3 * startingLaunchMs);
  });

  it('never gets faster with more work', () => {
    const amount = fc.double({ min: 0, max: 1e13, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...deviceCatalogue),
        fc.constantFrom(...workClasses),
        fc.constantFrom(...rates),
        amount,
        amount,
        amount,
        (spec, workClass, rate, macs, trafficBytes, more) => {
          const cost = (m: number, t: number): number =>
            rooflineCost({ workClass, rate, macs: m, trafficBytes: t }, uncalibrated(spec)).durationMs;
          const base = cost(macs, trafficBytes);
          expect(base).toBeGreaterThanOrEqual(0);
          expect(cost(macs + more, trafficBytes)).toBeGreaterThanOrEqual(base);
          expect(cost(macs, trafficBytes + more)).toBeGreaterThanOrEqual(base);
        },
      ),
    );
  });
});

describe('peakTflops', () => {
  const order = (device: DeviceSpec): number[] =>
    (['fp32', 'tf32', 'fp16', 'fp8'] as const).map((rate) => peakTflops(device, rate));

  it.each(deviceCatalogue)('$name: a narrower format is never slower', (device) => {
    const peaks = order(device);
    expect(peaks).toEqual([...peaks].sort((a, b) => a - b));
    expect(peaks[0]).toBeGreaterThan(0);
  });

  it('runs bf16 at the fp32 rate where there are no bf16 units', () => {
    const t4 = findDevice('T4')!;
    expect(peakTflops(t4, 'bf16')).toBe(8.1);
    expect(peakTflops(t4, 'fp16')).toBe(65);
  });
});

describe('utilisation', () => {
  const square = (side: number) => ({ rows: side, columns: side, inner: side, batch: 1 });

  it('is nearly full for large products', () => {
    expect(utilisation(square(8192), 108)).toBeGreaterThan(0.94);
  });

  it('falls with one tile more than fits a wave', () => {
    const tiles = (count: number) => ({ rows: 128 * count, columns: 128, inner: 64, batch: 1 });
    expect(utilisation(tiles(108), 108)).toBe(1);
    expect(utilisation(tiles(109), 108)).toBeCloseTo(109 / 216, 12);
    expect(utilisation(tiles(54), 108)).toBe(0.5);
  });

  it('counts the part of a tile that sticks out', () => {
    expect(utilisation({ rows: 129, columns: 128, inner: 64, batch: 1 }, 1)).toBeCloseTo(129 / 256, 12);
  });

  it('shares out a long inner size where tiles are few', () => {
    const few = { rows: 768, columns: 768, inner: 256, batch: 1 };
    expect(utilisation({ ...few, inner: 8192 }, 108)).toBeGreaterThan(2 * utilisation(few, 108));
  });

  it('is a share, and 1 on devices whose units are not modelled', () => {
    fc.assert(
      fc.property(products, fc.integer({ min: 1, max: 400 }), (product, units) => {
        const share = utilisation(product, units);
        expect(share).toBeGreaterThan(0);
        expect(share).toBeLessThanOrEqual(1);
        expect(utilisation(product, 0)).toBe(1);
      }),
    );
  });

  it('slows a product down by what it does not fill', () => {
    const product = { rows: 200, columns: 200, inner: 64, batch: 1 };
    const whole = { workClass: 'gemm', rate: 'bf16', macs: productMacs(product) * 1e6, launches: 0 } as const;
    const filled = onA100(whole).durationMs;
    const small = Array.from({ length: 1000 }, () => product);
    const split = onA100({ ...whole, macs: productMacs(product) * 1000, products: small }).durationMs;
    expect(split * 1000).toBeCloseTo(filled / utilisation(product, a100.multiprocessors), 6);
  });
});
