import { formatDuration } from '../base/format';
import type { Calibration } from '../devices/calibration';
import { startingEfficiency, workClasses } from '../devices/efficiency';
import { table } from './output';

/** What was fitted beside the starting points, and how far the measurements lie from the fit. */
export function calibrationSummary({ classes, launchMs }: Calibration): string {
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
