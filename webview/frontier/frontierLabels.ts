import type { FrontierPoint } from '../../planner-core/planners/frontier';
import { labelHeight, type Box, type Label, type LabelPlace } from '../base/labelPlacement';
import type { BaselineGroup } from './baselineFamilies';
import type { FrontierScale } from './frontierScale';

const dotRadius = 4;
const gap = 8;

/** A rule's name goes beside its mark. */
export function baselineLabel({ label, points: [point] }: BaselineGroup, { x, y }: FrontierScale): Label {
  const cx = x(point.peakBytes);
  const cy = y(point.overheadPercent);
  const above = cy - labelHeight / 2 - dotRadius;
  const below = cy + labelHeight / 2 + dotRadius;
  const places: LabelPlace[] = [
    { x: cx + gap, y: cy, anchor: 'start' },
    { x: cx - gap, y: cy, anchor: 'end' },
    { x: cx, y: above - 1, anchor: 'middle' },
    { x: cx + gap, y: above, anchor: 'start' },
    { x: cx - gap, y: above, anchor: 'end' },
    { x: cx, y: below + 1, anchor: 'middle' },
    { x: cx + gap, y: below, anchor: 'start' },
    { x: cx - gap, y: below, anchor: 'end' },
    { x: cx, y: above - labelHeight, anchor: 'middle' },
  ];
  return { text: label, places };
}

/** The dots themselves: no label may cover one. */
export function dotBox(point: FrontierPoint, { x, y }: FrontierScale): Box {
  const cx = x(point.peakBytes);
  const cy = y(point.overheadPercent);
  return { left: cx - dotRadius, top: cy - dotRadius, width: 2 * dotRadius, height: 2 * dotRadius };
}

/** A curve's name goes beside it, first where it is steep and curves lie apart; a little off where marks crowd it. */
export function curveLabel(text: string, points: readonly FrontierPoint[], scale: FrontierScale): Label {
  const inside = points.filter((point) => scale.y(point.overheadPercent) >= scale.y.range()[1]);
  const placesOff =
    (lines: number) =>
    (fraction: number): LabelPlace[] => {
      const point = inside.at(Math.floor(fraction * (inside.length - 1)));
      if (!point) return [];
      const x = scale.x(point.peakBytes);
      const y = scale.y(point.overheadPercent);
      return [
        { x: x + gap, y: y - lines * labelHeight, anchor: 'start' },
        { x: x - gap, y: y + lines * labelHeight, anchor: 'end' },
      ];
    };
  const fractions = [0.35, 0.5, 0.2, 0.65, 0.1, 0.8, 0];
  return { text, places: [...fractions.flatMap(placesOff(0.5)), ...fractions.flatMap(placesOff(1.25))] };
}

/** Boxes along a curve, so that labels keep off it. */
export function curveBoxes(points: readonly FrontierPoint[], { x, y }: FrontierScale): Box[] {
  return points.flatMap((point, i): Box[] => {
    const left = x(point.peakBytes);
    const right = i + 1 < points.length ? x(points[i + 1].peakBytes) : x.range()[1];
    const at = y(point.overheadPercent);
    const next = i + 1 < points.length ? y(points[i + 1].overheadPercent) : at;
    return [
      { left, top: at - 1, width: Math.max(right - left, 1), height: 2 },
      { left: right - 1, top: Math.min(at, next), width: 2, height: Math.abs(next - at) },
    ];
  });
}
