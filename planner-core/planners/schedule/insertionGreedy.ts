import type { Job } from '../../base/job';
import { InsertionMoves } from './insertionMoves';
import type { InsertionState } from './insertionState';
import { dropNeedlessRepeats } from './dropNeedlessRepeats';

export { dropNeedlessRepeats };

/** When nothing helps at the peak, how many of the other moments over budget are looked at. */
const otherMoments = 24;

/** Hears of each budget that is met; false ends the descent. */
type Recorder = (state: InsertionState, budgetBytes: number) => boolean | void;

/**
 * The insertion greedy: at the highest moment, run again later whatever buys the most relief for its
 * time, until memory fits; then take out repeats that are no longer needed, the most expensive first. Goes down through
 * `budgets` (descending) from the given state; `record` is called for every budget that is met. Returns the first
 * budget it cannot meet, or the one at which `record` ended it.
 */
export async function insertionGreedy(
  state: InsertionState,
  fixed: Uint8Array,
  budgets: readonly number[],
  job: Job,
  record: Recorder,
): Promise<number | undefined> {
  for (const budget of budgets) {
    const moves = new InsertionMoves(state, fixed, budget);
    while (state.peakBytes > budget) {
      await job.checkpoint();
      if (!insertBest(state, moves, budget)) return budget;
    }
    await dropNeedlessRepeats(state, budget, job);
    if (record(state, budget) === false) return budget;
  }
  return undefined;
}

/** Makes the best insertion at the highest moment where one helps; false when there is none. */
export function insertBest(state: InsertionState, moves: InsertionMoves, budget: number): boolean {
  const peak = state.peakPosition;
  if (peak < 0) return false;
  moves.refresh();
  let insertion = moves.best(peak);
  if (!insertion) {
    for (const moment of momentsOver(state, budget)) {
      insertion = moves.best(moment);
      if (insertion) break;
    }
  }
  if (!insertion) return false;
  state.insert(insertion.position, insertion.nodes);
  return true;
}

/** Moments over budget, highest first, the peak left out. */
function momentsOver(state: InsertionState, budget: number): number[] {
  const moments: number[] = [];
  for (let position = 0; position < state.length; position++) {
    if (position !== state.peakPosition && state.liveBytes[position] > budget) moments.push(position);
  }
  return moments.sort((a, b) => state.liveBytes[b] - state.liveBytes[a] || a - b).slice(0, otherMoments);
}
