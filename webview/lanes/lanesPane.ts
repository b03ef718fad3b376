import { formatMemory } from '../../planner-core/base/format';
import type { PlanDevice } from '../../planner-core/plan/plan';
import { deviceClasses } from '../base/deviceColour';
import { el, patchMarks, setAttributes, svgEl } from '../base/dom';
import { fitCanvas } from '../base/fitCanvas';
import { memoizeLast } from '../base/memoize';
import { shortName } from '../base/shortName';
import { observeSize, type Size } from '../base/size';
import type { Theme } from '../base/theme';
import type { Connection } from '../state/connection';
import { nodesOfRows, rowKey } from '../state/layerTree';
import type { ShownPlan } from '../state/shownPlan';
import type { Store } from '../state/store';
import { lanesMode } from '../pipeline/lanesMode';
import {
  planChoices,
  type ComparisonChoice,
  type ComparisonSources,
  type OtherPlan,
} from '../state/comparedWith';
import type { MeasuredModel } from '../state/measured';
import {
  comparisonSources,
  hasLanes,
  showsPipeline,
  type Pane,
  type StepModel,
  type View,
} from '../state/view';
import { acceptLayers } from '../ui/layerDrag';
import { counted } from '../ui/names';
import { tableTwin } from '../ui/tableTwin';
import { compareControl } from '../timeline/compareControl';
import { TimelineInteraction } from '../timeline/interaction';
import { legend } from '../timeline/legend';
import { momentAt, momentText } from '../timeline/moment';
import { paletteProbe } from '../timeline/palette';
import { tooltip } from '../timeline/tooltip';
import { arcAt, arcsOf, type Arc } from './arcs';
import { headsOfStep, laneHeads } from './laneHeads';
import { laneLineMarks, laneLines, type LaneLine } from './laneLines';
import { laneAt, lanesLayout, memoryScale, timeScale, type LanesLayout, type Scale } from './lanesLayout';
import { computationAt, isUsed, lanesModel, sampleNear, type LanesModel } from './lanesModel';
import { lanesOverlay } from './lanesOverlay';
import { paintLanes } from './lanesPainter';
import { laneColumns, laneRows, transferColumns, transferRows, transferTexts } from './lanesTables';
import { moduleUnits, type ModuleUnits } from './moduleUnits';
import { tintProbe } from './tintProbe';
import { t } from '../base/l10n';

/** What is drawn and where. */
interface Drawing {
  readonly model: LanesModel;
  readonly layout: LanesLayout;
  readonly x: Scale;
  readonly memory: readonly Scale[];
  readonly arcs: readonly Arc[];
}

/** A step on several devices: the memory of each over time, what it computes, and what they send each other. */
export function lanesPane(store: Store, connection: Connection): Pane {
  const canvas = el('canvas', { 'aria-hidden': 'true' });
  const lineMarks = svgEl('g');
  const marks = svgEl('g');
  const crosshair = svgEl('line', { class: 'crosshair', visibility: 'hidden' });
  const hoveredArc = svgEl('path', { class: 'hovered-arc' });
  const svg = svgEl('svg', { 'aria-hidden': 'true' }, lineMarks, marks, crosshair);
  const heads = laneHeads();
  const tip = tooltip();
  const transferTip = el('div', { class: 'tooltip', hidden: true, 'aria-hidden': 'true' });
  const probe = paletteProbe();
  const tints = tintProbe(deviceClasses);
  const ground = el('div', { class: 'lanes-ground' }, canvas, svg, heads.element, tip.element, transferTip);
  const chart = el('div', { class: 'chart lanes-chart', tabindex: '0', role: 'slider' }, ground);
  const keys = legend();
  const reset = el('button', { class: 'quiet-button', type: 'button', hidden: true }, t('Show all'));
  reset.addEventListener('click', () => store.updateUi({ zoom: undefined }));
  const table = tableTwin(store, 'lanes', t('Devices over one step'), laneColumns);
  const sent = tableTwin(store, 'transfers', t('Transfers between devices'), transferColumns, t('Transfers'));
  const mode = lanesMode(store, 'step');
  const compare = compareControl(
    (compareWith) => store.updateUi({ compareWith }),
    (source) => connection.send({ type: 'compare-with', source }),
  );
  const summary = el('span', { class: 'muted lanes-summary' });
  const element = el(
    'section',
    { id: 'lanes', class: 'pane', 'aria-label': t('Devices over one step') },
    el(
      'div',
      { class: 'pane-title' },
      el('h2', {}, t('Devices over one step')),
      summary,
      reset,
      mode.element,
      compare.select,
      sent.toggle,
      table.toggle,
    ),
    chart,
    keys.element,
    table.element,
    sent.element,
    probe.element,
    tints.element,
  );
  let size: Size = observeSize(chart, (changed) => {
    size = changed;
    store.update({});
  });
  let current: { step: StepModel; drawing: Drawing } | undefined;
  const interaction = new TimelineInteraction(chart, {
    hover: (at) => {
      const hoverNode = at === undefined ? undefined : current?.drawing.model.computations.node[at];
      store.updateUi({ hoverSample: at, hoverNode });
    },
    zoom: (zoom) => store.updateUi({ zoom }),
    pick: (at) => {
      if (!current) return;
      const { tree } = current.step;
      const row = tree.rowOfNode[current.drawing.model.computations.node[at]];
      if (row >= 0) store.updateUi({ selected: [rowKey(tree.layers[row])] });
    },
  });
  svg.append(interaction.group, hoveredArc);

  const yIn = (event: MouseEvent): number => event.clientY - ground.getBoundingClientRect().top;
  acceptLayers(
    chart,
    (event) => heads.markTarget(event && current ? laneAt(current.drawing.layout, yIn(event)) : undefined),
    (event, targets) => {
      if (!current) return;
      const { id } = current.drawing.model.lanes[laneAt(current.drawing.layout, yIn(event))];
      connection.edit({ kind: 'device', targets, device: id });
    },
  );

  const showArc = (arc: Arc | undefined): void => {
    transferTip.hidden = !arc;
    hoveredArc.setAttribute('d', arc ? pathOf(arc) : '');
    if (!arc || !current) return;
    const [name, ...others] = transferTexts(current.step.view.step, arc.transfer);
    transferTip.replaceChildren(
      el('strong', {}, shortName(name, 52)),
      ...others.map((text) => el('span', {}, text)),
    );
    const { layout } = current.drawing;
    const x = (arc.x1 + arc.x2) / 2;
    const toRight = x < (layout.left + layout.right) / 2;
    transferTip.style.left = toRight ? `${Math.round(x + 14)}px` : 'auto';
    transferTip.style.right = toRight ? 'auto' : `${Math.round(layout.width - x + 14)}px`;
    transferTip.style.top = `${Math.round(Math.min(arc.y1, arc.y2))}px`;
  };
  /** Where the pointer is; undefined while the keyboard moves the crosshair. */
  let pointer: { readonly x: number; readonly y: number } | undefined;
  chart.addEventListener('keydown', () => (pointer = undefined));
  interaction.group.addEventListener('pointermove', (event) => {
    pointer = { x: event.clientX - ground.getBoundingClientRect().left, y: yIn(event) };
    const arc = current && arcAt(current.drawing.arcs, pointer.x, pointer.y);
    showArc(arc);
    element.classList.toggle('is-on-arc', arc !== undefined);
  });
  interaction.group.addEventListener('pointerleave', () => {
    pointer = undefined;
    showArc(undefined);
    element.classList.remove('is-on-arc');
  });

  const modelOf = memoizeLast((shown: ShownPlan) => lanesModel(shown.evaluation));
  const linesOf = memoizeLast(
    (
      model: LanesModel,
      { evaluation }: ShownPlan,
      other: OtherPlan | undefined,
      measured: MeasuredModel | undefined,
    ) => laneLines(model, evaluation, other, measured),
  );
  const choicesOf = memoizeLast(
    (
      step: ComparisonSources['step'],
      before: ComparisonSources['before'],
      stored: ComparisonSources['stored'],
      frontier: ComparisonSources['frontier'],
    ): readonly ComparisonChoice[] => planChoices({ step, before, stored, frontier }),
  );
  const unitsOf = memoizeLast((step: StepModel) => moduleUnits(step.tree));
  const draw = memoizeLast(
    (
      step: StepModel,
      shown: ShownPlan,
      devices: readonly PlanDevice[],
      zoom: View['ui']['zoom'],
      of: Size,
      theme: Theme,
      lines: readonly LaneLine[],
    ): Drawing => {
      const drawing = drawingOf(modelOf(shown), devices, shown.budgetBytes, zoom, of, lines);
      const { layout } = drawing;
      for (const part of [svg, ground]) {
        part.style.width = `${of.width}px`;
        part.style.height = `${layout.height}px`;
      }
      setAttributes(svg, { width: of.width, height: layout.height });
      paint(canvas, step, drawing, unitsOf(step), probe.read(), tints.read(), theme);
      patchMarks(lineMarks, laneLineMarks(lines, drawing.model, drawing.x, drawing.memory, layout));
      heads.show(headsOfStep(drawing.model, devices, shown.placement), layout);
      setAttributes(crosshair, { y1: layout.top, y2: layout.bottom });
      interaction.renew({
        scale: { x: drawing.x },
        layout,
        axis: axisOf(drawing.model),
        peakSample: peakComputation(drawing.model),
        sampleNear: (moment, y) => sampleNear(drawing.model, laneAt(layout, y), moment, onePixel(drawing.x)),
      });
      return drawing;
    },
  );
  const mark = memoizeLast(
    (
      step: StepModel,
      drawing: Drawing,
      devices: readonly PlanDevice[],
      budgetBytes: number,
      selected: readonly string[],
    ) => {
      const nodes = nodesOfRows(step.tree, selected);
      const isSelected = nodes.size > 0 ? (node: number): boolean => nodes.has(node) : undefined;
      marks.replaceChildren(...lanesOverlay({ ...drawing, devices, budgetBytes, isSelected }));
    },
  );
  const fillTables = memoizeLast((step: StepModel, model: LanesModel, devices: readonly PlanDevice[]) => {
    table.setRows(laneRows(model, step.view.step, devices));
    sent.setRows(transferRows(model, step.view.step));
    const bytes = model.transfers.reduce((sum, transfer) => sum + transfer.bytes, 0);
    summary.textContent =
      model.transfers.length === 0
        ? t('nothing is sent between devices')
        : `${counted(model.transfers.length, 'transfer')}, ${formatMemory(bytes)}`;
    sent.toggle.hidden = model.transfers.length === 0;
  });

  const render = (view: View): void => {
    const { step, shown, ui, devices } = view;
    element.hidden = !hasLanes(view) || showsPipeline(view);
    mode.render(view);
    if (element.hidden || !step) return;
    chart.classList.toggle('is-waiting', !shown);
    if (!shown) return;
    const { other, measured } = view;
    const lines = linesOf(modelOf(shown), shown, other, measured);
    const drawing = draw(step, shown, devices, ui.zoom, size, view.theme, lines);
    current = { step, drawing };
    const lit = ui.hoverRow === undefined ? ui.selected : [ui.hoverRow];
    mark(step, drawing, devices, shown.budgetBytes, lit);
    // The tables are read, not watched: they need not follow the slider.
    if (ui.dragBudgetBytes === undefined) fillTables(step, drawing.model, devices);
    table.show(ui.tables.includes('lanes'));
    sent.show(ui.tables.includes('transfers'));
    reset.hidden = ui.zoom === undefined;
    keys.showMeasured(measured !== undefined);
    keys.showCompared(other !== undefined);
    const sources = comparisonSources(view);
    if (sources && ui.dragBudgetBytes === undefined)
      compare.update(
        choicesOf(sources.step, sources.before, sources.stored, sources.frontier),
        other?.id,
        '',
      );
    showMoment(step, drawing, ui);
  };

  const showMoment = (step: StepModel, drawing: Drawing, ui: View['ui']): void => {
    const { model, x: scale, layout } = drawing;
    const { computations, lanes } = model;
    const isHovered = ui.hoverSample !== undefined && ui.hoverSample < computations.length;
    const at = isHovered ? (ui.hoverSample ?? -1) : peakComputation(model);
    const runsOn = at < 0 ? 0 : computations.device[at];
    const lane = lanes[isHovered && pointer ? laneAt(layout, pointer.y) : runsOn];
    keys.update(lane.timeline, at);
    const told = at < 0 ? undefined : momentAt(step.view.step, step.tree, lane.timeline, at);
    const moment =
      told && lane.device !== runsOn
        ? { ...told, title: t('idle; {0}: {1}', lanes[runsOn].id, told.title) }
        : told;
    setAttributes(chart, {
      'aria-label': t('Moment of the step, of all devices'),
      'aria-valuemin': 0,
      'aria-valuemax': Math.max(0, computations.length - 1),
      'aria-valuenow': Math.max(0, at),
      'aria-valuetext': moment && `${lane.id}, ${momentText(moment)}`,
    });
    const middle = isHovered ? scale((computations.start[at] + computations.end[at]) / 2) : -1;
    const x = isHovered && pointer ? pointer.x : middle;
    const visible = isHovered && x >= layout.left && x <= layout.right;
    setAttributes(crosshair, { x1: x, x2: x, visibility: visible ? 'visible' : 'hidden' });
    const { memoryTop: top } = layout.lanes[lane.device];
    if (visible && moment) tip.show(moment, x, { ...layout, top, lanes: [] });
    else tip.hide();
  };
  return { element, render };
}

function drawingOf(
  model: LanesModel,
  devices: readonly PlanDevice[],
  budgetBytes: number,
  zoom: View['ui']['zoom'],
  size: Size,
  lines: readonly LaneLine[],
): Drawing {
  const layout = lanesLayout(size, model.lanes.map(isUsed));
  const x = timeScale(model, zoom, layout);
  const memory = model.lanes.map((lane, i) =>
    memoryScale(lane, i === 0 ? budgetBytes : (devices[i]?.memoryBytes ?? Infinity), layout.lanes[i], [
      lines[i].compared,
      lines[i].measured,
    ]),
  );
  return { model, layout, x, memory, arcs: arcsOf(model.transfers, x, layout) };
}

/** All computations on one axis, for the keyboard: arrows walk them in the order they begin. */
const axisOf = ({ computations: { start, end }, total, unit }: LanesModel) => ({ start, end, total, unit });

/** The computation at which most is in memory of any device. */
function peakComputation(model: LanesModel): number {
  const highest = model.lanes.reduce((a, b) => (b.peak.bytes > a.peak.bytes ? b : a));
  return highest.peak.sample < 0 ? -1 : computationAt(model, highest.device, highest.peak.at);
}

function paint(
  canvas: HTMLCanvasElement,
  step: StepModel,
  drawing: Drawing,
  units: ModuleUnits,
  palette: ReturnType<ReturnType<typeof paletteProbe>['read']>,
  tints: readonly string[],
  theme: Theme,
): void {
  const fitted = fitCanvas(canvas, drawing.layout);
  const { view, tree } = step;
  const { highContrast } = theme;
  if (fitted)
    paintLanes(fitted.context, fitted.ratio, {
      ...drawing,
      step: view.step,
      tree,
      units,
      palette,
      tints,
      highContrast,
    });
}

const onePixel = (x: Scale): number => Math.abs(x.invert(1) - x.invert(0));

const pathOf = (arc: Arc): string => {
  const middle = (arc.y1 + arc.y2) / 2;
  return `M${arc.x1} ${arc.y1}C${arc.x1} ${middle} ${arc.x2} ${middle} ${arc.x2} ${arc.y2}`;
};
