import { scaleLinear, type ScaleLinear } from 'd3';
import type { Strategy } from '../../planner-core/plan/plan';
import { strategies } from '../../planner-core/plan/plan';
import type { Frontier, FrontierPoint } from '../../planner-core/planners/frontier';

/** Pixel rectangle in which a chart draws. */
export interface PlotArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface FrontierScale {
  /** Budget in bytes to pixels. */
  readonly x: ScaleLinear<number, number>;
  /** Overhead in percent to pixels. */
  readonly y: ScaleLinear<number, number>;
}

/** Beyond this a plan is of no practical interest: its curve leaves the picture at the top. */
const mostOverheadPercent = 100;
const leastOverheadPercent = 5;

/** The budgets the picture spans: from a little below the proven floor to where nothing has to be given up. */
export function budgetRange(
  frontier: Frontier,
  keepAllPeakBytes: number,
  deviceBytes: number,
): readonly [number, number] {
  let highBytes = keepAllPeakBytes;
  for (const point of allPoints(frontier)) highBytes = Math.max(highBytes, point.peakBytes);
  // Where nothing can be given up, some room around the only point there is.
  const span = Math.max(highBytes - frontier.floorBytes, 0.05 * highBytes, 1);
  const lowBytes = Math.max(0, frontier.floorBytes - 0.15 * span);
  // The device's own size belongs in the picture unless it would squeeze the curves.
  const roomy = highBytes + 0.06 * span;
  const withDevice = deviceBytes * 1.01;
  return [lowBytes, withDevice > roomy && deviceBytes < highBytes + 0.5 * span ? withDevice : roomy];
}

export function frontierScale(
  frontier: Frontier,
  [lowBytes, highBytes]: readonly [number, number],
  area: PlotArea,
): FrontierScale {
  let most = leastOverheadPercent;
  for (const point of practicalPoints(frontier)) {
    most = Math.max(most, Math.min(point.overheadPercent, mostOverheadPercent));
  }
  return {
    x: scaleLinear([lowBytes, highBytes], [area.left, area.left + area.width]),
    y: scaleLinear([0, most * 1.08], [area.top + area.height, area.top]),
  };
}

export const strategyPoints = (frontier: Frontier, strategy: Strategy): readonly FrontierPoint[] =>
  frontier.strategies[strategy] ?? [];

/** Without theoretical schedules and most rules, unless there is nothing else: their steep end would flatten the rest. */
function practicalPoints(frontier: Frontier): readonly FrontierPoint[] {
  const practical = strategies.filter((strategy) => strategy !== 'schedule');
  const points = [
    ...practical.flatMap((strategy) => strategyPoints(frontier, strategy)),
    ...frontier.baselines.filter(({ family }) => family === 'modules'),
  ];
  return points.length > 0 ? points : strategyPoints(frontier, 'schedule');
}

function* allPoints(frontier: Frontier): Iterable<FrontierPoint> {
  for (const strategy of strategies) yield* strategyPoints(frontier, strategy);
  yield* frontier.baselines;
}
