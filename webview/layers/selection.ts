/** How a click or key changes the selection: alone, one more or less (Ctrl), or everything up to there (Shift). */
export type SelectMode = 'only' | 'toggle' | 'range';

/**
 * The new selection. Its last entry is the active row, its first the anchor that ranges start from.
 * `order` are the keys of the table from top to bottom.
 */
export function changedSelection(
  selected: readonly string[],
  key: string,
  mode: SelectMode,
  order: readonly string[],
): string[] {
  if (mode === 'toggle') {
    return selected.includes(key) ? selected.filter((other) => other !== key) : [...selected, key];
  }
  const anchor = selected.at(0);
  const from = anchor === undefined ? -1 : order.indexOf(anchor);
  const to = order.indexOf(key);
  if (mode === 'only' || from < 0 || to < 0) return [key];
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return from <= to ? range : range.reverse();
}
