import type { Timeline } from '../../planner-core/simulator/timeline';

/** Where each sample of a timeline lies on the x axis. */
export interface TimeAxis {
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** End of the last sample, at least 1. */
  readonly total: number;
  readonly unit: 'ms' | 'samples';
}

/** Milliseconds; where no duration is known (devices without rates) one unit a sample. */
export function timeAxis(timeline: Timeline): TimeAxis {
  const { length, startMs, endMs } = timeline;
  const totalMs = length > 0 ? endMs[length - 1] : 0;
  if (totalMs > 0) return { start: startMs, end: endMs, total: totalMs, unit: 'ms' };
  return {
    start: Float64Array.from({ length }, (_, i) => i),
    end: Float64Array.from({ length }, (_, i) => i + 1),
    total: Math.max(1, length),
    unit: 'samples',
  };
}

/**
 * Sample under a moment: the last that starts at or before it. Of samples without duration that share the moment it is
 * the last one. O(log samples); -1 for an empty timeline.
 */
export function sampleAt({ start }: TimeAxis, moment: number): number {
  let low = 0;
  let high = start.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (start[middle] <= moment) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1) - (start.length === 0 ? 1 : 0);
}
