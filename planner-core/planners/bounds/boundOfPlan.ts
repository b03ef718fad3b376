/** Bounds and overheads are added up in different orders, and the solver's bounds hold up to its tolerance. */
const tolerancePercent = 1e-3;

/**
 * A proven least overhead beside the overhead of a plan it holds for, in per cent: never above it by what rounding adds.
 * 0 where nothing is proven. Throws where it is higher by more: what a plan beats has not been proven.
 */
export function boundOfPlan(boundPercent: number, overheadPercent: number): number {
  if (boundPercent <= 0) return 0;
  if (boundPercent > overheadPercent + tolerancePercent)
    throw new Error(`A bound of ${boundPercent} % is beaten by a plan of ${overheadPercent} %.`);
  return Math.max(0, Math.min(boundPercent, overheadPercent));
}
