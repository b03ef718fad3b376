import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  SplitAnswer,
  SplitSegment,
  SplitView,
} from '../../../../planner-core/session/machines/splitModel';
import { bandwidthRange, breakpoints, envelope, splitAt, timeAt } from '../../../../webview/split/splitCurve';
import { someSplit } from './sample';

const split: SplitView = someSplit('a');

/** The segment of a split that takes `fixedMs` and sends what takes `byteMs` at 1 GB/s. */
const segment = (fromGbPerS: number, toGbPerS: number, fixedMs: number, byteMs: number): SplitSegment => ({
  ...{ fromGbPerS, toGbPerS, split },
  slowMs: fixedMs + byteMs / fromGbPerS,
  fastMs: fixedMs + byteMs / toGbPerS,
});

const answer: SplitAnswer = {
  ...{ between: ['edge', 'server'], gbPerS: 0.5, now: { ...someSplit('now'), totalMs: 15 } },
  aloneMs: [10, 2],
  segments: [segment(0.01, 0.1, 10, 0), segment(0.1, 1, 5, 0.5), segment(1, 100, 2, 3.5)],
};

describe('the time of a split by bandwidth', () => {
  it('is what is fixed and what is sent by the inverse of the bandwidth', () => {
    const numbers = fc.record({
      fixedMs: fc.double({ min: 0, max: 1e4, noNaN: true }),
      byteMs: fc.double({ min: 0, max: 1e4, noNaN: true }),
      from: fc.double({ min: 1e-3, max: 10, noNaN: true }),
      width: fc.double({ min: 1.01, max: 1e4, noNaN: true }),
      along: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(numbers, ({ fixedMs, byteMs, from, width, along }) => {
        const gbPerS = from * width ** along;
        const found = timeAt(segment(from, from * width, fixedMs, byteMs), gbPerS);
        const expected = fixedMs + byteMs / gbPerS;
        expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-7 * (fixedMs + byteMs / from) + 1e-12);
      }),
      { seed: 11 },
    );
  });

  it('is that of a segment without a width at its only bandwidth', () => {
    expect(timeAt(segment(3, 3, 4, 6), 3)).toBe(6);
  });
});

describe('an answer', () => {
  it('has the range of its segments and of the link, and a break point where a split takes over', () => {
    expect(bandwidthRange(answer)).toEqual([0.01, 100]);
    expect(bandwidthRange({ ...answer, gbPerS: 200 })).toEqual([0.01, 200]);
    expect(breakpoints(answer)).toEqual([0.1, 1]);
  });

  it('has the split of the segment at a bandwidth, at the link its own', () => {
    expect(splitAt(answer, 0.05)).toMatchObject({ totalMs: 10, segment: answer.segments[0] });
    expect(splitAt(answer, 1).segment).toBe(answer.segments[2]);
    expect(splitAt(answer, 100).totalMs).toBeCloseTo(2.035, 9);
    expect(splitAt(answer, 0.5)).toEqual({ gbPerS: 0.5, totalMs: 15, split: answer.now });
    // Slower than all that was looked at.
    expect(splitAt(answer, 0.001).segment).toBe(answer.segments[0]);
  });

  it('has an envelope from end to end that never rises with the bandwidth', () => {
    const corners = envelope(answer);
    expect([corners[0].gbPerS, corners.at(-1)!.gbPerS]).toEqual([0.01, 100]);
    corners.slice(1).forEach(({ gbPerS, totalMs }, i) => {
      expect(gbPerS).toBeGreaterThanOrEqual(corners[i].gbPerS);
      expect(totalMs).toBeLessThanOrEqual(corners[i].totalMs + 1e-9);
    });
  });
});
