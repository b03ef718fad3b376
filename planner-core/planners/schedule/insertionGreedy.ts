import type { Job } from '../../base/job';
import { InsertionMoves } from './insertionMoves';
import type { InsertionState } from './insertionState';

/** When nothing helps at the peak, how many of the other moments over budget are looked at. */
const otherMoments = 24;

/**
 * The insertion greedy: at the highest moment, run again later whatever buys the most relief for its
 * time, until memory fits; then take out repeats that are no longer needed, the most expensive first. Goes down through
 * `budgets` (descending) from the given state; `record` is called for every budget that is met. Returns the first
 * budget it cannot meet.
 */
export async function insertionGreedy(
  state: InsertionState,
  fixed: Uint8Array,
  budgets: readonly number[],
  job: Job,
  record: (state: InsertionState, budgetBytes: number) => void,
): Promise<number | undefined> {
  for (const budget of budgets) {
    while (state.peakBytes > budget) {
      await job.checkpoint();
      if (!improve(state, fixed, budget)) return budget;
    }
    dropNeedlessRepeats(state, budget);
    record(state, budget);
  }
  return undefined;
}

function improve(state: InsertionState, fixed: Uint8Array, budget: number): boolean {
  if (state.peakPosition < 0) return false;
  const moves = new InsertionMoves(state, fixed, budget);
  let insertion = moves.best(state.peakPosition);
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

/** Takes out repeats while memory stays within the budget: dead ones, then the most expensive first. */
export function dropNeedlessRepeats(state: InsertionState, budget: number): void {
  const { durationMs } = state.step;
  let changed = true;
  while (changed) {
    changed = false;
    const repeats = state.repeats();
    repeats.sort((a, b) => durationMs[state.nodes[b]] - durationMs[state.nodes[a]] || a - b);
    for (let i = 0; i < repeats.length; i++) {
      const position = repeats[i];
      if (!fitsWithout(state, position, budget)) continue;
      state.remove(position);
      changed = true;
      for (let j = i + 1; j < repeats.length; j++) if (repeats[j] > position) repeats[j]--;
    }
  }
}

/** Would memory stay within the budget without the repeat at `position`? Exact up to lives of inputs it shortens. */
function fitsWithout(state: InsertionState, position: number, budget: number): boolean {
  const { step, liveBytes } = state;
  const node = state.nodes[position];
  let added = 0;
  let from = position;
  const starts: { at: number; bytes: number }[] = [];
  for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
    const value = step.outputs.items[i];
    if (state.isPermanent(value) || state.nextUseFrom(value, position + 1) < 0) continue;
    const at = state.lastEventBefore(value, position) + 1;
    starts.push({ at, bytes: step.valueBytes[value] });
    added += step.valueBytes[value];
    from = Math.min(from, at);
  }
  if (added === 0) return true;
  const ends: { at: number; bytes: number }[] = [];
  for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
    const value = step.inputs.items[i];
    if (state.isPermanent(value) || state.nextUseFrom(value, position + 1) >= 0) continue;
    ends.push({ at: state.lastEventBefore(value, position) + 1, bytes: step.valueBytes[value] });
  }
  for (let at = position - 1; at >= from; at--) {
    let live = liveBytes[at];
    for (const start of starts) if (at >= start.at) live += start.bytes;
    for (const end of ends) if (at >= end.at) live -= end.bytes;
    if (live > budget) return false;
  }
  return true;
}
