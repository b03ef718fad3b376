import type { NodeId, StepGraph } from '../../step/stepGraph';

/**
 * The same computations run again, each as late as something needs it: what one makes is then alive only from its
 * first use on, though what it reads waits longer. Takes and returns [before, node] pairs; those in `pinned` stay where
 * they are.
 */
export function lazyRecomputations(
  step: StepGraph,
  recomputations: Int32Array,
  pinned: Int32Array,
): Int32Array {
  const { inputs, updates, outputs } = step;
  const key = (before: NodeId, node: NodeId): number => before * step.nodeCount + node;
  const stays = new Set<number>();
  for (let i = 0; i < pinned.length; i += 2) stays.add(key(pinned[i], pinned[i + 1]));
  // By value: the first computation from here on that uses it. Walking backwards.
  const nextUse = new Int32Array(step.valueCount).fill(step.nodeCount);
  const moved: { before: NodeId; node: NodeId; order: number }[] = [];
  let next = recomputations.length - 2;
  for (let node = step.nodeCount - 1; node >= 0 && next >= 0; node--) {
    for (const { offsets, items } of [inputs, updates])
      for (let i = offsets[node]; i < offsets[node + 1]; i++) nextUse[items[i]] = node;
    for (; next >= 0 && recomputations[next] === node; next -= 2) {
      const again = recomputations[next + 1];
      let before = step.nodeCount;
      for (let i = outputs.offsets[again]; i < outputs.offsets[again + 1]; i++)
        before = Math.min(before, nextUse[outputs.items[i]]);
      // So does what nothing uses afterwards.
      if (before === step.nodeCount || stays.has(key(node, again))) before = node;
      moved.push({ before, node: again, order: next });
      for (let i = inputs.offsets[again]; i < inputs.offsets[again + 1]; i++)
        nextUse[inputs.items[i]] = Math.min(nextUse[inputs.items[i]], before);
    }
  }
  moved.sort((a, b) => a.before - b.before || a.order - b.order);
  return Int32Array.from(moved.flatMap(({ before, node }) => [before, node]));
}
