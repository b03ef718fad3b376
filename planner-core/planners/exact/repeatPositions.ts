import type { NodeId, StepGraph } from '../../step/stepGraph';
import type { RetentionProgram } from './retentionProgram';

/** A node that runs again some time in an interval of a program. */
export interface Repeat {
  readonly interval: number;
  readonly node: NodeId;
}

/**
 * Repeats of intervals as [before, node] pairs: each just before the first node of its interval that needs it, with
 * the repeats it needs itself before it; one that only later intervals need, at the end of its own. The `pinned` pairs
 * are kept as they are.
 */
export function placeRepeats(
  step: StepGraph,
  program: RetentionProgram,
  repeats: readonly Repeat[],
  pinned: Int32Array,
): Int32Array {
  const { moments } = program;
  const byInterval = new Map<number, Set<NodeId>>();
  for (const { interval, node } of repeats) {
    const known = byInterval.get(interval);
    if (known) known.add(node);
    else byInterval.set(interval, new Set([node]));
  }
  const pairs: [NodeId, NodeId][] = [];
  for (const [interval, left] of [...byInterval].sort(([a], [b]) => a - b)) {
    const first = interval === 0 ? 0 : moments[interval - 1] + 1;
    const last = interval < moments.length ? moments[interval] : step.nodeCount - 1;
    const place = (before: NodeId, node: NodeId): void => {
      if (!left.delete(node)) return;
      for (const producer of producersOf(step, node)) place(before, producer);
      pairs.push([before, node]);
    };
    for (let node = first; node <= last && left.size > 0; node++)
      for (const producer of producersOf(step, node)) place(node, producer);
    for (const node of [...left].sort((a, b) => a - b)) place(last, node);
  }
  if (pinned.length === 0) return Int32Array.from(pairs.flat());
  for (let i = 0; i < pinned.length; i += 2) pairs.push([pinned[i], pinned[i + 1]]);
  return Int32Array.from(pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]).flat());
}

function* producersOf(step: StepGraph, node: NodeId): Generator<NodeId> {
  for (const { offsets, items } of [step.inputs, step.updates])
    for (let i = offsets[node]; i < offsets[node + 1]; i++)
      if (step.producer[items[i]] >= 0) yield step.producer[items[i]];
}
