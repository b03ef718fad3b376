import { hostMemory } from '../../planner-core/simulator/schedule';
import type { LanesLayout, Scale } from './lanesLayout';
import type { Transfer } from './lanesModel';

/** A transfer as a curve from the lane that sends to the lane that receives. */
export interface Arc {
  readonly transfer: Transfer;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly thickness: number;
}

const thinnest = 1;
const thickest = 5;
/** With more than these in sight arcs get thinner and fainter, so that what they cross can be read. */
const comfortableCount = 12;
const hostStub = 8;
/** How near the pointer must be. */
const reachPx = 5;
const stepsOfCurve = 16;

/** 1 while arcs are few, down to a third of it. */
export const calm = (count: number): number =>
  Math.max(1 / 3, Math.min(1, Math.sqrt(comfortableCount / count)));

/** Arcs of the transfers in sight. Their thickness grows with the square root of the bytes: areas, not widths, compare. */
export function arcsOf(transfers: readonly Transfer[], x: Scale, { lanes }: LanesLayout): Arc[] {
  const [low, high] = x.domain();
  const mostBytes = transfers.reduce((most, { bytes }) => Math.max(most, bytes), 1);
  const inSight = transfers.filter(({ start, end }) => end >= low && start <= high);
  const span = (thickest - thinnest) * calm(inSight.length);
  return inSight.map((transfer): Arc => {
    const { from, to, start, end, bytes } = transfer;
    const downwards = from === hostMemory || (to !== hostMemory && to > from);
    const ends = (device: number): number =>
      downwards === (device === from) ? lanes[device].moduleBottom : lanes[device].phaseTop;
    const sending = from === hostMemory ? lanes[to].phaseTop - hostStub : ends(from);
    const receiving = to === hostMemory ? lanes[from].phaseTop - hostStub : ends(to);
    const thickness = thinnest + span * Math.sqrt(bytes / mostBytes);
    return { transfer, x1: x(start), y1: sending, x2: x(end), y2: receiving, thickness };
  });
}

/** Where the curve is pulled to: it leaves and arrives upright. */
export function controls({ y1, y2 }: Arc): readonly [number, number] {
  const bend = (y2 - y1) / 2;
  return [y1 + bend, y2 - bend];
}

/** The arc under a point, the nearest one within reach. O(arcs in sight). */
export function arcAt(arcs: readonly Arc[], x: number, y: number): Arc | undefined {
  let nearest: Arc | undefined;
  let least = reachPx;
  for (const arc of arcs) {
    if (x < Math.min(arc.x1, arc.x2) - reachPx || x > Math.max(arc.x1, arc.x2) + reachPx) continue;
    if (y < Math.min(arc.y1, arc.y2) - reachPx || y > Math.max(arc.y1, arc.y2) + reachPx) continue;
    const distance = Math.max(0, distanceTo(arc, x, y) - arc.thickness / 2);
    if (distance > least || (distance === least && nearest)) continue;
    nearest = arc;
    least = distance;
  }
  return nearest;
}

function distanceTo(arc: Arc, x: number, y: number): number {
  let least = Infinity;
  let [beforeX, beforeY] = [arc.x1, arc.y1];
  for (let i = 1; i <= stepsOfCurve; i++) {
    const [atX, atY] = pointOf(arc, i / stepsOfCurve);
    least = Math.min(least, distanceToSegment(x, y, beforeX, beforeY, atX, atY));
    [beforeX, beforeY] = [atX, atY];
  }
  return least;
}

/** A point of the Bézier curve. */
export function pointOf(arc: Arc, t: number): readonly [number, number] {
  const [c1, c2] = controls(arc);
  const u = 1 - t;
  const mix = (a: number, b: number, c: number, d: number): number =>
    u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
  return [mix(arc.x1, arc.x1, arc.x2, arc.x2), mix(arc.y1, c1, c2, arc.y2)];
}

function distanceToSegment(x: number, y: number, x1: number, y1: number, x2: number, y2: number): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / length));
  return Math.hypot(x - x1 - t * dx, y - y1 - t * dy);
}
