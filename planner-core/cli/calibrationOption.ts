import { basename } from 'node:path';
import { HeadroomError } from '../base/errors';
import { parseCalibration, type NamedCalibration } from '../devices/calibration';
import type { PlanDevice } from '../plan/plan';
import type { Options } from './options';
import { inFile, readTextFile } from './namedFile';

/**
 * The file of `--calibration`; undefined without one. Throws 'bad-calibration' when it is invalid or for none of the
 * devices.
 */
export function calibrationOf(
  options: Options,
  devices: readonly PlanDevice[],
): NamedCalibration | undefined {
  const path = options.calibration;
  if (path === undefined) return undefined;
  const calibration = inFile(path, () => parseCalibration(readTextFile(path)));
  if (!devices.some(({ name }) => name === calibration.device)) {
    throw new HeadroomError(
      'bad-calibration',
      `The calibration is for ${calibration.device}, and there is no such device here.`,
      `Add --device "${calibration.device}", or calibrate ${devices[0].name}.`,
      { file: path },
    );
  }
  return { file: basename(path), calibration };
}
