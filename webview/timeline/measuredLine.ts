import type { Timeline } from '../../planner-core/simulator/timeline';
import { mark, type Mark } from '../base/dom';
import type { MeasuredModel } from '../state/measured';
import type { TimeAxis } from './timeAxis';
import type { TimelineLayout, TimelineScale } from './timelineScale';

/**
 * By sample of the timeline: most bytes that were measured while its computation ran; NaN where nothing was. A profiler counts what a
 * process has allocated since some moment: the line shows the growth from the start of the step, on top of what is there then.
 */
export function measuredBytes(
  timeline: Timeline,
  { run: { grownBytes }, startBytes }: MeasuredModel,
): Float64Array {
  return Float64Array.from(timeline.node, (node, sample) =>
    timeline.again[sample] ? NaN : startBytes + grownBytes[node],
  );
}

/** The measured memory as a line that breaks where nothing was measured. */
export function measuredLine(
  bytes: Float64Array,
  axis: TimeAxis,
  { x, y }: TimelineScale,
  { left, right }: Pick<TimelineLayout, 'left' | 'right'>,
): Mark[] {
  let path = '';
  let isDrawn = false;
  for (let sample = 0; sample < bytes.length; sample++) {
    const [from, to] = [x(axis.start[sample]), x(axis.end[sample])];
    const isShown = !Number.isNaN(bytes[sample]) && to >= left && from <= right;
    if (isShown) {
      const at = y(bytes[sample]).toFixed(1);
      path += `${isDrawn ? 'L' : 'M'}${Math.max(from, left).toFixed(1)} ${at}H${Math.min(to, right).toFixed(1)}`;
    }
    isDrawn = isShown;
  }
  return path === '' ? [] : [mark('path', { class: 'measured-line', d: path })];
}
