import { brushX, scaleLinear, select, type D3BrushEvent } from 'd3';
import type { Timeline } from '../../planner-core/simulator/timeline';
import { setAttributes, svgEl } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { pixelRuns } from './painter';
import type { TimeAxis } from './timeAxis';
import type { TimelineLayout } from './timelineScale';

const height = 22;

/** The whole step in small, with a window on what the timeline shows: drag its edges, drag it along, or draw a new one. */
export interface Minimap {
  readonly element: SVGSVGElement;
  draw(
    timeline: Timeline,
    axis: TimeAxis,
    end: number,
    zoom: readonly [number, number] | undefined,
    layout: TimelineLayout,
  ): void;
}

/** Keyboards zoom and move by the timeline's own keys, so the minimap is no stop of theirs. */
export function minimap(onZoom: (zoom: readonly [number, number] | undefined) => void): Minimap {
  const area = svgEl('path', { class: 'minimap-area' });
  const group = svgEl('g', { class: 'brush minimap-brush' });
  const element = svgEl('svg', { class: 'minimap', height, 'aria-hidden': 'true' }, area, group);
  const brush = brushX<unknown>();
  const x = scaleLinear();
  let isHeld = false;
  brush.on('start brush end', ({ selection, sourceEvent, type }: D3BrushEvent<unknown>) => {
    // What the view itself moves comes without an event.
    if (!sourceEvent) return;
    isHeld = type !== 'end';
    if (type === 'start') return;
    const [from, to] = ((selection ?? [0, 0]) as [number, number]).map((at) => x.invert(at));
    if (to > from) onZoom([from, to]);
    else if (type === 'end') onZoom(undefined);
  });
  group.addEventListener('dblclick', () => onZoom(undefined));

  const drawArea = memoizeLast(
    (timeline: Timeline, axis: TimeAxis, end: number, left: number, right: number, width: number) => {
      x.domain([0, end]).range([left, right]);
      const y = scaleLinear([0, Math.max(1, mostOf(timeline.liveBytes))], [height - 1, 2]);
      let path = `M${left} ${height}`;
      for (const run of pixelRuns(timeline, axis, [0, end], { left, right }, 1)) {
        // The step may end before the other one that the timeline makes room for.
        if (run.left > x(axis.total)) break;
        path += `L${run.left.toFixed(1)} ${y(timeline.liveBytes[run.sample]).toFixed(1)}H${run.right.toFixed(1)}`;
      }
      setAttributes(area, { d: `${path}V${height}Z` });
      setAttributes(element, { width });
      brush.extent([
        [left, 1],
        [right, height - 1],
      ]);
      select<SVGGElement, unknown>(group).call(brush);
    },
  );
  return {
    element,
    draw(timeline, axis, end, zoom, { left, right, width }) {
      drawArea(timeline, axis, end, left, right, width);
      // The window under the pointer is where the pointer has put it.
      if (isHeld) return;
      const shown = zoom && [x(Math.max(0, zoom[0])), x(Math.min(end, zoom[1]))];
      select<SVGGElement, unknown>(group).call((target) =>
        brush.move(target, shown ? [shown[0], shown[1]] : null),
      );
    },
  };
}

function mostOf(bytes: Float64Array): number {
  let most = 0;
  for (const value of bytes) if (value > most) most = value;
  return most;
}
