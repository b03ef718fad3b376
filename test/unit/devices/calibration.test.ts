import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../planner-core/base/errors';
import {
  calibrated,
  calibrationHash,
  calibrationText,
  parseCalibration,
  type Calibration,
} from '../../../planner-core/devices/calibration';
import { findDevice } from '../../../planner-core/devices/catalogue';
import { startingEfficiency, startingLaunchMs } from '../../../planner-core/devices/efficiency';
import { fitCalibration } from '../../../planner-core/devices/fitCalibration';
import { parseMeasurements, type Sample } from '../../../planner-core/devices/measurements';
import { rooflineCost, uncalibrated, type DeviceTiming } from '../../../planner-core/devices/roofline';

const l4 = findDevice('L4')!;
const example: Calibration = {
  format: 'headroom-calibration/1',
  device: 'L4',
  launchMs: 0.004,
  memoryEfficiency: 0.75,
  classes: { gemm: { compute: 0.55, samples: 3, timeRatio: [0.9, 1.1] }, elementwise: { memory: 0.81 } },
  usableMemoryBytes: 23_000_000_000,
  provenance: 'by hand',
};

const failure = (run: () => unknown): HeadroomError => {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof HeadroomError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
};

describe('a calibration file', () => {
  it('is read as it was written', () => {
    expect(parseCalibration(calibrationText(example))).toEqual(example);
    expect(calibrationText(parseCalibration(calibrationText(example)))).toBe(calibrationText(example));
  });

  it.each<[place: string, change: Record<string, unknown>]>([
    ['format', { format: 'headroom-calibration/9' }],
    ['device', { device: 'my toaster' }],
    ['launchMs', { launchMs: -1 }],
    ['memoryEfficiency', { memoryEfficiency: 0 }],
    ['classes.gemm.compute', { classes: { gemm: { compute: 'fast' } } }],
    ['classes.gemm.timeRatio', { classes: { gemm: { timeRatio: [2, 1] } } }],
    ['classes.gemm.speed', { classes: { gemm: { speed: 1 } } }],
    ['classes.toast', { classes: { toast: {} } }],
    ['usableMemoryBytes', { usableMemoryBytes: 1.5 }],
    ['provenance', { provenance: undefined }],
    ['author', { author: 'me' }],
  ])('is refused for a wrong %s, by name', (place, change) => {
    const error = failure(() => parseCalibration(JSON.stringify({ ...example, ...change })));
    expect(error.code).toBe('bad-calibration');
    expect(error.message).toContain(`calibration's ${place} `);
  });

  it('is refused when it is no JSON', () => {
    expect(failure(() => parseCalibration('{')).code).toBe('bad-calibration');
  });

  it('has a hash that changes with its numbers and not with their order', () => {
    const { format, device, ...rest } = example;
    expect(calibrationHash({ ...rest, device, format })).toBe(calibrationHash(example));
    expect(calibrationHash({ ...example, launchMs: 0.0041 })).not.toBe(calibrationHash(example));
    expect(calibrationHash(example)).toMatch(/^[0-9a-f]{8}$/);
  });

  it('replaces what it names and leaves the rest', () => {
    const { efficiency, launchMs } = calibrated(uncalibrated(l4), example);
    expect(launchMs).toBe(0.004);
    expect(efficiency.gemm).toEqual({ compute: 0.55, memory: 0.75 });
    expect(efficiency.elementwise.memory).toBe(0.81);
    expect(efficiency.attention.compute).toBe(startingEfficiency.attention.compute);
  });
});

describe('a measurements file', () => {
  it('names a class or an operator', () => {
    const samples = parseMeasurements(
      JSON.stringify([
        { class: 'pooling', macs: 0, bytes: 1e6, ms: 0.1 },
        { operator: 'MatMul', macs: 1e9, bytes: 1e6, ms: 1, precision: 'bf16', product: [1000, 1000, 1000] },
        { operator: 'Softmax', macs: 0, bytes: 1e6, ms: 0.1, launches: 2 },
        { operator: 'Conv', macs: 1e9, bytes: 1e6, ms: 0.1 },
      ]),
    );
    expect(samples.map(({ workClass, rate }) => [workClass, rate])).toEqual([
      ['pooling', 'fp32'],
      ['gemm', 'bf16'],
      ['normalization', 'fp32'],
      ['convolution', 'tf32'],
    ]);
    expect(samples[1].products).toEqual([{ rows: 1000, columns: 1000, inner: 1000, batch: 1 }]);
    expect(samples[2].launches).toBe(2);
  });

  const entry = { class: 'gemm', macs: 1, bytes: 1, ms: 1 };
  it.each<[place: string, entries: unknown]>([
    ['file', []],
    ['file', { samples: [] }],
    ['[1].ms', [entry, { ...entry, ms: 0 }]],
    ['[0].bytes', [{ ...entry, bytes: 'many' }]],
    ['[0] ', [{ ...entry, operator: 'MatMul' }]],
    ['[0] ', [{ macs: 1, bytes: 1, ms: 1 }]],
    ['[0] ', [{ ...entry, macs: 0, bytes: 0 }]],
    ['[0].product', [{ ...entry, product: [1, 2] }]],
    ['[0].precision', [{ ...entry, precision: 'fp7' }]],
  ])('is refused at %s', (place, entries) => {
    const error = failure(() => parseMeasurements(JSON.stringify(entries)));
    expect(error.code).toBe('bad-calibration');
    expect(error.message).toContain(place);
  });
});

describe('fitCalibration', () => {
  const gemm = (size: number): Omit<Sample, 'ms'> => ({
    workClass: 'gemm',
    macs: size ** 3,
    trafficBytes: 6 * size ** 2,
    rate: 'bf16',
  });
  const copy = (bytes: number): Omit<Sample, 'ms'> => ({
    workClass: 'elementwise',
    macs: 0,
    trafficBytes: bytes,
    rate: 'fp32',
  });
  const works = [16, 256, 1024, 2048, 4096].map(gemm).concat([1e3, 1e6, 1e7, 1e8, 1e9].map(copy));
  const measured = (timing: DeviceTiming, noise = (_: number): number => 1): Sample[] =>
    works.map((work, i) => ({ ...work, ms: rooflineCost(work, timing).durationMs * noise(i) }));
  const share = fc.double({ min: 0.2, max: 1, noNaN: true });

  it('finds the shares that made the times', () => {
    fc.assert(
      fc.property(
        share,
        share,
        fc.double({ min: 0.001, max: 0.02, noNaN: true }),
        (compute, memory, launchMs) => {
          const truth: DeviceTiming = {
            spec: l4,
            efficiency: {
              ...startingEfficiency,
              gemm: { ...startingEfficiency.gemm, compute },
              elementwise: { compute: 1, memory },
            },
            launchMs,
          };
          const fit = fitCalibration(l4, measured(truth), 'test');
          expect(fit.classes.gemm?.compute).toBeCloseTo(compute, 3);
          expect(fit.classes.elementwise?.memory).toBeCloseTo(memory, 3);
          expect(fit.launchMs).toBeCloseTo(launchMs, 5);
        },
      ),
    );
  });

  it('stays close under noise and says how far the samples spread', () => {
    const truth = { ...uncalibrated(l4), launchMs: 0.006 };
    const fit = fitCalibration(
      l4,
      measured(truth, (i) => (i % 2 ? 1.08 : 0.92)),
      'test',
    );
    expect(fit.classes.gemm!.compute! / startingEfficiency.gemm.compute).toBeGreaterThan(0.85);
    expect(fit.classes.gemm!.compute! / startingEfficiency.gemm.compute).toBeLessThan(1.15);
    const [low, high] = fit.classes.elementwise!.timeRatio!;
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(1);
    expect(high / low).toBeLessThan(1.4);
    expect(fit.classes.elementwise!.samples).toBe(5);
  });

  it('never fits worse than the starting point', () => {
    const factor = fc.double({ min: 0.3, max: 3, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(factor, { minLength: works.length, maxLength: works.length }),
        share,
        (noise, compute) => {
          const start = uncalibrated(l4);
          const truth = {
            ...start,
            efficiency: { ...start.efficiency, gemm: { ...start.efficiency.gemm, compute } },
          };
          const samples = measured(truth, (i) => noise[i]);
          const error = (timing: DeviceTiming): number =>
            samples.reduce((sum, s) => sum + (rooflineCost(s, timing).durationMs / s.ms - 1) ** 2, 0);
          const fit = fitCalibration(l4, samples, 'test');
          expect(error(calibrated(start, fit))).toBeLessThanOrEqual(error(start) * (1 + 1e-9) + 1e-12);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes the launch time as it is where no sample is small', () => {
    const large = measured(uncalibrated(l4)).filter(({ ms }) => ms > 1);
    const fit = fitCalibration(l4, large, 'test');
    expect(fit.launchMs).toBeUndefined();
    expect(calibrated(uncalibrated(l4), fit).launchMs).toBe(startingLaunchMs);
  });

  it('says nothing about classes that were not measured', () => {
    const fit = fitCalibration(l4, measured(uncalibrated(l4)), 'test');
    expect(Object.keys(fit.classes).sort()).toEqual(['elementwise', 'gemm']);
    expect(fit.classes.elementwise?.compute).toBeUndefined();
  });
});

it('the examples of the documentation are valid', () => {
  const readme = readFileSync(
    path.resolve(import.meta.dirname, '../../../planner-core/devices/README.md'),
    'utf8',
  );
  const [calibrationExample, measurementsExample] = [...readme.matchAll(/```json\n([^`]*)```/g)].map(
    ([, text]) => text,
  );
  expect(parseCalibration(calibrationExample).classes.gemm?.compute).toBe(0.74);
  expect(parseMeasurements(measurementsExample)).toHaveLength(2);
});
