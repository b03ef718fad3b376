import type { Strategy } from '../plan/plan';
import type { Directives } from '../simulator/schedule';
import type { BaselineFamily } from './baselines/baseline';

/** A plan at one budget, in the smallest form; the webview simulates it itself while the slider moves. */
export interface FrontierPoint {
  /** The least budget this point serves: its own peak. */
  readonly peakBytes: number;
  readonly stepTimeMs: number;
  readonly overheadPercent: number;
  /** Proven least overhead of any plan at this budget (0 when nothing better is proven). */
  readonly lowerBoundPercent: number;
  readonly planner: string;
  readonly directives: Directives;
}

export interface BaselinePoint extends FrontierPoint {
  /** e.g. "keep all", "every block", "every 2nd block", "√n", "recompute all". */
  readonly name: string;
  /** The strategy whose curve it belongs to; undefined where it belongs to all. */
  readonly strategy?: Strategy;
  readonly family: BaselineFamily;
  /** One line: whose rule it is and how it is set up. */
  readonly description: string;
}

export interface Frontier {
  /** By ascending peak and descending time: no point is dominated. */
  readonly strategies: Readonly<Record<Strategy, readonly FrontierPoint[]>>;
  readonly baselines: readonly BaselinePoint[];
  /** Proven: no plan at all needs less, because of this node's own inputs, outputs and what must always stay. */
  readonly floorBytes: number;
  readonly floorNode: string;
}

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
