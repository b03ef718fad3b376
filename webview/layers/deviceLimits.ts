import { ValueKind, type StepGraph } from '../../planner-core/step/stepGraph';
import { rowsInside, type LayerTree } from '../state/layerTree';
import { t } from '../base/l10n';

/**
 * Operators that must be on one device, because they read the same parameter: it is in one place, with its gradient and its
 * optimizer state.
 */
export interface Colocation {
  /** Operator rows of the layer tree, ascending. */
  readonly rows: readonly number[];
  /** Names of the parameters they share. */
  readonly shared: readonly string[];
}

/** Every group of operators that a device change moves together; operators that move alone are in none. */
export function colocations(step: StepGraph, { layers, rowOfNode }: LayerTree): Colocation[] {
  const readers = new Map<number, Set<number>>();
  for (const { kind, forwardNodes } of layers) {
    if (kind !== 'operator') continue;
    for (const node of forwardNodes) {
      for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
        const value = step.inputs.items[i];
        if (step.valueKind[value] !== ValueKind.parameter || rowOfNode[node] < 0) continue;
        const rows = readers.get(value) ?? new Set();
        readers.set(value, rows.add(rowOfNode[node]));
      }
    }
  }
  const groupOf = new Map<number, { rows: Set<number>; shared: string[] }>();
  for (const [value, rows] of readers) {
    if (rows.size < 2) continue;
    const group = { rows: new Set(rows), shared: [step.valueName[value]] };
    // What shares with a member shares with all.
    for (const joined of new Set([...rows].flatMap((row) => groupOf.get(row) ?? []))) {
      for (const row of joined.rows) group.rows.add(row);
      group.shared.push(...joined.shared);
    }
    for (const row of group.rows) groupOf.set(row, group);
  }
  return [...new Set(groupOf.values())].map(({ rows, shared }) => ({
    rows: [...rows].sort((a, b) => a - b),
    shared: shared.sort(),
  }));
}

/** The groups that a row takes part in with something outside of it: those that bind it to where others are. */
export function colocationsOf(
  tree: LayerTree,
  groups: readonly Colocation[],
  row: number,
): readonly Colocation[] {
  if (groups.length === 0) return [];
  const inside = new Set(rowsInside(tree, row));
  return groups.filter(
    ({ rows }) => rows.some((one) => inside.has(one)) && rows.some((one) => !inside.has(one)),
  );
}

/** By row, in words: what it shares a device with; undefined for those that move alone. */
export function movesTogether(tree: LayerTree, groups: readonly Colocation[]): (string | undefined)[] {
  const words = new Array<string | undefined>(tree.layers.length).fill(undefined);
  for (const group of groups) {
    // Members, and the modules that hold some of them but not all.
    const holders = new Map<number, number>();
    for (const member of group.rows)
      for (let at = member; at >= 0; at = tree.layers[at].parent) holders.set(at, (holders.get(at) ?? 0) + 1);
    for (const [row, count] of holders)
      if (count < group.rows.length) words[row] ??= togetherText(tree, group, row);
  }
  return words;
}

/** `Moves together with lm_head: they share wte.weight` */
export function togetherText(tree: LayerTree, { rows, shared }: Colocation, row: number): string {
  const inside = new Set(rowsInside(tree, row));
  const others = rows.filter((other) => !inside.has(other)).map((other) => tree.layers[other].name);
  return t('Moves together with {0}: they share {1}', others.join(', '), shared.join(', '));
}

/** By row: the devices that all of it can run on; undefined where that is every device. */
export function runsOnly(step: StepGraph, { layers }: LayerTree): (readonly string[] | undefined)[] {
  const { devices, durationMs, nodeCount } = step;
  const isLimited = durationMs.some((duration) => !Number.isFinite(duration));
  return layers.map(({ forwardNodes }) => {
    if (!isLimited) return undefined;
    const able = devices.filter((_, device) =>
      forwardNodes.every((node) => Number.isFinite(durationMs[device * nodeCount + node])),
    );
    return able.length < devices.length ? able : undefined;
  });
}
