import { HeadroomError } from '../base/errors';
import { jsonChecks, type Check, type Checks, type Complaint } from '../base/jsonChecks';
import { StructuralHash } from '../graph/structuralHash';
import { findDevice } from './catalogue';
import { workClasses, type Efficiency, type WorkClass } from './efficiency';
import type { DeviceTiming } from './roofline';

export const calibrationFormat = 'headroom-calibration/1';

/** What kernels of one class reach on the device. */
export interface ClassCalibration {
  /** Share of the dense arithmetic peak; absent: the starting point. */
  readonly compute?: number;
  /** Share of the memory bandwidth; absent: `memoryEfficiency`. */
  readonly memory?: number;
  /** Measurements the shares were fitted to. */
  readonly samples?: number;
  /** Measured over fitted time: the 10th and the 90th percentile of those measurements. */
  readonly timeRatio?: readonly [low: number, high: number];
}

/** What a device reaches, measured or entered by hand: a JSON file people may edit. */
export interface Calibration {
  readonly format: typeof calibrationFormat;
  /** Name in the device catalogue. */
  readonly device: string;
  /** Time to issue one kernel; absent: the starting point. */
  readonly launchMs?: number;
  /** Share of the memory bandwidth for classes that name none; absent: each class's starting point. */
  readonly memoryEfficiency?: number;
  readonly classes: Partial<Readonly<Record<WorkClass, ClassCalibration>>>;
  /** What the framework can allocate, where it is less than the catalogue says. */
  readonly usableMemoryBytes?: number;
  /** Where the numbers come from, in words. */
  readonly provenance: string;
}

/** A calibration with the base name of its file. */
export interface NamedCalibration {
  readonly file: string;
  readonly calibration: Calibration;
}

/** A check of a parsed calibration, wherever it lies; throws what `complain` makes of the first place that is wrong. */
export function calibrationChecks(complain: Complaint): Check<Calibration> {
  const { nonEmpty, string, amount, positive, count, oneOf, listOf, objectOf } = jsonChecks(complain);
  const ratios: Check<readonly [number, number]> = (value, path) => {
    const [low, high, ...rest] = listOf(positive)(value, path);
    if (high === undefined || rest.length > 0) throw complain(path, 'is no pair of numbers');
    if (low > high) throw complain(path, `runs from ${low} down to ${high}`);
    return [low, high];
  };
  const device: Check<string> = (value, path) => {
    const known = findDevice(nonEmpty(value, path));
    if (!known) throw complain(path, `is ${JSON.stringify(value)}, which the device catalogue lacks`);
    return known.name;
  };
  const ofClass = objectOf<ClassCalibration>(
    { compute: positive, memory: positive, samples: count, timeRatio: ratios },
    ['compute', 'memory', 'samples', 'timeRatio'],
  );
  const ofClasses = Object.fromEntries(workClasses.map((name) => [name, ofClass]));
  return objectOf<Calibration>(
    {
      format: oneOf([calibrationFormat]),
      device,
      launchMs: amount,
      memoryEfficiency: positive,
      classes: objectOf(ofClasses as Checks<Calibration['classes']>, workClasses),
      usableMemoryBytes: count,
      provenance: string,
    },
    ['launchMs', 'memoryEfficiency', 'usableMemoryBytes'],
  );
}

const complain: Complaint = (path, what) =>
  new HeadroomError(
    'bad-calibration',
    `${path === '' ? 'The calibration' : `The calibration's ${path}`} ${what}.`,
    'The format is described in planner-core/devices/README.md.',
  );

/** Reads a calibration file. Throws 'bad-calibration' naming the first place that is wrong. */
export const parseCalibration = (text: string): Calibration =>
  calibrationChecks(complain)(jsonChecks(complain).parsed(text), '');

/** The calibration as the text of its file; the same calibration always gives the same bytes. */
export function calibrationText(calibration: Calibration): string {
  return `${JSON.stringify(orderedCalibration(calibration), undefined, 2)}\n`;
}

/** Eight hexadecimal digits that change with any number in the calibration. */
export function calibrationHash(calibration: Calibration): string {
  const hash = new StructuralHash();
  hash.text(JSON.stringify(orderedCalibration(calibration)));
  return hash.digest().slice(0, 8);
}

/** Keys in the order of the format, classes in the order of the table. */
export function orderedCalibration(calibration: Calibration): Calibration {
  const { device, launchMs, memoryEfficiency, classes, usableMemoryBytes, provenance } = calibration;
  return {
    format: calibrationFormat,
    device,
    launchMs,
    memoryEfficiency,
    classes: Object.fromEntries(
      workClasses.flatMap((name) => {
        const found = classes[name];
        if (!found) return [];
        const { compute, memory, samples, timeRatio } = found;
        return [[name, { compute, memory, samples, timeRatio }]];
      }),
    ),
    usableMemoryBytes,
    provenance,
  };
}

/** The device as its calibration says; what that leaves open stays as it was. */
export function calibrated(
  timing: DeviceTiming,
  { launchMs, memoryEfficiency, classes }: Calibration,
): DeviceTiming {
  const share = (name: WorkClass): Efficiency => ({
    compute: classes[name]?.compute ?? timing.efficiency[name].compute,
    memory: classes[name]?.memory ?? memoryEfficiency ?? timing.efficiency[name].memory,
  });
  return {
    spec: timing.spec,
    efficiency: Object.fromEntries(
      workClasses.map((name) => [name, share(name)]),
    ) as DeviceTiming['efficiency'],
    launchMs: launchMs ?? timing.launchMs,
  };
}
