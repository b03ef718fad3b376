import { basename } from 'node:path';
import { formatDuration } from '../../base/format';
import { calibrationText, type Calibration } from '../../devices/calibration';
import { deviceNamed } from '../../devices/catalogue';
import { startingEfficiency, workClasses } from '../../devices/efficiency';
import { fitCalibration } from '../../devices/fitCalibration';
import { parseMeasurements } from '../../devices/measurements';
import { inFile } from '../calibrationOption';
import { badUsage, type Options } from '../options';
import { message, result, table, writeWhole } from '../output';
import { readTextFile } from '../textFile';

/** `headroom calibrate`: shares of a device's peaks from measured times. Without --out the calibration is printed. */
export function calibrate(path: string, options: Options): Promise<number> {
  const [name, ...others] = options.device ?? [];
  if (name === undefined || others.length > 0) throw badUsage('calibrate needs one --device NAME.');
  const device = deviceNamed(name);
  const samples = inFile(path, () => parseMeasurements(readTextFile(path, 'a measurements file')));
  const count = samples.length === 1 ? '1 measurement' : `${samples.length} measurements`;
  const calibration = fitCalibration(device, samples, `${count} of ${basename(path)}`);
  const text = calibrationText(calibration);
  if (options.out) {
    writeWhole(options.out, text);
    message(`wrote ${options.out}`);
  }
  result(options.json || !options.out ? text : summary(calibration));
  return Promise.resolve(0);
}

/** What was fitted beside the starting points, and how far the measurements lie from the fit. */
function summary({ classes, launchMs }: Calibration): string {
  const share = (fitted: number | undefined, start: number): string =>
    fitted === undefined ? `(${start})` : fitted.toPrecision(3);
  const rows = workClasses.flatMap((name) => {
    const found = classes[name];
    if (!found) return [];
    const { compute, memory } = startingEfficiency[name];
    const spread = found.timeRatio?.map((ratio) => ratio.toFixed(2)).join('–') ?? '';
    return [
      [name, share(found.compute, compute), share(found.memory, memory), `${found.samples ?? 0}`, spread],
    ];
  });
  const launch = launchMs === undefined ? 'not measured' : formatDuration(launchMs);
  return [
    table([['class', 'of peak', 'of bandwidth', 'samples', 'measured/fitted (10–90 %)'], ...rows]),
    '',
    `launch of a kernel: ${launch}; in brackets: starting points, not measured`,
  ].join('\n');
}
