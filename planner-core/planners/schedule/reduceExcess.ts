import type { Job } from '../../base/job';
import { sequenceOfChance } from './chance';
import { insertBest } from './insertionGreedy';
import { InsertionMoves } from './insertionMoves';
import type { InsertionState } from './insertionState';
import { ruin, type SearchLimit } from './ruinAndRecreate';

/** Repeats a round takes out at most, and the share of the nodes it may not use then, at most. */
const mostRuined = 12;
const largestBan = 0.2;

/**
 * Where the insertion greedy has stalled over a budget: takes some of the repeats out and lets the greedy go on from
 * there without some nodes, and keeps what has fewer bytes over budget, summed over the sequence. True once memory fits;
 * false, with the state that has least over budget, when `limit` ends the search before.
 */
export async function reduceExcess(
  state: InsertionState,
  fixed: Uint8Array,
  budgetBytes: number,
  limit: SearchLimit,
  job: Job,
): Promise<boolean> {
  const chance = sequenceOfChance(0x9e3779b9);
  const avoided = new Uint8Array(state.step.nodeCount);
  const moves = new InsertionMoves(state, fixed, budgetBytes, avoided);
  let least = moves.refresh();
  let idle = 0;
  while (least > 0) {
    await job.checkpoint();
    if (idle > limit.idleRounds || limit.isOver()) return false;
    state.forget();
    if (!ruin(state, avoided, mostRuined, chance)) return false;
    const share = largestBan * chance();
    for (let node = 0; node < avoided.length; node++) if (chance() < share) avoided[node] = 1;
    await relieve(state, moves, budgetBytes, job);
    avoided.fill(0);
    // What was not to be used may help where nothing else does.
    await relieve(state, moves, budgetBytes, job);
    const excess = moves.refresh();
    if (excess > least) {
      state.undoTo(0);
      idle++;
      continue;
    }
    idle = excess < least ? 0 : idle + 1;
    least = excess;
  }
  return true;
}

async function relieve(
  state: InsertionState,
  moves: InsertionMoves,
  budget: number,
  job: Job,
): Promise<void> {
  while (state.peakBytes > budget && insertBest(state, moves, budget)) await job.checkpoint();
}
