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
  scale: FrontierScale,
  left = scale.x.range()[0],
): string {
  const corners = boundCorners(stairs, scale, left);
  if (corners.length === 0) return '';
  const { y } = scale;
  const region = area<Vertex>()
    .x(([x]) => x)
    .y1(([, y]) => y)
    .y0(y(0))
    .curve(curveStepBefore)
    .digits(1);
  return region(corners) ?? '';
}

/** Path of the region's upper edge alone: nothing is proven by where the picture or the region ends. */
export function boundLinePath(
  stairs: readonly BudgetBound[],
  scale: FrontierScale,
  left = scale.x.range()[0],
): string {
  const corners = boundCorners(stairs, scale, left);
  const [, top] = scale.y.range();
  // What is higher than the picture has no edge in it.
  const first = corners.findIndex(([, y]) => y > top);
  if (first < 0) return '';
  const from = corners[Math.max(0, first - 1)][0];
  const edge = line<Vertex>().curve(curveStepBefore).digits(1);
  return edge([[from, corners[first][1]], ...corners.slice(first)]) ?? '';
}

/** Corners of the bound from `left` on, each at the end of its level. */
function boundCorners(stairs: readonly BudgetBound[], { x, y }: FrontierScale, left: number): Vertex[] {
  const most = y.domain()[1];
  const corners = stairs
    .filter(({ budgetBytes }) => x(budgetBytes) > left)
    .map(({ budgetBytes, lowerBoundPercent }): Vertex => [
      x(budgetBytes),
      y(Math.min(lowerBoundPercent, most)),
    ]);
  return corners.length === 0 ? [] : [[left, corners[0][1]], ...corners];
}
