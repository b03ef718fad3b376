/** Two sorted lists of [before, node] pairs as one: each pair once, nodes before the same one ascending. */
export function withPinnedRecomputations(chosen: Int32Array, pinned: Int32Array): Int32Array {
  if (pinned.length === 0) return chosen;
  const byBefore = new Map<number, Set<number>>();
  for (const pairs of [chosen, pinned]) {
    for (let i = 0; i < pairs.length; i += 2) {
      const known = byBefore.get(pairs[i]);
      if (known) known.add(pairs[i + 1]);
      else byBefore.set(pairs[i], new Set([pairs[i + 1]]));
    }
  }
  const merged: number[] = [];
  for (const before of [...byBefore.keys()].sort((a, b) => a - b))
    for (const node of [...byBefore.get(before)!].sort((a, b) => a - b)) merged.push(before, node);
  return Int32Array.from(merged);
}
