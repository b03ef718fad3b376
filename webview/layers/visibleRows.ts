import type { LayerRow } from '../../planner-core/session/types';
import { rowKey, type LayerTree } from '../state/layerTree';

/** Levels are opened by default while the table stays about this long. */
const comfortableRows = 24;

/** Modules open by default: level by level from the top, as long as the table stays short; the first level always. */
export function defaultExpanded({ layers, children, roots }: LayerTree): string[] {
  const expanded: string[] = [];
  let level = roots.filter((row) => children[row].length > 0);
  let shown = roots.length;
  while (level.length > 0) {
    const added = level.reduce((sum, row) => sum + children[row].length, 0);
    if (expanded.length > 0 && shown + added > comfortableRows) break;
    shown += added;
    expanded.push(...level.map((row) => rowKey(layers[row])));
    level = level.flatMap((row) => children[row].filter((child) => children[child].length > 0));
  }
  return expanded;
}

/** Rows of the table from top to bottom when the modules in `expanded` are open. */
export function expandedRows(
  { layers, children, roots }: LayerTree,
  expanded: ReadonlySet<string>,
): number[] {
  const rows: number[] = [];
  const visit = (row: number): void => {
    rows.push(row);
    if (expanded.has(rowKey(layers[row]))) children[row].forEach(visit);
  };
  roots.forEach(visit);
  return rows;
}

/** Rows that match and the modules they are in, whatever is open. */
export function filteredRows({ layers }: LayerTree, matches: (row: LayerRow) => boolean): number[] {
  const wanted = new Uint8Array(layers.length);
  for (const row of layers) {
    if (!matches(row)) continue;
    for (let at = row.id; at >= 0 && !wanted[at]; at = layers[at].parent) wanted[at] = 1;
  }
  return layers.flatMap(({ id }) => (wanted[id] ? [id] : []));
}
