import type { Job } from '../../base/job';
import { branchRepair } from './branchRepair';
import { sequenceOfChance } from './chance';
import { dropNeedlessRepeats } from './dropNeedlessRepeats';
import { insertBest } from './insertionGreedy';
import { InsertionMoves } from './insertionMoves';
import type { InsertionState } from './insertionState';

/** How far a search goes: it ends after so many rounds without improvement, or earlier when `isOver` says so. */
export interface SearchLimit {
  readonly idleRounds: number;
  isOver(): boolean;
}

/** Share and number of the repeats a round takes out at most; fewer where a tree search repairs. */
const largestRuin = 0.4;
const mostRuined = 30;
const mostRuinedForBranching = 6;

/** Share of all nodes that every other round may not use in the repair, at most: the greedy has to look elsewhere. */
const largestBan = 0.3;
/** Share of the nodes whose repeats were taken out that may not be used in the repair. */
const ruinedBan = 0.3;

/** A plan is gone on from while its added time is at most this share above the least known; falls to 0 over a period. */
const deviation = 0.1;
const period = 200;

/** A plan of few repeats has few others near it: no more rounds than this for each repeat (and one more). */
const idleRoundsARepeat = 40;

/** Sums of times that differ by less are the same time. */
const sameTime = 1 - 1e-12;

/**
 * Improves a schedule under a budget: takes out some of the repeats, lets the insertion greedy or a tree search repair
 * what is over budget then, and goes on from the result when it is not much slower (Schrimpf et al., "Record breaking
 * optimization results using the ruin and recreate principle", J. Comput. Phys. 2000). Chance comes from a fixed sequence
 * of numbers: the same rounds always give the same plan. `state` is left somewhere near the best; returned are the
 * best's [before, node] pairs. `fixed`, by node: 1 where it may not run again. `accepted` hears
 * of every plan that is gone on from.
 */
export async function ruinAndRecreate(
  state: InsertionState,
  fixed: Uint8Array,
  budgetBytes: number,
  limit: SearchLimit,
  job: Job,
  accepted: (recomputations: Int32Array) => void = () => undefined,
  seed = 0x2545f491,
): Promise<Int32Array> {
  const { step } = state;
  const chance = sequenceOfChance(seed);
  const keepAllMs = step.durationMs.slice(0, step.nodeCount).reduce((sum, ms) => sum + ms, 0);
  const avoided = new Uint8Array(step.nodeCount);
  const moves = new InsertionMoves(state, fixed, budgetBytes, avoided);
  let best = state.recomputations();
  let bestMs = state.stepTimeMs;
  let lastImprovement = -1;
  let patience = patienceFor(best, limit);
  for (let round = 0; round - lastImprovement <= patience && !limit.isOver(); round++) {
    await job.checkpoint();
    state.forget();
    const isBranching = round % 2 === 0;
    if (!ruin(state, avoided, isBranching ? mostRuinedForBranching : mostRuined, chance)) break;
    const share = isBranching ? 0 : largestBan * chance();
    for (let node = 0; share > 0 && node < avoided.length; node++) if (chance() < share) avoided[node] = 1;
    // Record-to-record travel (Dueck 1993): from a little above the record, other valleys can be reached.
    const above = deviation * (1 - ((round - lastImprovement - 1) % period) / period);
    const limitMs = keepAllMs + (1 + above) * (bestMs - keepAllMs);
    const fits =
      (isBranching && branchRepair(state, moves, budgetBytes, limitMs)) ||
      (await greedyRepair(state, moves, budgetBytes, limitMs, job));
    avoided.fill(0);
    if (fits) await dropNeedlessRepeats(state, budgetBytes, job);
    if (!fits || state.stepTimeMs > limitMs) {
      state.undoTo(0);
      continue;
    }
    const plan = state.recomputations();
    accepted(plan);
    if (state.stepTimeMs >= sameTime * bestMs) continue;
    best = plan;
    bestMs = state.stepTimeMs;
    patience = patienceFor(best, limit);
    lastImprovement = round;
  }
  return best;
}

const patienceFor = (plan: Int32Array, { idleRounds }: SearchLimit): number =>
  Math.min(idleRounds, idleRoundsARepeat * (plan.length / 2 + 1));

/** What goes far beyond the limit will not come back under it by dropping repeats. */
const hopeless = 1.5;

async function greedyRepair(
  state: InsertionState,
  moves: InsertionMoves,
  budgetBytes: number,
  limitMs: number,
  job: Job,
): Promise<boolean> {
  while (state.peakBytes > budgetBytes) {
    await job.checkpoint();
    if (state.stepTimeMs > hopeless * limitMs || !insertBest(state, moves, budgetBytes)) return false;
  }
  return true;
}

/** Takes repeats out, neighbours or at random, and marks some of their nodes; false when there are none. */
export function ruin(
  state: InsertionState,
  avoided: Uint8Array,
  most: number,
  chance: () => number,
): boolean {
  const repeats = state.repeats();
  if (repeats.length === 0) return false;
  const count =
    1 + Math.floor(chance() * Math.min(repeats.length - 1, largestRuin * repeats.length + 2, most));
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
  for (const node of nodes) if (chance() < ruinedBan) avoided[node] = 1;
  return true;
}
