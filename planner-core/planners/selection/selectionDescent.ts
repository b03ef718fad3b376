import type { Job } from '../../base/job';
import type { NodeId } from '../../step/stepGraph';
import type { Evaluation, PlanningContext } from '../context';
import type { HotView, Relief, Selection, SelectionMove, SelectionSpace } from './selectionSpace';

/** While nothing has helped, so many times more trials are made. */
const patience = 10;

/** How hard a descent looks. */
export interface Effort {
  /** Most exact trials for one move, in the order of their estimates. */
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
 * on the way (the selection is not changed afterwards). Relief is the fall of the bytes over budget, summed over the
 * step. Estimates of it come first; only promising moves are tried. Ends early where no move helps.
 */
export async function selectionDescent(
  context: PlanningContext,
  space: SelectionSpace,
  start: Selection,
  budgets: readonly number[],
  effort: Effort,
  job: Job,
  record: (recomputations: Int32Array, evaluation: Evaluation, selected: Selection) => void,
): Promise<void> {
  let selected: Selection = start.slice();
  for (const budget of budgets) {
    for (;;) {
      await job.checkpoint();
      const recomputations = space.compile(selected);
      const now = context.evaluate(recomputations);
      record(recomputations, now, selected);
      if (now.peakBytes <= budget) break;
      const next = bestMove(context, space, selected, now, budget, effort.trialsPerMove);
      if (!next) return;
      selected = next;
    }
    selected = dropNeedless(context, space, selected, budget, effort.dropTrials);
    const recomputations = space.compile(selected);
    record(recomputations, context.evaluate(recomputations), selected);
  }
}

/** The best next selection; undefined when no move brings memory closer to the budget. */
function bestMove(
  context: PlanningContext,
  space: SelectionSpace,
  selected: Selection,
  now: Evaluation,
  budget: number,
  trialsPerMove: number,
): Selection | undefined {
  const excess = excessBytes(now, budget);
  const timeMs = now.stepTimeMs;
  const hot = new HotPositions(context.step.nodeCount, now, budget);
  const moves = space
    .moves(selected, hot)
    .filter(({ relief }) => relief === undefined || relief > 0)
    .map((move) => ({ move, optimistic: score(move.timeMs, Math.min(move.relief ?? excess, excess)) }))
    .sort((a, b) => a.optimistic - b.optimistic);
  let best: Selection | undefined;
  let bestScore = Infinity;
  let trials = 0;
  for (const { move, optimistic } of moves) {
    if (optimistic >= bestScore || trials >= trialsPerMove * (best ? 1 : patience)) break;
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

function applied(selected: Selection, move: SelectionMove): Selection {
  const next = selected.slice();
  for (const item of move.remove) next[item] = 0;
  for (const item of move.add) next[item] = 1;
  return next;
}

function dropNeedless(
  context: PlanningContext,
  space: SelectionSpace,
  selected: Selection,
  budget: number,
  dropTrials: number,
): Selection {
  let trials = 0;
  let kept = selected;
  const byTime: number[] = [];
  for (let item = 0; item < space.itemCount; item++) if (kept[item]) byTime.push(item);
  byTime.sort((a, b) => space.timeOf(b) - space.timeOf(a) || a - b);
  let hot = new HotPositions(context.step.nodeCount, context.evaluate(space.compile(kept)), budget);
  for (const item of byTime) {
    if (trials >= dropTrials) break;
    const relief = space.reliefOf(item);
    if (!relief || !hot.hasRoom(relief)) continue;
    // Some of it may have gone with another item.
    if (!kept[item]) continue;
    trials++;
    const fewer = space.toggled(kept, item);
    const without = context.evaluate(space.compile(fewer));
    if (without.peakBytes > budget) continue;
    kept = fewer;
    hot = new HotPositions(context.step.nodeCount, without, budget);
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
class HotPositions implements HotView {
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

  isHot(node: NodeId, reach: number): boolean {
    const at = this.positionOf[node];
    const from = Math.max(0, at - reach);
    const to = Math.min(this.liveBytes.length, at + reach + 1);
    return this.overBefore[to] > this.overBefore[from];
  }

  count(after: NodeId, before: NodeId): number {
    const from = Math.min(this.positionOf[after] + 1, this.positionOf[before]);
    return this.overBefore[this.positionOf[before]] - this.overBefore[from];
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
