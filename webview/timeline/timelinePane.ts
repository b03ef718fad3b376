import { formatMemory } from '../../planner-core/base/format';
import type { Timeline } from '../../planner-core/simulator/timeline';
import { el, patchMarks, setAttributes, svgEl } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { observeSize, type Size } from '../base/size';
import type { Theme } from '../base/theme';
import { nodesOfRows, operatorKey, rowKey } from '../state/layerTree';
import type { ComparisonChoice, ComparisonSources, OtherPlan } from '../state/comparedWith';
import type { Connection } from '../state/connection';
import type { MeasuredModel } from '../state/measured';
import type { ShownPlan } from '../state/shownPlan';
import type { Store } from '../state/store';
import { comparisonSources, hasLanes, type Pane, type StepModel, type View } from '../state/view';
import { offloadRows, offloadStrip, transferColumns } from '../offload/offloadStrip';
import { tableTwin } from '../ui/tableTwin';
import { compareControl } from './compareControl';
import { comparisonChoices, comparisonOf, type Comparison } from './comparison';
import { comparisonColumns, comparisonRows, comparisonSentence } from './comparisonWords';
import { differenceBand } from './differenceBand';
import { drawingOf, onlyDevice, paint, type Drawing } from './drawing';
import { TimelineInteraction } from './interaction';
import { legend } from './legend';
import { measuredLine } from './measuredLine';
import { minimap } from './minimap';
import { momentAt, momentText } from './moment';
import { overlayMarks } from './overlay';
import { paletteProbe } from './palette';
import { peakCallout } from './peakCallout';
import { phasePeakList } from './phasePeakList';
import { phaseTableRows } from './phaseTable';
import { spansOfNodes } from './spans';
import { tensorOutline } from './tensorOutline';
import { tensorAt, tensorsThere } from './tensorStack';
import { tensorText, tensorWords } from './tensorWords';
import { timeAxis } from './timeAxis';
import { tooltip } from './tooltip';
import { t } from '../base/l10n';

/** Memory of one device over the step: what is in it at every moment, where the peak is and why. */
export function timelinePane(store: Store, connection: Connection): Pane {
  const canvas = el('canvas', { 'aria-hidden': 'true' });
  const marks = svgEl('g');
  const outline = tensorOutline();
  const crosshair = svgEl('line', { class: 'crosshair', visibility: 'hidden' });
  const svg = svgEl('svg', { 'aria-hidden': 'true' }, marks, outline.element, crosshair);
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
  const overview = minimap((zoom) => store.updateUi({ zoom }));
  const keys = legend();
  const phases = phasePeakList();
  const reset = el('button', { class: 'quiet-button', type: 'button', hidden: true }, t('Show all'));
  reset.addEventListener('click', () => store.updateUi({ zoom: undefined }));
  const compare = compareControl(
    (compareWith) => store.updateUi({ compareWith }),
    (source) => connection.send({ type: 'compare-with', source }),
  );
  const table = tableTwin(store, 'timeline', t('Memory over one step'), [
    t('Phase'),
    t('Duration'),
    t('Most in memory'),
    t('While running'),
    t('Mostly'),
  ]);
  const difference = tableTwin(
    store,
    'comparison',
    t('Plan and what it is compared with'),
    comparisonColumns,
    t('Difference'),
  );
  const moved = tableTwin(
    store,
    'offload',
    t('What leaves the device and comes back'),
    transferColumns,
    t('Transfers'),
  );
  const strip = offloadStrip(({ target }) => {
    const key = operatorKey(target);
    if (current?.step.tree.byKey.has(key)) store.updateUi({ selected: [key] });
  });
  const element = el(
    'section',
    { id: 'timeline', class: 'pane', 'aria-label': t('Memory over one step') },
    el(
      'div',
      { class: 'pane-title' },
      el('h2', {}, t('Memory over one step')),
      phases.element,
      compare.sentence,
      el(
        'div',
        { class: 'pane-tools' },
        reset,
        compare.select,
        difference.toggle,
        moved.toggle,
        table.toggle,
      ),
    ),
    chart,
    strip.element,
    overview.element,
    keys.element,
    table.element,
    difference.element,
    moved.element,
    probe.element,
  );
  let size: Size = observeSize(chart, (changed) => {
    size = changed;
    store.update({});
  });
  let current: { step: StepModel; drawing: Drawing; comparison: Comparison | undefined } | undefined;
  const interaction = new TimelineInteraction(chart, {
    hover: (sample, y) => {
      const drawing = current?.drawing;
      const hoverNode = sample === undefined ? undefined : drawing?.timeline.node[sample];
      const hoverTensor =
        drawing?.tensors && sample !== undefined && y !== undefined
          ? tensorAt(drawing.tensors, sample, drawing.scale.y.invert(y))
          : -1;
      store.updateUi({
        hoverSample: sample,
        hoverNode,
        hoverTensor: hoverTensor < 0 ? undefined : hoverTensor,
      });
    },
    zoom: (zoom) => store.updateUi({ zoom }),
    pick: (sample) => {
      if (!current) return;
      const { tree } = current.step;
      const row = tree.rowOfNode[current.drawing.timeline.node[sample]];
      if (row >= 0) store.updateUi({ selected: [rowKey(tree.layers[row])] });
    },
    walk: (sample, by) => {
      const { tensors, timeline } = current?.drawing ?? {};
      if (!tensors || !timeline) return;
      const largestFirst = tensorsThere(tensors, sample).sort(
        (a, b) => tensors.bytes[b] - tensors.bytes[a] || a - b,
      );
      const next = largestFirst.indexOf(store.state.ui.hoverTensor ?? -1) + by;
      const hoverTensor = largestFirst[Math.min(Math.max(next, 0), largestFirst.length - 1)];
      store.updateUi({ hoverSample: sample, hoverNode: timeline.node[sample], hoverTensor });
    },
  });
  svg.append(interaction.group);

  const compared = memoizeLast(
    (
      id: string | undefined,
      shown: ShownPlan,
      other: OtherPlan | undefined,
      measured: MeasuredModel | undefined,
    ): Comparison | undefined => comparisonOf(id, shown.evaluation.timeline(onlyDevice), other, measured),
  );
  const choicesOf = memoizeLast(
    (
      step: ComparisonSources['step'],
      before: ComparisonSources['before'],
      stored: ComparisonSources['stored'],
      frontier: ComparisonSources['frontier'],
      measured: MeasuredModel | undefined,
    ) => comparisonChoices({ step, before, stored, frontier }, measured),
  );
  const showComparison = memoizeLast(
    (choices: readonly ComparisonChoice[], shown: ShownPlan, comparison: Comparison | undefined) => {
      const words = comparisonSentence(shown.peakBytes, comparison);
      compare.update(choices, comparison?.id, words);
      phases.element.hidden = words !== '';
      difference.toggle.hidden = comparison === undefined;
      difference.setRows(
        comparison ? comparisonRows(shown.evaluation, shown.evaluation.timeline(onlyDevice), comparison) : [],
      );
    },
  );
  // To ask for a computed colour makes the browser resolve styles there and then.
  const paletteOf = memoizeLast((_theme: Theme) => probe.read());
  const draw = memoizeLast(
    (
      step: StepModel,
      shown: ShownPlan,
      zoom: View['ui']['zoom'],
      selected: View['ui']['selected'],
      of: Size,
      theme: Theme,
      measured: MeasuredModel | undefined,
      comparison: Comparison | undefined,
      dragging: boolean,
    ) => {
      const drawing = drawingOf({ step, shown, zoom, size: of, measured, comparison, dragging });
      const { layout, scale, axis, timeline } = drawing;
      setAttributes(svg, { width: of.width, height: of.height });
      paint(canvas, of, drawing, theme, paletteOf(theme));
      const nodes = nodesOfRows(step.tree, selected);
      const onePixel = scale.x.invert(1) - scale.x.invert(0);
      const selectedSpans =
        nodes.size > 0 ? spansOfNodes(timeline, axis, (node) => nodes.has(node), onePixel) : [];
      patchMarks(marks, [
        ...(comparison ? differenceBand(drawing.row, timeline.liveBytes, comparison.bytes, scale) : []),
        ...overlayMarks({
          ...drawing,
          step: step.view.step,
          budgetBytes: shown.budgetBytes,
          fits: shown.fits,
          selectedSpans,
        }),
        ...(drawing.measured ? measuredLine(drawing.measured, axis, scale, layout) : []),
      ]);
      setAttributes(crosshair, { y1: layout.top, y2: layout.bottom });
      interaction.renew({ scale, layout, axis, peakSample: drawing.peak.sample });
      return drawing;
    },
  );
  const annotate = memoizeLast(
    (step: StepModel, shown: ShownPlan, zoom: View['ui']['zoom'], drawing: Drawing) => {
      const { layout, scale, axis, timeline, peak } = drawing;
      phases.update(step.view.step, timeline);
      overview.draw(timeline, axis, drawing.end, zoom, layout);
      keys.showMeasured(drawing.measured !== undefined);
      const peakX = scale.x(peak.at);
      flag.element.hidden = peak.sample < 0 || peakX < layout.left || peakX > layout.right;
      if (!flag.element.hidden) {
        flag.show(shown.evaluation, step.tree, onlyDevice, peak.sample, peakX, layout);
      }
    },
  );
  const fillTable = memoizeLast((step: StepModel, timeline: Timeline) =>
    table.setRows(phaseTableRows(step.view.step, timeline, timeAxis(timeline))),
  );

  const fillMoved = memoizeLast((offload: ShownPlan['offload']) =>
    moved.setRows(offload ? offloadRows(offload) : []),
  );

  const render = (view: View): void => {
    const { step, shown, ui, other, measured } = view;
    element.hidden = hasLanes(view);
    if (element.hidden) return;
    chart.classList.toggle('is-waiting', !step || !shown);
    if (!step || !shown) return;
    const dragging = ui.dragBudgetBytes !== undefined;
    const comparison = compared(ui.compareWith, shown, other, measured);
    const drawing = draw(step, shown, ui.zoom, ui.selected, size, view.theme, measured, comparison, dragging);
    current = { step, drawing, comparison };
    const offload = offloadOf(drawing, shown);
    strip.render(offload, drawing.scale.x, drawing.layout.width);
    showHover(step, drawing, ui);
  };

  const renderDetails = (view: View): void => {
    const { shown, ui, measured } = view;
    const sources = comparisonSources(view);
    if (element.hidden || !current || !shown || !sources) return;
    const { step, drawing, comparison } = current;
    annotate(step, shown, ui.zoom, drawing);
    keys.showCompared(comparison !== undefined);
    fillTable(step, drawing.timeline);
    table.show(ui.tables.includes('timeline'));
    const { before, stored, frontier } = sources;
    showComparison(choicesOf(sources.step, before, stored, frontier, measured), shown, comparison);
    difference.show(comparison !== undefined && ui.tables.includes('comparison'));
    const offload = offloadOf(drawing, shown);
    fillMoved(offload);
    moved.toggle.hidden = offload === undefined;
    moved.show(offload !== undefined && ui.tables.includes('offload'));
    reset.hidden = ui.zoom === undefined;
    tellMoment(step, drawing, ui);
  };

  /** The moment under the pointer, else the peak, in the legend and to who hears. */
  const tellMoment = (step: StepModel, drawing: Drawing, ui: View['ui']): void => {
    const { timeline, peak } = drawing;
    const { sample, moment, tensor } = hoverOf(step, drawing, ui);
    keys.update(timeline, sample);
    setAttributes(chart, {
      'aria-label': t('Moment of the step; the peak is {0}', formatMemory(peak.bytes)),
      'aria-valuemin': 0,
      'aria-valuemax': Math.max(0, timeline.length - 1),
      'aria-valuenow': Math.max(0, sample),
      'aria-valuetext': moment && [...(tensor ? [tensorText(tensor)] : []), momentText(moment)].join('; '),
    });
  };

  const showHover = (step: StepModel, drawing: Drawing, ui: View['ui']): void => {
    const { scale, layout, axis, tensors, row } = drawing;
    const { hovered, life, moment, tensor } = hoverOf(step, drawing, ui);
    const x = hovered >= 0 ? scale.x((axis.start[hovered] + axis.end[hovered]) / 2) : -1;
    const visible = hovered >= 0 && x >= layout.left && x <= layout.right;
    setAttributes(crosshair, { x1: x, x2: x, visibility: visible ? 'visible' : 'hidden' });
    flag.element.classList.toggle('is-faded', visible);
    if (visible && tensors && tensor) outline.show(tensors, life, row, scale);
    else outline.hide();
    if (visible && moment) tip.show(moment, x, layout, tensor);
    else tip.hide();
  };
  return { element, render, renderDetails };
}

/** Without times there is nothing to draw transfers on. */
const offloadOf = ({ axis }: Drawing, { offload }: ShownPlan): ShownPlan['offload'] =>
  axis.unit === 'ms' ? offload : undefined;

/** What the pointer is at; without one, the moment of the peak. */
function hoverOf(step: StepModel, { timeline, peak, tensors }: Drawing, ui: View['ui']) {
  const hovered = ui.hoverSample !== undefined && ui.hoverSample < timeline.length ? ui.hoverSample : -1;
  const sample = hovered >= 0 ? hovered : peak.sample;
  const moment = sample >= 0 ? momentAt(step.view.step, step.tree, timeline, sample) : undefined;
  const life = hovered >= 0 ? (ui.hoverTensor ?? -1) : -1;
  const tensor =
    tensors && life >= 0 && life < tensors.lives.count
      ? tensorWords(step.view.step, tensors, life, hovered)
      : undefined;
  return { hovered, sample, life, moment, tensor };
}
