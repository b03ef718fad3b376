import { calibrationHash } from '../devices/calibration';
import type { PlanInputs } from '../plan/planInputs';

/** What durations rest on, as a sentence: measurements by the name and the hash of their file, or a roofline alone. */
export function timeAssumption({
  calibration: named,
  devices,
}: Pick<PlanInputs, 'calibration' | 'devices'>): string {
  const nothing = 'times from a roofline of the device, nothing measured';
  if (!named) return nothing;
  const { file, calibration } = named;
  const source = `${file} (${calibrationHash(calibration)})`;
  const others = [...new Set(devices.map(({ name }) => name))].filter((name) => name !== calibration.device);
  if (!devices.some(({ name }) => name === calibration.device)) {
    return `${nothing}: the calibration ${source} is for ${calibration.device}`;
  }
  const rest = others.length > 0 ? `; ${others.join(', ')}: a roofline, nothing measured` : '';
  return `times of ${calibration.device} calibrated with ${source}${rest}`;
}
