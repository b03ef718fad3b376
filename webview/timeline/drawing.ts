import type { Timeline } from '../../planner-core/simulator/timeline';
import { deviceOfNodes } from '../../planner-core/simulator/sequence';
import { fitCanvas, pixelRatio } from '../base/fitCanvas';
import { memoizeLast } from '../base/memoize';
import type { Size } from '../base/size';
import type { Theme } from '../base/theme';
import type { Evaluation } from '../state/evaluation';
import type { MeasuredModel } from '../state/measured';
import type { ShownPlan } from '../state/shownPlan';
import type { StepModel, View } from '../state/view';
import { peakSample } from './columns';
import type { Comparison } from './comparison';
import { measuredBytes } from './measuredLine';
import { paintTimeline, pixelRuns, type Lane, type Run } from './painter';
import type { Palette } from './palette';
import { laneSpans } from './spans';
import { tensorStack, type TensorStack } from './tensorStack';
import { timeAxis, type TimeAxis } from './timeAxis';
import {
  endOfAll,
  timelineLayout,
  timelineScale,
  type TimelineLayout,
  type TimelineScale,
} from './timelineScale';
import { t } from '../base/l10n';

/** Several devices have lanes of their own (lanes/). */
export const onlyDevice = 0;

export interface Peak {
  /** -1 for an empty timeline. */
  readonly sample: number;
  readonly at: number;
  readonly bytes: number;
}

/** What is drawn and where: everything the painter and the overlay need. */
export interface Drawing {
  readonly timeline: Timeline;
  readonly axis: TimeAxis;
  readonly row: readonly Run[];
  /** Absent while the slider moves. */
  readonly tensors?: TensorStack;
  readonly keepAll?: { readonly timeline: Timeline; readonly axis: TimeAxis };
  readonly keepAllPeak: Peak;
  readonly comparison?: Comparison;
  readonly layout: TimelineLayout;
  readonly scale: TimelineScale;
  /** End of the axis when all of it is shown. */
  readonly end: number;
  readonly lanes: readonly Lane[];
  readonly laneNames: readonly string[];
  readonly peak: Peak;
  /** By sample. */
  readonly measured?: Float64Array;
}

export interface DrawingInput {
  readonly step: StepModel;
  readonly shown: ShownPlan;
  readonly zoom: View['ui']['zoom'];
  readonly size: Size;
  readonly measured: MeasuredModel | undefined;
  readonly comparison: Comparison | undefined;
  readonly dragging: boolean;
}

/** Made once for each plan: at 50,000 tensors it takes longer than a frame may. */
const tensorsOf = memoizeLast((evaluation: Evaluation) =>
  tensorStack(evaluation.step, evaluation.timeline(onlyDevice), evaluation.tensorLives(onlyDevice)),
);

export function drawingOf(input: DrawingInput): Drawing {
  const { step: model, shown, zoom, size, comparison, dragging } = input;
  const { step } = model.view;
  const { evaluation } = shown;
  const timeline = evaluation.timeline(onlyDevice);
  const axis = timeAxis(timeline);
  const keepAllTimeline = model.keepAll.timeline(onlyDevice);
  const keepAllAxis = timeAxis(keepAllTimeline);
  const keepAll = comparison ? undefined : { timeline: keepAllTimeline, axis: keepAllAxis };
  const { lanes, laneNames } = lanesOf(model, shown, timeline, axis);
  const measured = input.measured && measuredBytes(timeline, input.measured);
  const layout = timelineLayout(size, lanes.length);
  const lines = [measured, comparison?.bytes].filter((line) => line !== undefined);
  const { budgetBytes } = shown;
  const scale = timelineScale(timeline, axis, { keepAll, budgetBytes, lines }, zoom, layout);
  return {
    timeline,
    axis,
    row: pixelRuns(timeline, axis, scale.x.domain(), layout, pixelRatio()),
    tensors: dragging || step.devices.length > 1 ? undefined : tensorsOf(evaluation),
    keepAll,
    keepAllPeak: highest(keepAllTimeline, keepAllAxis),
    comparison,
    layout,
    scale,
    end: endOfAll(axis, keepAll?.axis),
    lanes,
    laneNames,
    peak: highest(timeline, axis),
    measured,
  };
}

function lanesOf(
  { view: { step } }: StepModel,
  { evaluation: { directives }, offload }: ShownPlan,
  timeline: Timeline,
  axis: TimeAxis,
): { lanes: Lane[]; laneNames: string[] } {
  const placement = deviceOfNodes(step, directives);
  const lanes: Lane[] = step.devices.map((_, i) => ({
    spans: laneSpans(step, timeline, axis, placement, i),
  }));
  const laneNames = [...step.devices];
  // What leaves the device has lanes of its own below.
  if (timeline.transfers.length > 0 && !offload) {
    lanes.push({
      spans: timeline.transfers.map(({ startMs, endMs }) => ({ from: startMs, to: endMs, kind: 'transfer' })),
    });
    laneNames.push(t('copies'));
  }
  return { lanes, laneNames };
}

function highest(timeline: Timeline, axis: TimeAxis): Peak {
  const sample = peakSample(timeline.liveBytes);
  if (sample < 0) return { sample, at: 0, bytes: 0 };
  return { sample, at: (axis.start[sample] + axis.end[sample]) / 2, bytes: timeline.liveBytes[sample] };
}

export function paint(
  canvas: HTMLCanvasElement,
  size: Size,
  drawing: Drawing,
  theme: Theme,
  palette: Palette,
): void {
  const fitted = fitCanvas(canvas, size);
  if (fitted)
    paintTimeline(fitted.context, fitted.ratio, { ...drawing, palette, highContrast: theme.highContrast });
}
