import type { TimelineLayout } from './timelineScale';

/** Puts a box beside x in the upper part of the plot. Nothing is measured: that would force a layout in every frame. */
export function placeBeside(
  element: HTMLElement,
  x: number,
  distance: number,
  layout: TimelineLayout,
  toRight: boolean,
): void {
  const { style } = element;
  style.top = `${layout.top + 3}px`;
  style.left = toRight ? `${Math.round(x + distance)}px` : 'auto';
  style.right = toRight ? 'auto' : `${Math.round(layout.width - x + distance)}px`;
}
