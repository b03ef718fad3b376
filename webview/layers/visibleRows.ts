import type { LayerRow } from '../../planner-core/session/types';
import type { LayerTree } from '../state/layerTree';
import type { RowOrder } from './sorting';

/** Modules are opened by default while the table stays about this long. */
const comfortableRows = 30;

/** A module that keeps a smaller share of the model than this is not opened by default. */
const leastShare = 0.02;

/** Modules open by default: always the one that keeps most of what is in sight, as long as the table stays short. */
export function defaultExpanded({ layers, keys, children, roots, totalSavedBytes }: LayerTree): string[] {
  const expanded: string[] = [];
  let candidates = roots.filter((row) => children[row].length > 0);
  let shown = roots.length;
  for (;;) {
    let most = -1;
    for (const row of candidates) {
      if (shown + children[row].length > comfortableRows && expanded.length > 0) continue;
      if (most < 0 || layers[row].savedBytes > layers[most].savedBytes) most = row;
    }
    if (most < 0 || layers[most].savedBytes < leastShare * totalSavedBytes) return expanded;
    expanded.push(keys[most]);
    shown += children[most].length;
    candidates = candidates.flatMap((row) =>
      row === most ? children[most].filter((child) => children[child].length > 0) : [row],
    );
  }
}

/** Rows of the table from top to bottom when the modules in `expanded` are open, each module's layers in an order. */
export function expandedRows(
  { keys, children, roots }: LayerTree,
  expanded: ReadonlySet<string>,
  order?: RowOrder,
): number[] {
  const rows: number[] = [];
  const visit = (row: number): void => {
    rows.push(row);
    if (expanded.has(keys[row])) ordered(children[row], order).forEach(visit);
  };
  ordered(roots, order).forEach(visit);
  return rows;
}

/** By row: 1 for rows that match and the modules they are in. */
export function wantedRows({ layers }: LayerTree, matches: (row: LayerRow) => boolean): Uint8Array {
  const wanted = new Uint8Array(layers.length);
  for (const row of layers) {
    if (!matches(row)) continue;
    for (let at = row.id; at >= 0 && !wanted[at]; at = layers[at].parent) wanted[at] = 1;
  }
  return wanted;
}

/** Rows that are wanted, as far as the modules they are in are open. */
export function filteredRows(
  { keys, children, roots }: LayerTree,
  wanted: Uint8Array,
  expanded: ReadonlySet<string>,
  order?: RowOrder,
): number[] {
  const rows: number[] = [];
  const visit = (row: number): void => {
    if (!wanted[row]) return;
    rows.push(row);
    if (expanded.has(keys[row])) ordered(children[row], order).forEach(visit);
  };
  ordered(roots, order).forEach(visit);
  return rows;
}

const ordered = (rows: readonly number[], order: RowOrder | undefined): readonly number[] =>
  order ? [...rows].sort(order) : rows;
