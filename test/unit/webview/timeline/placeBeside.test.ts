import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeEnd } from '../../../../webview/timeline/overlay';
import { flagRoom } from '../../../../webview/timeline/peakCallout';
import { roomBeside } from '../../../../webview/timeline/placeBeside';
import { timelineLayout } from '../../../../webview/timeline/timelineScale';

const widths = { distance: 16, comfortable: Infinity, most: 560, least: 260 };
const layoutOf = (width: number) => timelineLayout({ width, height: 300 }, 1);

describe('a box beside a moment', () => {
  it('never leaves the plot, and has the least width wherever the plot does', () => {
    const charts = fc.tuple(fc.integer({ min: 120, max: 3000 }), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(charts, ([width, share]) => {
        const layout = layoutOf(width);
        const plot = layout.right - layout.left;
        const { from, to } = roomBeside(layout.left + share * plot, widths, layout);
        expect(from).toBeGreaterThanOrEqual(layout.left - 1e-9);
        expect(to).toBeLessThanOrEqual(layout.right + 1e-9);
        expect(to - from).toBeGreaterThanOrEqual(Math.min(widths.least, plot) - 1e-9);
        expect(to - from).toBeLessThanOrEqual(widths.most);
      }),
    );
  });

  it('goes to the side with more room, and leaves the moment in sight where it can', () => {
    const layout = layoutOf(700);
    expect(roomBeside(200, widths, layout)).toMatchObject({ toRight: true, from: 216 });
    expect(roomBeside(600, widths, layout)).toMatchObject({ toRight: false, to: 584 });
  });

  it('is on the right as soon as there is enough room, where that is told', () => {
    const layout = layoutOf(1400);
    expect(roomBeside(800, { ...widths, comfortable: 460 }, layout).toRight).toBe(true);
    expect(roomBeside(800, widths, layout).toRight).toBe(false);
  });
});

describe('the label of the budget', () => {
  it('is at the end of the line that the flag of the peak leaves free', () => {
    const layout = layoutOf(700);
    // As a first user had it: a flag from the middle to the right end.
    expect(freeEnd(300, 110, layout)).toBe('left');
    expect(freeEnd(650, 110, layout)).toBe('right');
    expect(freeEnd(-5, 110, layout)).toBe('right');
    const wide = layoutOf(1400);
    expect(flagRoom(100, wide).to).toBeLessThan(wide.right - 110);
    expect(freeEnd(100, 110, wide)).toBe('right');
  });
});
