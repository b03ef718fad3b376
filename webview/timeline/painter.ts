import { bands, type Timeline } from '../../planner-core/simulator/timeline';
import { columnSamples } from './columns';
import type { Palette } from './palette';
import { bandFill } from './patterns';
import type { LaneKind, Span } from './spans';
import { drawnEdges, type TensorStack } from './tensorStack';
import type { TimeAxis } from './timeAxis';
import { laneHeight, type TimelineLayout, type TimelineScale } from './timelineScale';

export interface Lane {
  readonly spans: readonly (Span & { readonly kind: LaneKind | 'transfer' })[];
}

export interface Painting {
  readonly timeline: Timeline;
  /** What of the timeline is to be seen, in runs of device pixels. */
  readonly row: readonly Run[];
  /** The tensors in the bands; absent while there is no time for them. */
  readonly tensors?: TensorStack;
  /** The line of keeping everything; absent where the plan is compared with something. */
  readonly keepAll?: { readonly timeline: Timeline; readonly axis: TimeAxis };
  readonly scale: TimelineScale;
  readonly layout: TimelineLayout;
  readonly lanes: readonly Lane[];
  readonly palette: Palette;
  readonly highContrast: boolean;
}

/** Paints bands, the line of keeping everything, and lanes. `ratio`: device pixels for each CSS pixel. */
export function paintTimeline(context: CanvasRenderingContext2D, ratio: number, painting: Painting): void {
  const { layout, scale } = painting;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, context.canvas.width / ratio, context.canvas.height / ratio);
  paintBands(context, painting.row, painting);
  if (painting.tensors) paintTensorEdges(context, painting.tensors, painting);
  if (painting.keepAll) {
    const { timeline, axis } = painting.keepAll;
    // The step that keeps everything is shorter: its line ends where it ends.
    const end = scale.x(axis.total);
    const row = pixelRuns(timeline, axis, scale.x.domain(), layout, ratio).filter((run) => run.left < end);
    paintKeepAll(context, row, timeline, painting);
  }
  paintLanes(context, painting);
}

/** Neighbouring columns that show the same sample. */
export interface Run {
  readonly sample: number;
  readonly left: number;
  readonly right: number;
}

/** What is to be seen of a timeline between two moments, in runs of device pixels. */
export function pixelRuns(
  timeline: Timeline,
  axis: TimeAxis,
  domain: readonly number[],
  { left, right }: Pick<TimelineLayout, 'left' | 'right'>,
  ratio: number,
): Run[] {
  const columnCount = Math.max(1, Math.round((right - left) * ratio));
  const columns = columnSamples(axis, timeline.liveBytes, [domain[0], domain[1]], columnCount);
  return runs(columns, left, 1 / ratio);
}

function runs(columns: Int32Array, left: number, columnWidth: number): Run[] {
  const result: Run[] = [];
  for (let column = 0, begin = 0; column < columns.length; column++) {
    if (column + 1 < columns.length && columns[column + 1] === columns[begin]) continue;
    if (columns[begin] >= 0) {
      result.push({
        sample: columns[begin],
        left: left + begin * columnWidth,
        right: left + (column + 1) * columnWidth,
      });
    }
    begin = column + 1;
  }
  return result;
}

/** Stacks the bands of a timeline on top of each other. */
export function paintBands(
  context: CanvasRenderingContext2D,
  row: readonly Run[],
  painting: Pick<Painting, 'timeline' | 'palette' | 'highContrast'> & {
    readonly scale: Pick<TimelineScale, 'y'>;
  },
): void {
  const { timeline, scale, palette, highContrast } = painting;
  const lower = new Float64Array(row.length);
  const upper = new Float64Array(row.length);
  for (const band of bands) {
    const bytes = timeline.bandBytes[band];
    let any = false;
    for (let i = 0; i < row.length; i++) {
      upper[i] = lower[i] + bytes[row[i].sample];
      any ||= upper[i] > lower[i];
    }
    if (!any) continue;
    context.beginPath();
    row.forEach(({ left, right }, i) => {
      const y = scale.y(upper[i]);
      context.lineTo(left, y);
      context.lineTo(right, y);
    });
    for (let i = row.length - 1; i >= 0; i--) {
      const y = scale.y(lower[i]);
      context.lineTo(row[i].right, y);
      context.lineTo(row[i].left, y);
    }
    context.closePath();
    context.fillStyle = bandFill(context, band, palette[band], highContrast ? palette.outline : undefined);
    context.fill();
    if (highContrast) strokeTop(context, row, (i) => scale.y(upper[i]), palette.outline);
    lower.set(upper);
  }
}

/** Tensors lower than this would be nothing but edges. */
const leastHeightPx = 3;

/** Thin lines between the larger tensors of a band. */
function paintTensorEdges(
  context: CanvasRenderingContext2D,
  tensors: TensorStack,
  { row, scale, palette, highContrast }: Painting,
): void {
  context.save();
  context.globalAlpha = highContrast ? 1 : 0.45;
  const onePixelBytes = scale.y.invert(0) - scale.y.invert(1);
  for (const { runs, upperBytes, bytes } of drawnEdges(tensors, row)) {
    if (bytes < leastHeightPx * onePixelBytes) continue;
    strokeTop(context, runs, (i) => scale.y(upperBytes[i]), palette.background);
  }
  context.restore();
}

function paintKeepAll(
  context: CanvasRenderingContext2D,
  row: readonly Run[],
  keepAll: Timeline,
  painting: Painting,
): void {
  const { scale, palette } = painting;
  context.save();
  context.setLineDash([3, 3]);
  context.globalAlpha = painting.highContrast ? 1 : 0.6;
  strokeTop(context, row, (i) => scale.y(keepAll.liveBytes[row[i].sample]), palette.outline);
  context.restore();
}

function strokeTop(
  context: CanvasRenderingContext2D,
  row: readonly Run[],
  yOf: (run: number) => number,
  colour: string,
): void {
  context.beginPath();
  row.forEach(({ left, right }, i) => {
    context.lineTo(left, yOf(i));
    context.lineTo(right, yOf(i));
  });
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.stroke();
}

function paintLanes(context: CanvasRenderingContext2D, painting: Painting): void {
  const { layout, lanes, scale, palette } = painting;
  context.save();
  context.beginPath();
  context.rect(layout.left, layout.bottom, layout.right - layout.left, context.canvas.height);
  context.clip();
  lanes.forEach(({ spans }, lane) => {
    const y = layout.lanes[lane];
    for (const { from, to, kind } of spans) {
      const x = scale.x(from);
      context.fillStyle = palette[kind];
      // A recomputation shorter than a pixel is still worth seeing.
      context.fillRect(x, y, Math.max(scale.x(to) - x, 0.75), laneHeight);
      if (painting.highContrast) {
        context.strokeStyle = palette.outline;
        context.strokeRect(x, y, scale.x(to) - x, laneHeight);
      }
    }
  });
  context.restore();
}
