import type { InsertionMoves, Insertion } from './insertionMoves';
import type { InsertionState } from './insertionState';

/** Insertions tried at a moment, and tries in all. */
const width = 5;
const maxVisits = 100;

/**
 * Brings a state that is a little over budget under it by a tree search: something must be run again at the highest
 * moment, so the few best insertions there are tried in turn, and so on below each, cheaper in all than the best found.
 * Finds combinations the greedy misses, at a price; for repairs of a few insertions. Leaves the state repaired, in less
 * than `limitMs` of step time; false, with the state as it was, when the search finds nothing.
 */
export function branchRepair(
  state: InsertionState,
  moves: InsertionMoves,
  budgetBytes: number,
  limitMs: number,
): boolean {
  let leastMs = limitMs;
  let visits = 0;
  let best: readonly Insertion[] | undefined;
  const path: Insertion[] = [];
  const search = (): void => {
    if (state.peakBytes <= budgetBytes) {
      best = [...path];
      leastMs = state.stepTimeMs;
      return;
    }
    visits++;
    moves.refresh();
    for (const insertion of moves.ranked(state.peakPosition, leastMs - state.stepTimeMs, width)) {
      if (visits > maxVisits || state.stepTimeMs + insertion.timeMs >= leastMs) continue;
      const mark = state.mark();
      state.insert(insertion.position, insertion.nodes);
      path.push(insertion);
      search();
      path.pop();
      state.undoTo(mark);
    }
  };
  if (state.peakPosition >= 0 && state.stepTimeMs < limitMs) search();
  for (const { position, nodes } of best ?? []) state.insert(position, nodes);
  return best !== undefined;
}
