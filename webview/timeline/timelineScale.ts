import { scaleLinear, type ScaleLinear } from 'd3';
import type { Timeline } from '../../planner-core/simulator/timeline';
import type { Size } from '../base/size';
import type { TimeAxis } from './timeAxis';

const margin = { left: 60, right: 14, top: 20 };
const axisHeight = 22;
/** Height of a lane and the distance to the next. */
export const laneHeight = 12;
const laneStep = 18;

/** Where everything in the timeline lies, in CSS pixels. */
export interface TimelineLayout {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Width of the whole chart. */
  readonly width: number;
  /** Upper edges of the lanes: devices first, then transfers. */
  readonly lanes: readonly number[];
}

export function timelineLayout({ width, height }: Size, laneCount: number): TimelineLayout {
  const bottom = Math.max(margin.top + 40, height - axisHeight - laneCount * laneStep);
  return {
    left: margin.left,
    right: Math.max(margin.left + 40, width - margin.right),
    top: margin.top,
    bottom,
    width,
    lanes: Array.from({ length: laneCount }, (_, lane) => bottom + axisHeight + lane * laneStep),
  };
}

export interface TimelineScale {
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
}

/** What determines the y axis beside the plan's own timeline. */
export interface Reference {
  /** The line of keeping everything, where it is drawn. */
  readonly keepAll?: { readonly timeline: Timeline; readonly axis: TimeAxis };
  readonly budgetBytes: number;
  /** Other lines, by sample of the timeline: what was measured, what the plan is compared with. */
  readonly lines: readonly Float64Array[];
}

/** The y axis reaches the highest total in sight, and the budget where it is near. */
export function timelineScale(
  timeline: Timeline,
  axis: TimeAxis,
  reference: Reference,
  zoom: readonly [number, number] | undefined,
  layout: TimelineLayout,
): TimelineScale {
  const { budgetBytes, keepAll, lines } = reference;
  const domain = zoom ?? [0, endOfAll(axis, keepAll?.axis)];
  const top = Math.max(
    mostWithin(timeline, axis, domain),
    keepAll ? mostWithin(keepAll.timeline, keepAll.axis, domain) : 0,
    ...lines.map((liveBytes) => mostWithin({ liveBytes }, axis, domain)),
    1,
  );
  const high = budgetBytes > top && budgetBytes < 1.25 * top ? budgetBytes : top;
  return {
    x: scaleLinear(domain, [layout.left, layout.right]),
    y: scaleLinear([0, high * 1.04], [layout.bottom, layout.top]),
  };
}

/** Where the longer one of two steps ends. */
export function endOfAll(axis: TimeAxis, other: TimeAxis | undefined): number {
  return Math.max(axis.total, other && other.unit === axis.unit ? other.total : 0);
}

function mostWithin(
  { liveBytes }: Pick<Timeline, 'liveBytes'>,
  axis: TimeAxis,
  [from, to]: readonly [number, number],
): number {
  let most = 0;
  for (let sample = 0; sample < liveBytes.length; sample++) {
    if (axis.end[sample] < from || axis.start[sample] > to) continue;
    if (liveBytes[sample] > most) most = liveBytes[sample];
  }
  return most;
}
