import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnSamples, peakSample } from '../../../../webview/timeline/columns';
import { sampleAt, type TimeAxis } from '../../../../webview/timeline/timeAxis';

function axisOf(durations: readonly number[]): TimeAxis {
  let clock = 0;
  const start = Float64Array.from(durations, (duration) => (clock += duration) - duration);
  const end = start.map((at, i) => at + durations[i]);
  return { start, end, total: Math.max(clock, 1), unit: 'ms' };
}

const samples = fc.array(
  fc.record({ duration: fc.integer({ min: 0, max: 5 }), bytes: fc.integer({ min: 0, max: 1000 }) }),
  { minLength: 1, maxLength: 60 },
);

describe('columnSamples', () => {
  it('always shows the peak, however few columns there are', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 40 }), (list, columnCount) => {
        const axis = axisOf(list.map(({ duration }) => duration));
        const live = Float64Array.from(list, ({ bytes }) => bytes);
        const columns = columnSamples(axis, live, [0, axis.total + 1], columnCount);
        const most = Math.max(...live);
        expect(Math.max(...Array.from(columns, (sample) => (sample < 0 ? 0 : live[sample])))).toBe(most);
      }),
    );
  });

  it('shows samples in order of time', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 40 }), (list, columnCount) => {
        const axis = axisOf(list.map(({ duration }) => duration));
        const live = Float64Array.from(list, ({ bytes }) => bytes);
        const columns = columnSamples(axis, live, [0, axis.total], columnCount);
        for (let i = 1; i < columns.length; i++) {
          expect(axis.start[columns[i]]).toBeGreaterThanOrEqual(axis.start[columns[i - 1]]);
        }
      }),
    );
  });

  it('fills the time of a transfer with what was there before', () => {
    const axis: TimeAxis = {
      start: Float64Array.of(0, 6),
      end: Float64Array.of(2, 8),
      total: 8,
      unit: 'ms',
    };
    expect([...columnSamples(axis, Float64Array.of(5, 9), [0, 8], 8)]).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
    expect([...columnSamples(axis, Float64Array.of(5, 9), [3, 5], 2)]).toEqual([0, 0]);
  });
});

it('finds the first of equal peaks', () => {
  expect(peakSample(Float64Array.of(1, 7, 7, 3))).toBe(1);
  expect(peakSample(new Float64Array(0))).toBe(-1);
});

describe('sampleAt', () => {
  const axis = axisOf([2, 0, 3]);
  it.each([
    [-1, 0],
    [0, 0],
    [1.9, 0],
    [2, 2],
    [4.9, 2],
    [99, 2],
  ])('at %d is sample %d', (moment, sample) => expect(sampleAt(axis, moment)).toBe(sample));
  it('is -1 in an empty timeline', () => expect(sampleAt(axisOf([]), 0)).toBe(-1));
});
