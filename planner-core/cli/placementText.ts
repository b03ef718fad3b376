import { formatDuration, formatMemory } from '../base/format';
import type { PlacementView } from '../session/types';

/** What several devices do, as rows of a table; none for one device. */
export function placementRows(
  view: PlacementView | undefined,
  devices: readonly { readonly id: string; readonly name?: string; readonly memoryBytes?: number }[],
): [name: string, text: string][] {
  if (!view) return [];
  const { objective, timeMs, boundMs, perDevice, channels, baselines } = view;
  const rows: [string, string][] = [
    [objective === 'throughput' ? 'period' : 'makespan', formatDuration(timeMs)],
  ];
  if (boundMs > 0) {
    const gapPercent = 100 * (timeMs / boundMs - 1);
    rows.push(['proven least', `${formatDuration(boundMs)} (gap ${gapPercent.toFixed(1)} %)`]);
  }
  for (const { device, busyMs, idleMs, peakBytes } of perDevice) {
    const of = devices.find(({ id }) => id === device)?.memoryBytes;
    const memory =
      of === undefined ? formatMemory(peakBytes) : `${formatMemory(peakBytes)} of ${formatMemory(of)}`;
    rows.push([device, `${memory}, busy ${formatDuration(busyMs)}, idle ${formatDuration(idleMs)}`]);
  }
  for (const { name, busyMs, bytes } of channels)
    if (bytes > 0) rows.push([name, `${formatMemory(bytes)} in ${formatDuration(busyMs)}`]);
  for (const { name, timeMs: otherMs, fits } of baselines)
    rows.push([name, `${formatDuration(otherMs)}${fits ? '' : ', does not fit'}`]);
  return rows;
}
