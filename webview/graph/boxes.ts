import { rowKey, type LayerTree } from '../state/layerTree';

/** More boxes than this side by side are put into groups: nobody reads them, and laying them out takes long. */
const mostSiblings = 24;

/** A module, an operator, or a group of neighbours in a module that has many. Index 0 is the whole model. */
export interface Box {
  readonly id: number;
  /** Survives a new workload, unlike the id. */
  readonly key: string;
  readonly parent: number;
  readonly depth: number;
  readonly children: readonly number[];
  /** Rows of the layer tree that it stands for: one, or those of a group. */
  readonly rows: readonly number[];
  readonly isGroup: boolean;
}

/** The boxes of a model, however deep, and the one each operator is in; none of it is laid out yet. */
export interface Boxes {
  readonly all: readonly Box[];
  readonly byKey: ReadonlyMap<string, number>;
  /** By row of the layer tree; -1 for a row that is no box. */
  readonly ofRow: Int32Array;
}

type Draft = { -readonly [K in keyof Box]: Box[K] } & { children: number[] };

/** O(rows). Operators that compute nothing of their own (views, constants) are left out. */
export function boxesOf(tree: LayerTree): Boxes {
  const all: Draft[] = [];
  const ofRow = new Int32Array(tree.layers.length).fill(-1);
  const add = (key: string, parent: number, rows: readonly number[], isGroup: boolean): Draft => {
    const depth = parent < 0 ? 0 : all[parent].depth + 1;
    const box: Draft = { id: all.length, key, parent, depth, children: [], rows, isGroup };
    if (parent >= 0) all[parent].children.push(box.id);
    all.push(box);
    return box;
  };
  const isDrawn = (row: number): boolean => tree.layers[row].forwardNodes.length > 0;
  // A stack of its own: modules of a generated model may be nested deeper than calls may.
  const open: { parent: number; rows: readonly number[] }[] = [];
  const place = (parent: number, rows: readonly number[]): void => {
    if (rows.length <= mostSiblings) {
      for (const row of rows) {
        const box = add(rowKey(tree.layers[row]), parent, [row], false);
        ofRow[row] = box.id;
        open.push({ parent: box.id, rows: tree.children[row] });
      }
      return;
    }
    for (const group of groupsOf(rows)) {
      const first = rowKey(tree.layers[group[0]]);
      const box = add(`group/${group.length}/${first}`, parent, group, true);
      open.push({ parent: box.id, rows: group });
    }
  };
  add('model', -1, [], false);
  open.push({ parent: 0, rows: tree.roots });
  for (let next = open.pop(); next; next = open.pop()) place(next.parent, next.rows.filter(isDrawn));
  return { all, byKey: new Map(all.map(({ key, id }) => [key, id])), ofRow };
}

/** Neighbours together, in as few groups of like size as keep every level small. */
function groupsOf(rows: readonly number[]): number[][] {
  const count = Math.min(mostSiblings, Math.ceil(rows.length / mostSiblings));
  return Array.from({ length: count }, (_, i) =>
    rows.slice(Math.round((i * rows.length) / count), Math.round(((i + 1) * rows.length) / count)),
  );
}

/** A box that can be opened. */
export const isOpenable = ({ children }: Box): boolean => children.length > 0;

/** Opened from the start: from the outermost inwards, until there is something to see. */
export function defaultOpen({ all }: Boxes): Set<number> {
  const open = new Set([0]);
  for (;;) {
    const shown = visibleBoxes(all, open).filter(({ id }) => !open.has(id));
    if (shown.length > 3) return open;
    const most = shown.reduce<Box | undefined>(
      (best, box) => (box.children.length > (best?.children.length ?? 0) ? box : best),
      undefined,
    );
    if (!most) return open;
    open.add(most.id);
  }
}

/** Boxes to be seen, outer before inner, without the model itself. */
export function visibleBoxes(all: readonly Box[], open: ReadonlySet<number>): Box[] {
  const shown: Box[] = [];
  const waiting = [...all[0].children].reverse();
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    shown.push(all[id]);
    if (open.has(id)) waiting.push(...[...all[id].children].reverse());
  }
  return shown;
}

/** The innermost box to be seen that holds a box. */
export function shownAncestor(all: readonly Box[], open: ReadonlySet<number>, id: number): number {
  let shown = id;
  for (let at = id; at > 0; at = all[at].parent) if (!open.has(all[at].parent)) shown = all[at].parent;
  return shown;
}
