import { Phase, type NodeId, type StepGraph } from '../../step/stepGraph';
import type { GroupedStep } from './groupedStep';

/**
 * Every pack but the last computes each micro-batch again before taking it back, from what came into the pack: pairs as
 * `Directives` has them. Only what backward needs, and what that takes, runs again.
 */
export function packRecomputations({ step, order, packs, groupSize }: GroupedStep): Int32Array {
  const key = (pack: number, microBatch: number): number => pack * groupSize + microBatch;
  const forward: NodeId[][] = Array.from({ length: packs.length * groupSize }, () => []);
  const backward: NodeId[][] = forward.map(() => []);
  order.forEach(({ pack, microBatch }, node) => {
    if (pack < 0 || pack === packs.length - 1) return;
    const runs = step.nodePhase[node] === Phase.backward ? backward : forward;
    runs[key(pack, microBatch)].push(node);
  });
  const pairs: [NodeId, NodeId][] = [];
  forward.forEach((nodes, run) => {
    if (backward[run].length === 0) return;
    for (const node of neededAgain(step, nodes, backward[run])) pairs.push([backward[run][0], node]);
  });
  return Int32Array.from(pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]).flat());
}

/** Of some forward nodes, those that some backward nodes read from, directly or through each other. Ascending. */
function neededAgain(step: StepGraph, nodes: readonly NodeId[], readers: readonly NodeId[]): NodeId[] {
  const needed = new Set<number>();
  const read = (node: NodeId): void => {
    for (const rows of [step.inputs, step.updates])
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) needed.add(rows.items[i]);
  };
  readers.forEach(read);
  const again: NodeId[] = [];
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at];
    if (!step.recomputable[node]) continue;
    const made = step.outputs.items.subarray(step.outputs.offsets[node], step.outputs.offsets[node + 1]);
    if (!made.some((value) => needed.has(value))) continue;
    again.unshift(node);
    read(node);
  }
  return again;
}
