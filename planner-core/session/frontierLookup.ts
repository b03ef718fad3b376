import type { FrontierPoint } from './types';

/**
 * The fastest point whose peak fits the budget: points are sorted by ascending peak and descending time, so it is the
 * last one that fits. undefined when none does. O(log points): what the slider calls on every move.
 */
export function pointAtBudget(
  points: readonly FrontierPoint[],
  budgetBytes: number,
): FrontierPoint | undefined {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle].peakBytes <= budgetBytes) low = middle + 1;
    else high = middle;
  }
  return low > 0 ? points[low - 1] : undefined;
}
