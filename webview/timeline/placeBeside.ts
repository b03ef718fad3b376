import type { TimelineLayout } from './timelineScale';

/** Widths of a box in CSS pixels. */
interface BoxWidths {
  /** Between the moment and the box. */
  readonly distance: number;
  /** With so much room on the right the box is there even where the left has more. */
  readonly comfortable: number;
  readonly most: number;
  /** Where there is less room on both sides, the box covers the moment instead of getting narrower. */
  readonly least: number;
}

/** What a box beside a moment may cover: from its left end to its right one, in CSS pixels of the chart. */
export interface BoxRoom {
  readonly toRight: boolean;
  readonly from: number;
  readonly to: number;
}

/** Room for a box beside x that never leaves the plot, on the side where there is more or enough of it. */
export function roomBeside(
  x: number,
  { distance, comfortable, most, least }: BoxWidths,
  { left, right }: Pick<TimelineLayout, 'left' | 'right'>,
): BoxRoom {
  const roomRight = right - x - distance;
  const roomLeft = x - distance - left;
  const toRight = roomRight >= Math.min(roomLeft, comfortable);
  const width = Math.min(Math.max(toRight ? roomRight : roomLeft, least), most, right - left);
  const from = toRight ? Math.min(x + distance, right - width) : Math.max(x - distance - width, left);
  return { toRight, from, to: from + width };
}

/** Puts a box there, in the upper part of the plot. Nothing is measured: that would force a layout in every frame. */
export function placeBox(
  { style }: HTMLElement,
  { toRight, from, to }: BoxRoom,
  { top, width }: TimelineLayout,
): void {
  style.top = `${top + 3}px`;
  style.left = toRight ? `${Math.round(from)}px` : 'auto';
  style.right = toRight ? 'auto' : `${Math.round(width - to)}px`;
  style.maxWidth = `${Math.floor(to - from)}px`;
}
