import { foldAlike } from '../base/foldAlike';
import { formatDuration, formatMemory } from '../base/format';
import type { Profile } from '../session/profile';
import { table } from './output';

/** Rows of the table: more are in the JSON. */
const mostRows = 10;

/**
 * The modules that keep most, those that are alike but for a number in one row, by what they keep together. A module counts
 * without its submodules.
 */
export function heaviestModules(modules: Profile['modules']): string {
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
    .sort((a, b) => b.savedBytes - a.savedBytes)
    .slice(0, mostRows);
  return table([
    ['modules without submodules', 'number', 'kept', 'of each', 'time', 'of each', 'bound by'],
    ...rows.map(({ text, items, savedBytes, timeMs }) => [
      text,
      String(items.length),
      formatMemory(savedBytes),
      formatMemory(items[0].savedBytes),
      formatDuration(timeMs),
      formatDuration(items[0].timeMs),
      items[0].bound,
    ]),
  ]);
}
