import { area, curveStepAfter, line } from 'd3';
import type { FrontierPoint } from '../../planner-core/planners/frontier';
import type { FrontierScale } from './frontierScale';

type Vertex = readonly [x: number, y: number];

/**
 * A budget buys the last point that fits it, so overhead is a step function of the budget: level from each point's peak
 * to the next one's, and level to the right end after the last.
 */
function vertices(
  points: readonly FrontierPoint[],
  { x, y }: FrontierScale,
  percentOf: (point: FrontierPoint) => number,
): Vertex[] {
  const last = points.at(-1);
  if (!last) return [];
  const stepped = points.map((point): Vertex => [x(point.peakBytes), y(percentOf(point))]);
  return [...stepped, [x.range()[1], y(percentOf(last))]];
}

/** Path of a strategy's curve. */
export function curvePath(points: readonly FrontierPoint[], scale: FrontierScale): string {
  const path = line<Vertex>().curve(curveStepAfter).digits(1);
  return path(vertices(points, scale, (point) => point.overheadPercent)) ?? '';
}

/** Path of the region under the proven least overhead; empty when nothing is proven. */
export function boundPath(points: readonly FrontierPoint[], scale: FrontierScale): string {
  if (!points.some((point) => point.lowerBoundPercent > 0)) return '';
  const region = area<Vertex>()
    .x(([x]) => x)
    .y1(([, y]) => y)
    .y0(scale.y(0))
    .curve(curveStepAfter)
    .digits(1);
  return region(vertices(points, scale, (point) => point.lowerBoundPercent)) ?? '';
}
