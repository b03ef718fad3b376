import { foldAlike } from '../base/foldAlike';
import { formatDuration, formatMemory } from '../base/format';
import type { Profile } from '../session/profile';
import type { Workload } from '../step/workload';
import { table } from './output';

/** Rows of the table: more are in the JSON. */
const mostRows = 10;

/**
 * The modules that keep most, those that are alike but for a number in one row, by what they keep together, or in
 * inference by their time together. A module counts without its submodules.
 */
export function heaviestModules(modules: Profile['modules'], mode: Workload['mode'] = 'training'): string {
  const isTraining = mode === 'training';
  const rows = foldAlike(
    Object.entries(modules).map(([name, totals]) => ({ name, ...totals })),
    ({ savedBytes, timeMs, bound }) => [formatMemory(savedBytes), formatDuration(timeMs), bound].join(),
  )
    .map(({ text, items }) => ({
      text,
      items,
      savedBytes: items.reduce((sum, item) => sum + item.savedBytes, 0),
      timeMs: items.reduce((sum, item) => sum + item.timeMs, 0),
    }))
    .sort((a, b) => (isTraining ? b.savedBytes - a.savedBytes : b.timeMs - a.timeMs))
    .slice(0, mostRows);
  return table([
    [
      'modules without submodules',
      'number',
      ...(isTraining ? ['kept', 'of each'] : []),
      'time',
      'of each',
      'bound by',
    ],
    ...rows.map(({ text, items, savedBytes, timeMs }) => [
      text,
      String(items.length),
      ...(isTraining ? [formatMemory(savedBytes), formatMemory(items[0].savedBytes)] : []),
      formatDuration(timeMs),
      formatDuration(items[0].timeMs),
      items[0].bound,
    ]),
  ]);
}
