import { mark, type Mark } from '../base/dom';
import type { Run } from './painter';
import type { TimelineScale } from './timelineScale';

/** The line of what a plan is compared with, and the areas between it and the plan: less memory, and more. */
export function differenceBand(
  row: readonly Run[],
  liveBytes: Float64Array,
  otherBytes: Float64Array,
  { y }: Pick<TimelineScale, 'y'>,
): Mark[] {
  let line = '';
  let less = '';
  let more = '';
  let before = NaN;
  for (const { sample, left, right } of row) {
    const other = otherBytes[sample];
    if (!Number.isNaN(other)) {
      const [at, own] = [y(other), y(liveBytes[sample])];
      const across = `H${right.toFixed(1)}`;
      line += `${Number.isNaN(before) ? 'M' : 'L'}${left.toFixed(1)} ${at.toFixed(1)}${across}`;
      const box = `M${left.toFixed(1)} ${at.toFixed(1)}${across}V${own.toFixed(1)}H${left.toFixed(1)}Z`;
      if (other > liveBytes[sample]) less += box;
      else if (other < liveBytes[sample]) more += box;
    }
    before = other;
  }
  return [
    mark('path', { class: 'difference is-less', d: less }),
    mark('path', { class: 'difference is-more', d: more }),
    mark('path', { class: 'compared-line', d: line }),
  ];
}
