import type { NodeId } from '../../step/stepGraph';

/** At most `count` nodes with the highest positive excess, those first that are higher than their neighbours. */
export function highestMoments(excess: Float64Array, count: number): NodeId[] {
  const peaks: NodeId[] = [];
  const others: NodeId[] = [];
  for (let node = 0; node < excess.length; node++) {
    if (excess[node] <= 0) continue;
    const isPeak = !(excess[node - 1] > excess[node]) && !(excess[node + 1] >= excess[node]);
    (isPeak ? peaks : others).push(node);
  }
  const byExcess = (a: NodeId, b: NodeId): number => excess[b] - excess[a] || a - b;
  return [...peaks.sort(byExcess), ...others.sort(byExcess)].slice(0, count);
}
