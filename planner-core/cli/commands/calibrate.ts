import { basename } from 'node:path';
import { calibrationText } from '../../devices/calibration';
import { deviceNamed } from '../../devices/catalogue';
import { fitCalibration } from '../../devices/fitCalibration';
import { parseMeasurements } from '../../devices/measurements';
import { calibrationSummary } from '../calibrationText';
import { inFile, readTextFile } from '../namedFile';
import { badUsage, type Options } from '../options';
import { message, result, writeWhole } from '../output';

/** `headroom calibrate`: shares of a device's peaks from measured times. Without --out the calibration is printed. */
export function calibrate(path: string, options: Options): Promise<number> {
  const [name, ...others] = options.device ?? [];
  if (name === undefined || others.length > 0) throw badUsage('calibrate needs one --device NAME.');
  const device = deviceNamed(name);
  if (/\.(csv|gz)$/.test(path))
    throw badUsage(
      `calibrate takes a list of computations as JSON, and ${path} is none.`,
      'For a table of layers or a trace: headroom measure MODEL FILE --calibrate.',
    );
  const samples = inFile(path, () => parseMeasurements(readTextFile(path)));
  const count = samples.length === 1 ? '1 measurement' : `${samples.length} measurements`;
  const calibration = fitCalibration(device, samples, `${count} of ${basename(path)}`);
  const text = calibrationText(calibration);
  if (options.out) {
    writeWhole(options.out, text);
    message(`wrote ${options.out}`);
  }
  result(options.json || !options.out ? text : calibrationSummary(calibration));
  return Promise.resolve(0);
}
