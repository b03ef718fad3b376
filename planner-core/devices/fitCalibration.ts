import { calibrated, calibrationFormat, type Calibration, type ClassCalibration } from './calibration';
import type { DeviceSpec } from './catalogue';
import { startingLaunchMs, workClasses, type WorkClass } from './efficiency';
import type { Sample } from './measurements';
import { nonNegativeLeastSquares } from './nonNegativeLeastSquares';
import { idealComputeMs, idealMemoryMs, rooflineCost, uncalibrated, type DeviceTiming } from './roofline';

/** The launch time is fitted where at least one sample is this much like a launch; it is lost in larger ones. */
const smallMs = 20 * startingLaunchMs;

/** Which samples are bound by what settles within a few rounds; where it does not, the best round counts. */
const maxRounds = 20;

/** Sums of squares this close are equally good: what is fitted is preferred, because it says more. */
const tieError = 1e-12;

/**
 * The shares of a device's peaks under which the roofline comes closest to the measured times: non-negative least
 * squares on (arithmetic time at peak, traffic time at full bandwidth, launches), one pair of unknowns a class and one
 * launch time for all, with errors relative to each sample's time. Of a sample only the term that bounds it counts, as
 * in the roofline; which one that is follows from the shares, so both are found in turns. Shares that no sample is bound
 * by are left out. Deterministic.
 */
export function fitCalibration(
  device: DeviceSpec,
  samples: readonly Sample[],
  provenance: string,
): Calibration {
  const start = uncalibrated(device);
  const errorOf = (timing: DeviceTiming): number =>
    samples.reduce((sum, sample) => sum + (ratioOf(sample, timing) - 1) ** 2, 0);
  // The starting point counts as a fit, so that no calibration is worse than none.
  let best: Calibration = { format: calibrationFormat, device: device.name, classes: {}, provenance };
  let leastError = errorOf(start);
  let timing = start;
  let assignment = '';
  for (let round = 0; round < maxRounds; round++) {
    const isComputeBound = samples.map((sample) => computeBound(sample, timing));
    const next = isComputeBound.map(Number).join('');
    if (next === assignment) break;
    assignment = next;
    const calibration = fitAssigned(device, samples, isComputeBound, provenance);
    timing = calibrated(start, calibration);
    const error = errorOf(timing);
    if (error > leastError + tieError) continue;
    best = calibration;
    leastError = error;
  }
  return withSpread(best, samples, calibrated(start, best));
}

function computeBound(sample: Sample, { spec, efficiency }: DeviceTiming): boolean {
  const { compute, memory } = efficiency[sample.workClass];
  return idealComputeMs(sample, spec) / compute > idealMemoryMs(sample, spec) / memory;
}

/** Fitted over measured time. */
const ratioOf = (sample: Sample, timing: DeviceTiming): number =>
  rooflineCost(sample, timing).durationMs / sample.ms;

function fitAssigned(
  device: DeviceSpec,
  samples: readonly Sample[],
  isComputeBound: readonly boolean[],
  provenance: string,
): Calibration {
  const columnOf = (i: number): number =>
    2 * workClasses.indexOf(samples[i].workClass) + Number(isComputeBound[i]);
  const columns = [...new Set(samples.map((_, i) => columnOf(i)))].sort((a, b) => a - b);
  const fitsLaunch = samples.some(({ ms }) => ms < smallMs);
  const rows = samples.map((sample, i) => {
    const idealMs = isComputeBound[i] ? idealComputeMs(sample, device) : idealMemoryMs(sample, device);
    const row = columns.map((column) => (column === columnOf(i) ? idealMs / sample.ms : 0));
    return fitsLaunch ? [...row, (sample.launches ?? 1) / sample.ms] : row;
  });
  const knownMs = (sample: Sample): number => (fitsLaunch ? 0 : (sample.launches ?? 1) * startingLaunchMs);
  const solution = nonNegativeLeastSquares(
    rows,
    samples.map((sample) => 1 - knownMs(sample) / sample.ms),
  );
  const classes: Partial<Record<WorkClass, ClassCalibration>> = {};
  columns.forEach((column, i) => {
    // Time per ideal time; 0 where the launches explain all of it, which says nothing about the share.
    if (solution[i] <= 0) return;
    const name = workClasses[Math.floor(column / 2)];
    classes[name] = { ...classes[name], [column % 2 ? 'compute' : 'memory']: 1 / solution[i] };
  });
  const launchMs = fitsLaunch ? { launchMs: solution[columns.length] } : {};
  return { format: calibrationFormat, device: device.name, ...launchMs, classes, provenance };
}

/** Adds to every class how far its samples lie from the fit. */
function withSpread(calibration: Calibration, samples: readonly Sample[], timing: DeviceTiming): Calibration {
  const classes: Partial<Record<WorkClass, ClassCalibration>> = { ...calibration.classes };
  for (const name of workClasses) {
    const ratios = samples
      .filter(({ workClass }) => workClass === name)
      .map((sample) => 1 / ratioOf(sample, timing))
      .sort((a, b) => a - b);
    if (ratios.length === 0) continue;
    const timeRatio = [quantile(ratios, 0.1), quantile(ratios, 0.9)] as const;
    classes[name] = { ...classes[name], samples: ratios.length, timeRatio };
  }
  return { ...calibration, classes };
}

/** Linear between the sorted values. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
