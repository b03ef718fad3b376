import type { Job } from '../base/job';
import type { NodeId } from '../step/stepGraph';
import type { Evaluation, PlanningContext } from './context';
import type { Relief, SelectionMove, SelectionSpace } from './selectionSpace';

/** How hard a descent looks. */
export interface Effort {
  /** Most exact trials for one move; the first that help are found by bounds. */
  readonly trialsPerMove: number;
  /** Most trials to drop something after each budget. */
  readonly dropTrials: number;
}

/** For one budget, and for many budgets at once. */
export const thorough: Effort = { trialsPerMove: 24, dropTrials: Infinity };
export const quick: Effort = { trialsPerMove: 4, dropTrials: 8 };

/**
 * Goes down through budgets (descending): adds to the selection what buys the most relief for its time until memory
 * fits, then drops what is no longer needed, and continues from there with the next budget. `record` gets every plan
 * on the way. Relief is the fall of the bytes over budget, summed over the step. Returns the last selection that fits
 * and whether the last budget was met. Bounds on the relief come first; only promising moves are tried.
 */
export async function selectionDescent(
  context: PlanningContext,
  space: SelectionSpace,
  start: ReadonlySet<number>,
  budgets: readonly number[],
  effort: Effort,
  job: Job,
  record: (recomputations: Int32Array, evaluation: Evaluation) => void,
): Promise<void> {
  let selected = new Set(start);
  for (const budget of budgets) {
    for (;;) {
      await job.checkpoint();
      const recomputations = space.compile(selected);
      const now = context.evaluate(recomputations);
      record(recomputations, now);
      if (now.peakBytes <= budget) break;
      const next = bestMove(context, space, selected, now, budget, effort.trialsPerMove);
      if (!next) return;
      selected = next;
    }
    selected = dropNeedless(context, space, selected, budget, effort.dropTrials);
    const recomputations = space.compile(selected);
    record(recomputations, context.evaluate(recomputations));
  }
}

/** The best next selection; undefined when no move brings memory closer to the budget. */
function bestMove(
  context: PlanningContext,
  space: SelectionSpace,
  selected: ReadonlySet<number>,
  now: Evaluation,
  budget: number,
  trialsPerMove: number,
): Set<number> | undefined {
  const excess = excessBytes(now, budget);
  const timeMs = now.stepTimeMs;
  const hot = new HotPositions(context.step.nodeCount, now, budget);
  const moves = space
    .moves(selected, (node, reach) => hot.isHot(node, reach))
    .map((move) => ({ move, bound: move.relief ? hot.bound(move.relief) : excess }))
    .filter(({ bound }) => bound > 0)
    .map(({ move, bound }) => ({ move, optimistic: score(move.timeMs, Math.min(bound, excess)) }))
    .sort((a, b) => a.optimistic - b.optimistic);
  let best: Set<number> | undefined;
  let bestScore = Infinity;
  let trials = 0;
  for (const { move, optimistic } of moves) {
    if (optimistic >= bestScore || (best && trials >= trialsPerMove)) break;
    trials++;
    const next = applied(selected, move);
    const after = context.evaluate(space.compile(next));
    const relief = excess - excessBytes(after, budget);
    if (relief <= 0) continue;
    const exact = score(after.stepTimeMs - timeMs, relief);
    if (exact < bestScore) {
      bestScore = exact;
      best = next;
    }
  }
  return best;
}

/** Time for each byte of relief; for moves that cost no time, the more relief the better. */
const score = (timeMs: number, relief: number): number => (timeMs > 0 ? timeMs / relief : -relief);

function applied(selected: ReadonlySet<number>, move: SelectionMove): Set<number> {
  const next = new Set(selected);
  for (const item of move.remove) next.delete(item);
  for (const item of move.add) next.add(item);
  return next;
}

function dropNeedless(
  context: PlanningContext,
  space: SelectionSpace,
  selected: ReadonlySet<number>,
  budget: number,
  dropTrials: number,
): Set<number> {
  let trials = 0;
  const kept = new Set(selected);
  const byTime = [...selected].sort((a, b) => space.timeOf(b) - space.timeOf(a) || a - b);
  let hot = new HotPositions(context.step.nodeCount, context.evaluate(space.compile(kept)), budget);
  for (const item of byTime) {
    if (trials >= dropTrials) break;
    if (!hot.hasRoom(space.reliefOf(item))) continue;
    trials++;
    kept.delete(item);
    const without = context.evaluate(space.compile(kept));
    if (without.peakBytes > budget) kept.add(item);
    else hot = new HotPositions(context.step.nodeCount, without, budget);
  }
  return kept;
}

function excessBytes({ liveBytes, length }: Evaluation, budget: number): number {
  let sum = 0;
  for (let position = 0; position < length; position++) {
    if (liveBytes[position] > budget) sum += liveBytes[position] - budget;
  }
  return sum;
}

/** Where in the step memory is over the budget, by base node. */
class HotPositions {
  /** Positions over budget before each position. */
  private readonly overBefore: Int32Array;
  /** Last position of each base node: its first computation is the base one, inserted ones come later. */
  private readonly positionOf: Int32Array;
  private readonly isBase: Uint8Array;
  private readonly liveBytes: Float64Array;

  constructor(
    nodeCount: number,
    { nodes, length, liveBytes }: Evaluation,
    private readonly budget: number,
  ) {
    this.overBefore = new Int32Array(length + 1);
    this.positionOf = new Int32Array(nodeCount).fill(-1);
    this.isBase = new Uint8Array(length);
    this.liveBytes = liveBytes.slice(0, length);
    for (let position = 0; position < length; position++) {
      this.overBefore[position + 1] = this.overBefore[position] + (liveBytes[position] > budget ? 1 : 0);
      if (this.positionOf[nodes[position]] >= 0) continue;
      this.positionOf[nodes[position]] = position;
      this.isBase[position] = 1;
    }
  }

  /** Is memory over budget within `reach` computations of the node? */
  isHot(node: NodeId, reach: number): boolean {
    const at = this.positionOf[node];
    const from = Math.max(0, at - reach);
    const to = Math.min(this.liveBytes.length, at + reach + 1);
    return this.overBefore[to] > this.overBefore[from];
  }

  /** The most the excess can fall by. */
  bound(reliefs: readonly Relief[]): number {
    let sum = 0;
    for (const { bytes, after, before } of reliefs) {
      const from = this.positionOf[after] + 1;
      const to = this.positionOf[before];
      sum += bytes * (this.overBefore[to] - this.overBefore[from]);
    }
    return sum;
  }

  /** Would each of these values fit back in? Computations that run again are left out: some go with the values. */
  hasRoom(reliefs: readonly Relief[]): boolean {
    return reliefs.every(({ bytes, after, before }) => {
      const to = this.positionOf[before];
      for (let position = this.positionOf[after] + 1; position < to; position++) {
        if (this.isBase[position] && this.liveBytes[position] + bytes > this.budget) return false;
      }
      return true;
    });
  }
}
