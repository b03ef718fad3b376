import type { Job } from '../../base/job';
import { dropNeedlessRepeats } from './dropNeedlessRepeats';
import { insertBest } from './insertionGreedy';
import { InsertionMoves } from './insertionMoves';
import type { InsertionState } from './insertionState';

/** How far a search goes: it ends after so many rounds without improvement, or earlier when `isOver` says so. */
export interface SearchLimit {
  readonly idleRounds: number;
  isOver(): boolean;
}

/** Share and number of the repeats a round takes out, at most. */
const largestRuin = 0.4;
const mostRuined = 30;

/** Share of all nodes that every other round may not use in the repair, at most: the greedy has to look elsewhere. */
const largestBan = 0.3;

/** A plan is gone on from while its added time is at most this many times the least known. */
const deviation = 1.06;

/** Sums of times that differ by less are the same time. */
const sameTime = 1 - 1e-12;

/**
 * Improves a schedule under a budget: takes out some of the repeats, lets the insertion greedy repair what is over
 * budget then without some of the same nodes, and goes on from the result when it is not much slower (Schrimpf et al., "Record
 * breaking optimization results using the ruin and recreate principle", J. Comput. Phys. 2000). Chance comes from a
 * fixed sequence of numbers: the same rounds always give the same plan. `state` is left somewhere near the
 * best; returned are the best's [before, node] pairs. `fixed`, by node: 1 where it may not run again.
 */
export async function ruinAndRecreate(
  state: InsertionState,
  fixed: Uint8Array,
  budgetBytes: number,
  limit: SearchLimit,
  job: Job,
): Promise<Int32Array> {
  const { step } = state;
  const chance = sequenceOfChance(0x2545f491);
  const keepAllMs = step.durationMs.slice(0, step.nodeCount).reduce((sum, ms) => sum + ms, 0);
  const avoided = new Uint8Array(step.nodeCount);
  const moves = new InsertionMoves(state, fixed, budgetBytes, avoided);
  let best = state.recomputations();
  let bestMs = state.stepTimeMs;
  let lastImprovement = -1;
  for (let round = 0; round - lastImprovement <= limit.idleRounds && !limit.isOver(); round++) {
    await job.checkpoint();
    state.forget();
    if (!ruin(state, avoided, chance)) break;
    const share = round % 2 === 0 ? 0 : largestBan * chance();
    for (let node = 0; share > 0 && node < avoided.length; node++) if (chance() < share) avoided[node] = 1;
    let fits = true;
    while (fits && state.peakBytes > budgetBytes) {
      await job.checkpoint();
      fits = insertBest(state, moves, budgetBytes);
    }
    avoided.fill(0);
    if (fits) dropNeedlessRepeats(state, budgetBytes);
    // Record-to-record travel (Dueck 1993): from a little above the record, other valleys can be reached.
    if (!fits || state.stepTimeMs - keepAllMs > deviation * (bestMs - keepAllMs)) {
      state.undoTo(0);
      continue;
    }
    if (state.stepTimeMs >= sameTime * bestMs) continue;
    best = state.recomputations();
    bestMs = state.stepTimeMs;
    lastImprovement = round;
  }
  return best;
}

/** Takes repeats out, neighbours or at random, and marks some of their nodes; false when there are none. */
function ruin(state: InsertionState, avoided: Uint8Array, chance: () => number): boolean {
  const repeats = state.repeats();
  if (repeats.length === 0) return false;
  const count =
    1 + Math.floor(chance() * Math.min(repeats.length - 1, largestRuin * repeats.length + 2, mostRuined));
  const start = Math.floor(chance() * repeats.length);
  const isWindow = chance() < 0.5;
  const chosen = new Set<number>();
  for (let i = 0; i < count; i++) {
    chosen.add(
      isWindow ? repeats[(start + i) % repeats.length] : repeats[Math.floor(chance() * repeats.length)],
    );
  }
  const nodes = [...chosen].map((position) => state.nodeAt(position));
  state.remove(...chosen);
  for (const node of nodes) if (chance() < 0.3) avoided[node] = 1;
  return true;
}

/** Uniform in [0, 1); xorshift (Marsaglia 2003). */
function sequenceOfChance(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}
