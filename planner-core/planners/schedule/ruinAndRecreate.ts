import type { Job } from '../../base/job';
import type { NodeId } from '../../step/stepGraph';
import { insertionGreedy } from './insertionGreedy';
import { InsertionState } from './insertionState';

/** How far a search goes: it ends after so many rounds without improvement, or earlier when `isOver` says so. */
export interface SearchLimit {
  readonly idleRounds: number;
  isOver(): boolean;
}

/** Share of the repeats a round takes out, at most. */
const largestRuin = 0.4;

/** Share of all nodes that every other round may not use in the repair, at most: the greedy has to look elsewhere. */
const largestBan = 0.3;

/** A plan is gone on from while its added time is at most this many times the least known. */
const deviation = 1.06;

/**
 * Improves a schedule under a budget: takes out some of the repeats, lets the insertion greedy repair what is over
 * budget then without some of the same nodes, and goes on from the result when it is not much slower (Schrimpf et al., "Record
 * breaking optimization results using the ruin and recreate principle", J. Comput. Phys. 2000). Chance comes from a
 * fixed sequence of numbers: the same rounds always give the same plan. Takes and returns [before, node] pairs; those
 * in `pinned` stay. `fixed`, by node: 1 where it may not run again.
 */
export async function ruinAndRecreate(
  start: InsertionState,
  pinned: Int32Array,
  fixed: Uint8Array,
  budgetBytes: number,
  limit: SearchLimit,
  job: Job,
): Promise<InsertionState> {
  const { step } = start;
  const chance = sequenceOfChance(0x2545f491);
  const keepAllMs = step.durationMs.slice(0, step.nodeCount).reduce((sum, ms) => sum + ms, 0);
  let best = start;
  let current = start;
  let lastImprovement = -1;
  for (let round = 0; round - lastImprovement <= limit.idleRounds && !limit.isOver(); round++) {
    await job.checkpoint();
    const state = new InsertionState(step, current.recomputations(), pinned);
    const forbidden = ruin(state, chance);
    if (!forbidden) break;
    const allowed = Uint8Array.from(fixed);
    for (const node of forbidden) allowed[node] = 1;
    const share = round % 2 === 0 ? 0 : largestBan * chance();
    for (let node = 0; share > 0 && node < allowed.length; node++) if (chance() < share) allowed[node] = 1;
    const failedAt = await insertionGreedy(state, allowed, [budgetBytes], job, () => undefined);
    if (failedAt !== undefined) continue;
    // Record-to-record travel (Dueck 1993): from a little above the record, other valleys can be reached.
    if (state.stepTimeMs - keepAllMs > deviation * (best.stepTimeMs - keepAllMs)) continue;
    current = state;
    if (state.stepTimeMs >= best.stepTimeMs) continue;
    best = state;
    lastImprovement = round;
  }
  return best;
}

/** Takes repeats out, neighbours or at random; returns the nodes not to use in the repair, undefined without repeats. */
function ruin(state: InsertionState, chance: () => number): NodeId[] | undefined {
  const repeats = state.repeats();
  if (repeats.length === 0) return undefined;
  const count = 1 + Math.floor(chance() * Math.min(repeats.length - 1, largestRuin * repeats.length + 2));
  const start = Math.floor(chance() * repeats.length);
  const isWindow = chance() < 0.5;
  const chosen = new Set<number>();
  for (let i = 0; i < count; i++) {
    chosen.add(
      isWindow ? repeats[(start + i) % repeats.length] : repeats[Math.floor(chance() * repeats.length)],
    );
  }
  const nodes = [...chosen].map((position) => state.nodes[position]);
  state.remove(...chosen);
  return nodes.filter(() => chance() < 0.3);
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
