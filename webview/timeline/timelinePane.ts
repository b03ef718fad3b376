import { formatMemory } from '../../planner-core/base/format';
import type { Timeline } from '../../planner-core/simulator/timeline';
import { deviceOfNodes } from '../../planner-core/simulator/sequence';
import { el, setAttributes, svgEl } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { observeSize, type Size } from '../base/size';
import type { Theme } from '../base/theme';
import { nodesOfRows, rowKey } from '../state/layerTree';
import type { MeasuredModel } from '../state/measured';
import type { ShownPlan } from '../state/shownPlan';
import type { Store } from '../state/store';
import { hasLanes, type Pane, type StepModel, type View } from '../state/view';
import { tableTwin } from '../ui/tableTwin';
import { peakSample } from './columns';
import { TimelineInteraction } from './interaction';
import { legend } from './legend';
import { measuredBytes, measuredLine } from './measuredLine';
import { momentAt, momentText } from './moment';
import { overlayMarks } from './overlay';
import { paintTimeline, type Lane } from './painter';
import { paletteProbe, type Palette } from './palette';
import { peakCallout } from './peakCallout';
import { phasePeakList } from './phasePeakList';
import { phaseTableRows } from './phaseTable';
import { laneSpans, spansOfNodes } from './spans';
import { timeAxis, type TimeAxis } from './timeAxis';
import { timelineLayout, timelineScale, type TimelineLayout, type TimelineScale } from './timelineScale';
import { tooltip } from './tooltip';

/** Several devices have lanes of their own (lanes/). */
const onlyDevice = 0;

/** Memory of one device over the step: what is in it at every moment, where the peak is and why. */
export function timelinePane(store: Store): Pane {
  const canvas = el('canvas', { 'aria-hidden': 'true' });
  const marks = svgEl('g');
  const crosshair = svgEl('line', { class: 'crosshair', visibility: 'hidden' });
  const svg = svgEl('svg', { 'aria-hidden': 'true' }, marks, crosshair);
  const flag = peakCallout();
  const tip = tooltip();
  const probe = paletteProbe();
  const chart = el(
    'div',
    { class: 'chart', tabindex: '0', role: 'slider' },
    canvas,
    svg,
    flag.element,
    tip.element,
  );
  const keys = legend();
  const phases = phasePeakList();
  const reset = el('button', { class: 'quiet-button', type: 'button', hidden: true }, 'Show all');
  reset.addEventListener('click', () => store.updateUi({ zoom: undefined }));
  const table = tableTwin(store, 'timeline', 'Memory over one step', [
    'Phase',
    'Duration',
    'Most in memory',
    'While running',
    'Mostly',
  ]);
  const element = el(
    'section',
    { id: 'timeline', class: 'pane', 'aria-label': 'Memory over one step' },
    el(
      'div',
      { class: 'pane-title' },
      el('h2', {}, 'Memory over one step'),
      phases.element,
      reset,
      table.toggle,
    ),
    chart,
    keys.element,
    table.element,
    probe.element,
  );
  let size: Size = observeSize(chart, (changed) => {
    size = changed;
    store.update({});
  });
  let current: { step: StepModel; drawing: Drawing } | undefined;
  const interaction = new TimelineInteraction(chart, {
    hover: (sample) => {
      const hoverNode = sample === undefined ? undefined : current?.drawing.timeline.node[sample];
      store.updateUi({ hoverSample: sample, hoverNode });
    },
    zoom: (zoom) => store.updateUi({ zoom }),
    pick: (sample) => {
      if (!current) return;
      const { tree } = current.step;
      const row = tree.rowOfNode[current.drawing.timeline.node[sample]];
      if (row >= 0) store.updateUi({ selected: [rowKey(tree.layers[row])] });
    },
  });
  svg.append(interaction.group);

  const draw = memoizeLast(
    (
      step: StepModel,
      shown: ShownPlan,
      zoom: View['ui']['zoom'],
      selected: View['ui']['selected'],
      of: Size,
      theme: Theme,
      measured: MeasuredModel | undefined,
    ) => {
      const drawing = drawingOf(step, shown, zoom, of, measured);
      const { layout, scale, axis, timeline } = drawing;
      phases.update(step.view.step, timeline);
      setAttributes(svg, { width: of.width, height: of.height });
      paint(canvas, of, drawing, theme, probe.read());
      const nodes = nodesOfRows(step.tree, selected);
      const onePixel = scale.x.invert(1) - scale.x.invert(0);
      const selectedSpans =
        nodes.size > 0 ? spansOfNodes(timeline, axis, (node) => nodes.has(node), onePixel) : [];
      marks.replaceChildren(
        ...overlayMarks({
          ...drawing,
          step: step.view.step,
          budgetBytes: shown.budgetBytes,
          fits: shown.fits,
          selectedSpans,
        }),
        ...(drawing.measured ? measuredLine(drawing.measured, axis, scale, layout) : []),
      );
      keys.showMeasured(drawing.measured !== undefined);
      setAttributes(crosshair, { y1: layout.top, y2: layout.bottom });
      interaction.renew({ scale, layout, axis, peakSample: drawing.peak.sample });
      const peakX = scale.x(drawing.peak.at);
      flag.element.hidden = drawing.peak.sample < 0 || peakX < layout.left || peakX > layout.right;
      if (!flag.element.hidden) {
        flag.show(shown.evaluation, step.tree, onlyDevice, drawing.peak.sample, peakX, layout);
      }
      return drawing;
    },
  );
  const fillTable = memoizeLast((step: StepModel, drawing: Drawing) =>
    table.setRows(phaseTableRows(step.view.step, drawing.timeline, drawing.axis)),
  );

  const render = (view: View): void => {
    const { step, shown, ui } = view;
    element.hidden = hasLanes(view);
    if (element.hidden) return;
    chart.classList.toggle('is-waiting', !step || !shown);
    if (!step || !shown) return;
    const drawing = draw(step, shown, ui.zoom, ui.selected, size, view.theme, view.measured);
    current = { step, drawing };
    // The table is read, not watched: it need not follow the slider.
    if (ui.dragBudgetBytes === undefined) fillTable(step, drawing);
    table.show(ui.tables.includes('timeline'));
    reset.hidden = ui.zoom === undefined;
    showMoment(step, drawing, ui);
  };

  const showMoment = (step: StepModel, drawing: Drawing, ui: View['ui']): void => {
    const { timeline, scale, layout, axis } = drawing;
    const hovered = ui.hoverSample !== undefined && ui.hoverSample < timeline.length ? ui.hoverSample : -1;
    const sample = hovered >= 0 ? hovered : drawing.peak.sample;
    keys.update(timeline, sample);
    const moment = sample >= 0 ? momentAt(step.view.step, step.tree, timeline, sample) : undefined;
    setAttributes(chart, {
      'aria-label': `Moment of the step; the peak is ${formatMemory(drawing.peak.bytes)}`,
      'aria-valuemin': 0,
      'aria-valuemax': Math.max(0, timeline.length - 1),
      'aria-valuenow': Math.max(0, sample),
      'aria-valuetext': moment && momentText(moment),
    });
    const x = hovered >= 0 ? scale.x((axis.start[hovered] + axis.end[hovered]) / 2) : -1;
    const visible = hovered >= 0 && x >= layout.left && x <= layout.right;
    setAttributes(crosshair, { x1: x, x2: x, visibility: visible ? 'visible' : 'hidden' });
    flag.element.classList.toggle('is-faded', visible);
    if (visible && moment) tip.show(moment, x, layout);
    else tip.hide();
  };
  return { element, render };
}

interface Peak {
  /** -1 for an empty timeline. */
  readonly sample: number;
  readonly at: number;
  readonly bytes: number;
}

/** What is drawn and where: everything the painter and the overlay need. */
interface Drawing {
  readonly timeline: Timeline;
  readonly axis: TimeAxis;
  readonly keepAll: Timeline;
  readonly keepAllAxis: TimeAxis;
  readonly layout: TimelineLayout;
  readonly scale: TimelineScale;
  readonly lanes: readonly Lane[];
  readonly laneNames: readonly string[];
  readonly peak: Peak;
  readonly keepAllPeak: Peak;
  /** By sample. */
  readonly measured?: Float64Array;
}

function drawingOf(
  { view, keepAll }: StepModel,
  shown: ShownPlan,
  zoom: View['ui']['zoom'],
  size: Size,
  run: MeasuredModel | undefined,
): Drawing {
  const { step } = view;
  const { evaluation } = shown;
  const timeline = evaluation.timeline(onlyDevice);
  const axis = timeAxis(timeline);
  const keepAllTimeline = keepAll.timeline(onlyDevice);
  const keepAllAxis = timeAxis(keepAllTimeline);
  const placement = deviceOfNodes(step, evaluation.directives);
  const lanes: Lane[] = step.devices.map((_, i) => ({
    spans: laneSpans(step, timeline, axis, placement, i),
  }));
  const laneNames = [...step.devices];
  if (timeline.transfers.length > 0) {
    lanes.push({
      spans: timeline.transfers.map(({ startMs, endMs }) => ({ from: startMs, to: endMs, kind: 'transfer' })),
    });
    laneNames.push('copies');
  }
  const measured = run && measuredBytes(timeline, run);
  const layout = timelineLayout(size, lanes.length);
  const scale = timelineScale(
    timeline,
    axis,
    { keepAll: keepAllTimeline, keepAllAxis, budgetBytes: shown.budgetBytes, measured },
    zoom,
    layout,
  );
  return {
    timeline,
    axis,
    keepAll: keepAllTimeline,
    keepAllAxis,
    layout,
    scale,
    lanes,
    laneNames,
    peak: highest(timeline, axis),
    measured,
    keepAllPeak: highest(keepAllTimeline, keepAllAxis),
  };
}

function highest(timeline: Timeline, axis: TimeAxis): Peak {
  const sample = peakSample(timeline.liveBytes);
  if (sample < 0) return { sample, at: 0, bytes: 0 };
  return { sample, at: (axis.start[sample] + axis.end[sample]) / 2, bytes: timeline.liveBytes[sample] };
}

function paint(
  canvas: HTMLCanvasElement,
  size: Size,
  drawing: Drawing,
  theme: Theme,
  palette: Palette,
): void {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(size.width * ratio);
  const height = Math.round(size.height * ratio);
  // Setting a canvas' size clears it and costs an allocation: only when it changed.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.style.width = `${size.width}px`;
  canvas.style.height = `${size.height}px`;
  const context = canvas.getContext('2d');
  if (context) paintTimeline(context, ratio, { ...drawing, palette, highContrast: theme.highContrast });
}
