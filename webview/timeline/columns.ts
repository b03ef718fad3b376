import type { TimeAxis } from './timeAxis';

/**
 * Reduces samples to pixel columns. Each column shows one whole sample: the one with most live bytes among those that
 * touch it; so the picture's total is exact at its peak, and bands always add up. Columns without a sample (a transfer
 * is under way) show what was there before. -1 only before the first sample.
 */
export function columnSamples(
  axis: TimeAxis,
  liveBytes: Float64Array,
  [from, to]: readonly [number, number],
  columnCount: number,
): Int32Array {
  const chosen = new Int32Array(columnCount).fill(-1);
  const columnsPerUnit = columnCount / (to - from);
  let before = -1;
  for (let sample = 0; sample < axis.start.length; sample++) {
    if (axis.end[sample] < from) {
      before = sample;
      continue;
    }
    if (axis.start[sample] > to) break;
    const first = Math.max(0, Math.floor((axis.start[sample] - from) * columnsPerUnit));
    // A sample that ends exactly where a column begins does not touch it; one without duration touches its own.
    const last = Math.max(first, Math.ceil((axis.end[sample] - from) * columnsPerUnit) - 1);
    for (let column = first; column <= Math.min(last, columnCount - 1); column++) {
      if (chosen[column] < 0 || liveBytes[sample] > liveBytes[chosen[column]]) chosen[column] = sample;
    }
  }
  for (let column = 0; column < columnCount; column++) {
    if (chosen[column] < 0) chosen[column] = column > 0 ? chosen[column - 1] : before;
  }
  return chosen;
}

/** The sample with most live bytes, the first of equals; -1 for an empty timeline. */
export function peakSample(liveBytes: Float64Array): number {
  let peak = liveBytes.length > 0 ? 0 : -1;
  for (let sample = 1; sample < liveBytes.length; sample++) {
    if (liveBytes[sample] > liveBytes[peak]) peak = sample;
  }
  return peak;
}
