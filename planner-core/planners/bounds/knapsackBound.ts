import type { NodeId, StepGraph } from '../../step/stepGraph';
import { ForcedResidency } from './forcedResidency';
import { LagrangianBound, type BoundLine } from './lagrangianBound';
import { Lifetimes } from './lifetimes';
import { MomentKnapsack, type MomentBound } from './momentKnapsack';
import { budgetsWithin, tightenPrices } from './tightenPrices';

/** A proven least added time, and the moment that makes it. */
export interface AddedTimeBound {
  /** Infinity when no plan can meet the budget. */
  readonly addedMs: number;
  /** The base node at which something must be absent; -1 when nothing has to be. */
  readonly node: NodeId;
}

/** Moments that are weighed one by one before several are weighed together. */
const mostSingles = 16;
/** Of these, how many with whole items. */
const wholeMoments = 3;
/** Work for many budgets, in times of that for one. */
const manyBudgetsWork = 8;

/**
 * A proven least overhead for any budget, in milliseconds, without a solver: at every moment, so many bytes of what the
 * keep-everything step holds must be absent, and what is absent has to be computed again. The best of the knapsack at
 * one moment, with whole items, and of the Lagrangian relaxation over several. Assumes one device, no offloading, and
 * that nodes run for the first time in their order. `mayRepeat`, by node: what may run again at all.
 */
export class KnapsackBound {
  private readonly lifetimes: Lifetimes;
  private readonly knapsack: MomentKnapsack;
  private readonly forced: ForcedResidency;
  private readonly grain: number;
  private readonly known = new Map<number, AddedTimeBound>();

  constructor(step: StepGraph, mayRepeat: Uint8Array) {
    this.lifetimes = new Lifetimes(step, mayRepeat);
    this.knapsack = new MomentKnapsack(this.lifetimes);
    this.forced = new ForcedResidency(this.lifetimes);
    this.grain = commonGrain(step, mayRepeat);
  }

  /** Least added time of any plan whose peak is at most the budget; Infinity when no plan can meet it. */
  leastAddedMs(budgetBytes: number): number {
    return this.strongest(budgetBytes).addedMs;
  }

  /** The least added time with the moment that makes it. */
  strongest(budgetBytes: number): AddedTimeBound {
    const known = this.known.get(budgetBytes);
    if (known) return known;
    const found = this.roundedUp(this.search(budgetBytes));
    this.known.set(budgetBytes, found);
    return found;
  }

  /**
   * The least added times for many budgets, in their order, for little more than a few cost one by one: prices found for
   * one budget prove something for all, and what is proven for a budget holds for every smaller one.
   */
  leastAddedOver(budgets: readonly number[]): number[] {
    const order = budgets.map((_, i) => i).sort((a, b) => budgets[b] - budgets[a]);
    const stride = Math.max(1, order.length / Math.max(2, budgetsWithin(manyBudgetsWork, this.lifetimes)));
    const lines: BoundLine[] = [];
    const least = new Array<number>(budgets.length).fill(0);
    const chosen = new Set<number>();
    for (let at = order.length - 1; at >= 0; at -= stride) chosen.add(order[Math.round(at)]);
    for (const i of chosen) least[i] = this.search(budgets[i], lines).addedMs;
    let larger = 0;
    for (const i of order) {
      const budget = budgets[i];
      if (!chosen.has(i)) {
        least[i] = this.singleMoments(budget)[0]?.addedMs ?? 0;
        for (const line of lines) least[i] = Math.max(least[i], line.atZeroMs - line.msPerByte * budget);
      }
      larger = Math.max(larger, least[i]);
      least[i] = this.roundedUp({ addedMs: larger, node: -1 }).addedMs;
    }
    return least;
  }

  private search(budgetBytes: number, lines: BoundLine[] = []): AddedTimeBound {
    const { knapsack, lifetimes } = this;
    const obstacle = this.forced.obstacle(budgetBytes);
    if (obstacle !== undefined) return { addedMs: Infinity, node: obstacle };
    const singles = this.singleMoments(budgetBytes);
    if (singles.length === 0) return { addedMs: 0, node: -1 };
    if (singles[0].addedMs === Infinity) return singles[0];
    let best: AddedTimeBound = singles[0];
    const take = (addedMs: number, node: NodeId): void => {
      if (addedMs > best.addedMs) best = { addedMs, node };
    };
    for (const { node } of singles.slice(0, wholeMoments)) take(knapsack.whole(node, budgetBytes), node);
    const relaxation = new LagrangianBound(lifetimes);
    relaxation.addMoment(singles[0].node, singles[0].msPerByte);
    let last: BoundLine | undefined;
    const verdict = tightenPrices(relaxation, lifetimes, budgetBytes, (line) => {
      take(line.atZeroMs - line.msPerByte * budgetBytes, line.node);
      last = line;
    });
    if (last) lines.push(last);
    return verdict === 'infeasible' ? { ...best, addedMs: Infinity } : best;
  }

  /** Highest moments over the budget with what each alone proves, the most first. */
  private singleMoments(budgetBytes: number): MomentBound[] {
    return this.knapsack
      .peaksOver(budgetBytes, mostSingles)
      .map((node) => this.knapsack.relaxed(node, budgetBytes))
      .filter((single) => single !== undefined)
      .sort((a, b) => b.addedMs - a.addedMs || a.node - b.node);
  }

  /** Where all times are multiples of one, so is what any plan adds. */
  private roundedUp({ addedMs, node }: AddedTimeBound): AddedTimeBound {
    if (this.grain === 0 || addedMs === 0 || !Number.isFinite(addedMs)) return { addedMs, node };
    return { addedMs: Math.ceil(addedMs / this.grain - 1e-6) * this.grain, node };
  }
}

/** The greatest common divisor of the times of what may run again, where they are whole numbers; else 0. */
function commonGrain(step: StepGraph, mayRepeat: Uint8Array): number {
  let grain = 0;
  for (let node = 0; node < step.nodeCount; node++) {
    if (!mayRepeat[node]) continue;
    let a = step.durationMs[node];
    if (!Number.isSafeInteger(a)) return 0;
    while (a > 0) [grain, a] = [a, grain % a];
  }
  return grain;
}
