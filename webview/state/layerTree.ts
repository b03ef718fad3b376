import type { Target } from '../../planner-core/plan/planInputs';
import type { LayerRow, StepView } from '../../planner-core/session/types';

/** Identity of a row that survives a new workload, unlike its index. */
export const rowKey = ({ kind, name }: Pick<LayerRow, 'kind' | 'name'>): string => `${kind} ${name}`;

/** The key of an operator's row. */
export const operatorKey = (name: string): string => rowKey({ kind: 'operator', name });

export const targetOf = (row: LayerRow): Target => ({ target: row.name, kind: row.kind });

/** A layer of a list is only a number: the list's name belongs to it (`h.3`). */
export function displayLabel({ label, name }: LayerRow): string {
  return /^\d+$/.test(label) ? name.split('.').slice(-2).join('.') : label;
}

/** Lookups over the layer tree, built once for each step. */
export interface LayerTree {
  readonly layers: readonly LayerRow[];
  readonly depth: Uint16Array;
  readonly children: readonly (readonly number[])[];
  readonly roots: readonly number[];
  /** `rowKey` of each row, and the way back. */
  readonly keys: readonly string[];
  readonly byKey: ReadonlyMap<string, number>;
  /** Operator row a node belongs to: its forward, and its backward through the operator; -1 for loss and optimizer. */
  readonly rowOfNode: Int32Array;
  readonly totalSavedBytes: number;
  readonly totalMs: number;
  readonly largestOperatorSavedBytes: number;
  readonly largestOperatorMs: number;
}

export function layerTree({ layers, step }: StepView): LayerTree {
  const depth = new Uint16Array(layers.length);
  const children: number[][] = layers.map(() => []);
  const roots: number[] = [];
  const keys = layers.map(rowKey);
  const byKey = new Map(keys.map((key, row) => [key, row]));
  const rowOfOperator = new Map<number, number>();
  let largestOperatorSavedBytes = 0;
  let largestOperatorMs = 0;
  for (const row of layers) {
    if (row.parent < 0) roots.push(row.id);
    else {
      depth[row.id] = depth[row.parent] + 1;
      children[row.parent].push(row.id);
    }
    if (row.kind !== 'operator') continue;
    for (const node of row.forwardNodes) rowOfOperator.set(step.nodeOperator[node], row.id);
    largestOperatorSavedBytes = Math.max(largestOperatorSavedBytes, row.savedBytes);
    largestOperatorMs = Math.max(largestOperatorMs, row.forwardMs + row.backwardMs);
  }
  const rowOfNode = Int32Array.from({ length: step.nodeCount }, (_, node) => {
    const operator = step.nodeOperator[node];
    return operator < 0 ? -1 : (rowOfOperator.get(operator) ?? -1);
  });
  const sum = (of: (row: LayerRow) => number): number =>
    roots.reduce((total, row) => total + of(layers[row]), 0);
  return {
    layers,
    depth,
    children,
    roots,
    keys,
    byKey,
    rowOfNode,
    totalSavedBytes: sum((row) => row.savedBytes),
    totalMs: sum((row) => row.forwardMs + row.backwardMs),
    largestOperatorSavedBytes,
    largestOperatorMs,
  };
}

/** A row and everything in it. */
export function rowsInside(tree: LayerTree, row: number): number[] {
  return [row, ...tree.children[row].flatMap((child) => rowsInside(tree, child))];
}

/** Rows that differ only in the numbers of their path: `h.0.mlp` and `h.7.mlp`. Includes the row itself. */
export function alikeRows(layers: readonly LayerRow[], row: LayerRow): LayerRow[] {
  const shape = (candidate: LayerRow): string =>
    `${rowKey(candidate).replace(/\d+/g, '#')} ${candidate.type}`;
  const wanted = shape(row);
  return layers.filter((candidate) => shape(candidate) === wanted);
}

/** Rows by key; keys of layers that are no longer there are left out. */
export function rowsOfKeys({ layers, byKey }: LayerTree, keys: readonly string[]): LayerRow[] {
  return keys.flatMap((key) => layers[byKey.get(key) ?? -1] ?? []);
}

/** All nodes, forward and backward, of the operators in rows given by key. */
export function nodesOfRows(tree: LayerTree, keys: readonly string[]): Set<number> {
  const nodes = new Set<number>();
  const wanted = new Set(rowsOfKeys(tree, keys).map((row) => row.id));
  if (wanted.size === 0) return nodes;
  // Parents come before their children.
  const inside = tree.layers.map(() => false);
  for (const { id, parent } of tree.layers) inside[id] = wanted.has(id) || (parent >= 0 && inside[parent]);
  tree.rowOfNode.forEach((row, node) => {
    if (row >= 0 && inside[row]) nodes.add(node);
  });
  return nodes;
}
