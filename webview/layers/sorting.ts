import { naturalOrder } from '../../planner-core/base/naturalOrder';
import { measuredMs } from '../ui/measuredText';
import { displayLabel, type LayerTree } from '../state/layerTree';
import type { MeasuredModel } from '../state/measured';
import type { SortColumn, Sorting } from '../state/uiState';

/** Compares two rows of the tree by id, as `Array.sort` wants it. */
export type RowOrder = (a: number, b: number) => number;

/** Names sort from A, numbers from the largest; then the other way round, then the order of the model again. */
export function nextSorting(current: Sorting | undefined, column: SortColumn): Sorting | undefined {
  const first = column === 'layer' ? 'ascending' : 'descending';
  if (current?.column !== column) return { column, direction: first };
  if (current.direction !== first) return undefined;
  return { column, direction: first === 'ascending' ? 'descending' : 'ascending' };
}

/** Rows without a number come last in either direction; rows that are alike stay in the order of the model. */
export function orderOf(
  { layers }: LayerTree,
  sorting: Sorting | undefined,
  measured: MeasuredModel | undefined,
): RowOrder | undefined {
  if (!sorting) return undefined;
  const { column, direction } = sorting;
  const sign = direction === 'ascending' ? 1 : -1;
  if (column === 'layer') {
    return (a, b) => sign * naturalOrder(displayLabel(layers[a]), displayLabel(layers[b])) || a - b;
  }
  const amountOf = (id: number): number => {
    const row = layers[id];
    const found = measured?.layers[id];
    if (column === 'kept') return row.savedBytes;
    if (column === 'time') return row.forwardMs + row.backwardMs;
    if (!found) return NaN;
    return column === 'measured-time' ? measuredMs(found) : found.heldBytes;
  };
  return (a, b) => {
    const [first, second] = [amountOf(a), amountOf(b)];
    const missing = Number(Number.isNaN(first)) - Number(Number.isNaN(second));
    return missing || (Number.isNaN(first) ? 0 : sign * (first - second)) || a - b;
  };
}
