import { strategies } from '../../planner-core/plan/plan';
import type { Frontier } from '../../planner-core/planners/frontier';
import type { BudgetBound, Proof } from '../../planner-core/session/refine';

/**
 * Everything proven about budgets as one staircase, by ascending budget and descending percentage: what holds for a
 * budget holds for all below it, so at each budget the highest bound of this or a higher one counts.
 */
export function boundStairs(frontier: Frontier | undefined, proof: Proof | undefined): BudgetBound[] {
  const points = frontier ? strategies.flatMap((strategy) => frontier.strategies[strategy] ?? []) : [];
  const known = points.map(({ peakBytes, lowerBoundPercent }): BudgetBound => ({
    budgetBytes: peakBytes,
    lowerBoundPercent,
  }));
  const all = [...known, ...(proof?.bounds ?? [])].sort((a, b) => b.budgetBytes - a.budgetBytes);
  const stairs: BudgetBound[] = [];
  let highest = 0;
  for (const bound of all) {
    if (bound.lowerBoundPercent <= highest) continue;
    highest = bound.lowerBoundPercent;
    if (stairs.at(-1)?.budgetBytes === bound.budgetBytes) stairs.pop();
    stairs.push(bound);
  }
  return stairs.reverse();
}

/** The least overhead proven for a budget; 0 where nothing is. */
export function boundAt(stairs: readonly BudgetBound[], budgetBytes: number): number {
  return stairs.find((bound) => bound.budgetBytes >= budgetBytes)?.lowerBoundPercent ?? 0;
}
