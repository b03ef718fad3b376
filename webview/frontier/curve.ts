import { area, curveStepAfter, curveStepBefore, line } from 'd3';
import type { FrontierPoint } from '../../planner-core/planners/frontier';
import type { BudgetBound } from '../../planner-core/session/refine';
import type { FrontierScale } from './frontierScale';

type Vertex = readonly [x: number, y: number];

/**
 * A budget buys the last point that fits it, so overhead is a step function of the budget: level from each point's peak
 * to the next one's, and level to the right end after the last.
 */
function vertices(points: readonly FrontierPoint[], { x, y }: FrontierScale): Vertex[] {
  const last = points.at(-1);
  if (!last) return [];
  const stepped = points.map((point): Vertex => [x(point.peakBytes), y(point.overheadPercent)]);
  return [...stepped, [x.range()[1], y(last.overheadPercent)]];
}

/** Path of a strategy's curve. */
export function curvePath(points: readonly FrontierPoint[], scale: FrontierScale): string {
  const path = line<Vertex>().curve(curveStepAfter).digits(1);
  return path(vertices(points, scale)) ?? '';
}

/**
 * Path of the region under the proven least overhead; empty when nothing is proven. A bound holds for its budget and all
 * below, so the region is level from each stair back to the one before it: never over what lies between two points.
 * It begins at `left`, where no plan is proven for lower budgets anyway.
 */
export function boundPath(
  stairs: readonly BudgetBound[],
  { x, y }: FrontierScale,
  left = x.range()[0],
): string {
  const seen = stairs.filter(({ budgetBytes }) => x(budgetBytes) > left);
  if (seen.length === 0) return '';
  const most = y.domain()[1];
  const corners = seen.map(({ budgetBytes, lowerBoundPercent }): Vertex => [
    x(budgetBytes),
    y(Math.min(lowerBoundPercent, most)),
  ]);
  const region = area<Vertex>()
    .x(([x]) => x)
    .y1(([, y]) => y)
    .y0(y(0))
    .curve(curveStepBefore)
    .digits(1);
  return region([[left, corners[0][1]], ...corners]) ?? '';
}
