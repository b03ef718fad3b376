import type { LayerTree } from '../state/layerTree';

/** A module that has a colour and a name of its own in the lanes. */
export interface ModuleUnits {
  /** Rows of the layer tree, in order of execution. */
  readonly rows: readonly number[];
  /** By node: index into `rows`; -1 for what belongs to none (loss, optimizer). */
  readonly ofNode: Int32Array;
}

const mostUnits = 24;
/** A module that takes more of the time than this says too little: its children are shown instead. */
const mostShare = 0.34;

/** The modules worth telling apart: largest first, modules are replaced by their children while there is room. */
export function moduleUnits({ layers, children, roots, rowOfNode, totalMs }: LayerTree): ModuleUnits {
  const timeOf = (row: number): number => layers[row].forwardMs + layers[row].backwardMs;
  let rows = [...roots];
  for (;;) {
    const largest = rows
      .filter((row) => children[row].length > 0)
      .reduce((most, row) => (most < 0 || timeOf(row) > timeOf(most) ? row : most), -1);
    if (largest < 0) break;
    const isLarge = rows.length === 1 || timeOf(largest) > mostShare * totalMs;
    if (!isLarge || rows.length - 1 + children[largest].length > mostUnits) break;
    rows = rows.flatMap((row) => (row === largest ? children[row] : [row]));
  }
  const unitOfRow = new Int32Array(layers.length).fill(-1);
  rows.forEach((row, unit) => (unitOfRow[row] = unit));
  // Parents come before their children.
  for (const { id, parent } of layers)
    if (unitOfRow[id] < 0 && parent >= 0) unitOfRow[id] = unitOfRow[parent];
  return { rows, ofNode: rowOfNode.map((row) => (row < 0 ? -1 : unitOfRow[row])) };
}
