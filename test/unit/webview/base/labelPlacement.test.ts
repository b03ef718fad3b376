import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelBox, overlaps, placeLabels, type Label } from '../../../../webview/base/labelPlacement';

const bounds = { left: 0, top: 0, width: 300, height: 200 };
const place = fc.record({
  x: fc.integer({ min: -20, max: 320 }),
  y: fc.integer({ min: -20, max: 220 }),
  anchor: fc.constantFrom('start' as const, 'middle' as const, 'end' as const),
});
const label: fc.Arbitrary<Label> = fc.record({
  text: fc.string({ minLength: 1, maxLength: 12 }),
  places: fc.array(place, { minLength: 1, maxLength: 6 }),
});

describe('placeLabels', () => {
  it('never lets labels touch each other, an obstacle or the edge', () => {
    const obstacle = { left: 100, top: 80, width: 60, height: 30 };
    fc.assert(
      fc.property(fc.array(label, { maxLength: 8 }), (labels) => {
        const boxes = placeLabels(labels, bounds, [obstacle]).flatMap((at, i) =>
          at ? [labelBox(labels[i].text, at)] : [],
        );
        for (const [i, box] of boxes.entries()) {
          expect(overlaps(box, obstacle)).toBe(false);
          expect(box.left).toBeGreaterThanOrEqual(0);
          expect(box.left + box.width).toBeLessThanOrEqual(300);
          for (const other of boxes.slice(i + 1)) expect(overlaps(box, other)).toBe(false);
        }
      }),
    );
  });

  it('takes the first place that is free and leaves a label out that has none', () => {
    const here = { x: 10, y: 50, anchor: 'start' } as const;
    const there = { x: 10, y: 100, anchor: 'start' } as const;
    const labels = [
      { text: 'one', places: [here] },
      { text: 'two', places: [here, there] },
      { text: 'three', places: [here] },
    ];
    expect(placeLabels(labels, bounds, [])).toEqual([here, there, undefined]);
  });
});
