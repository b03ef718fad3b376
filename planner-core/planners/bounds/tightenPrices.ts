import { maxPricedMoments, type BoundLine, type LagrangianBound } from './lagrangianBound';
import type { Lifetimes } from './lifetimes';

/** Work for one budget: evaluations times (nodes, gaps and edges). */
const workLimit = 600_000;
const mostRounds = 400;
const fewestRounds = 12;
/** A bound that comes to so many times the step is on its way to infinity. */
const absurd = 1000;

/** What one evaluation costs, in nodes, gaps and edges. */
const sizeOf = ({ step, gapCount, readersAgain }: Lifetimes): number =>
  step.nodeCount + gapCount + readersAgain.items.length;

const roundsFor = (lifetimes: Lifetimes): number =>
  Math.max(fewestRounds, Math.min(mostRounds, Math.floor(workLimit / sizeOf(lifetimes))));

/** How many budgets prices can be looked for with so many times the work that one may take. */
export function budgetsWithin(times: number, lifetimes: Lifetimes): number {
  return Math.floor((times * workLimit) / (roundsFor(lifetimes) * sizeOf(lifetimes)));
}

/**
 * Looks for prices that prove much at a budget, by subgradient steps (Polyak's length): a moment that is over budget in
 * the cheapest answer becomes dearer, one that is under it cheaper, and the moment that is most over budget gets a
 * price of its own. Each line met on the way is passed to `record`; all of them are valid. 'infeasible' when the prices
 * prove that no plan fits. Deterministic.
 */
export function tightenPrices(
  bound: LagrangianBound,
  lifetimes: Lifetimes,
  budgetBytes: number,
  record: (line: BoundLine) => void,
): 'infeasible' | undefined {
  const { usedBytes, prices, moments } = bound;
  const stepMs = lifetimes.step.durationMs.reduce((sum, ms) => sum + ms, 0);
  const rounds = roundsFor(lifetimes);
  let best = 0;
  let bestPrices = new Map<number, number>();
  let reach = 0.5;
  let idle = 0;
  for (let round = 0; round < rounds; round++) {
    const line = bound.evaluate();
    const value = line.atZeroMs - line.msPerByte * budgetBytes;
    if (value > best) {
      record(line);
      if (value > absurd * stepMs && bound.provesInfeasible(budgetBytes)) return 'infeasible';
      if (value > best * 1.001) idle = 0;
      best = value;
      bestPrices = new Map(moments.map((node, k) => [node, prices[k]]));
    } else if (++idle > 6) {
      // Too long: back to the best prices with shorter steps.
      idle = 0;
      reach /= 2;
      if (reach < 0.004) break;
      for (let k = 0; k < moments.length; k++) prices[k] = bestPrices.get(moments[k]) ?? 0;
      continue;
    }
    admitMoment(bound, lifetimes, budgetBytes);
    let squares = 0;
    for (const node of moments) squares += (usedBytes[node] - budgetBytes) ** 2;
    if (squares === 0) break;
    const step = (reach * Math.max(best, 1e-9)) / squares;
    for (let k = 0; k < moments.length; k++)
      prices[k] = Math.max(0, prices[k] + step * (usedBytes[moments[k]] - budgetBytes));
  }
  return undefined;
}

/** Gives the moment that is most over budget a price, in place of one whose price is 0 when there are many. */
function admitMoment(bound: LagrangianBound, { step }: Lifetimes, budgetBytes: number): void {
  const { usedBytes, moments, prices } = bound;
  let worst = -1;
  let most = budgetBytes;
  for (let node = 0; node < step.nodeCount; node++) {
    if (usedBytes[node] <= most || moments.includes(node)) continue;
    most = usedBytes[node];
    worst = node;
  }
  if (worst < 0) return;
  if (moments.length === maxPricedMoments) {
    const free = prices.indexOf(0);
    if (free < 0) return;
    bound.removeMoment(free);
  }
  bound.addMoment(worst, 0);
}
