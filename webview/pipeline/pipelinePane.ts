import type { PlacementView } from '../../planner-core/session/types';
import { el, setAttributes, setText, svgEl } from '../base/dom';
import { fitCanvas } from '../base/fitCanvas';
import { memoizeLast } from '../base/memoize';
import { shortName } from '../base/shortName';
import { observeSize, type Size } from '../base/size';
import type { Theme } from '../base/theme';
import { laneHeads, useText } from '../lanes/laneHeads';
import { paletteProbe } from '../timeline/palette';
import { TimelineInteraction } from '../timeline/interaction';
import type { Connection } from '../state/connection';
import { operatorKey, rowKey } from '../state/layerTree';
import type { Store } from '../state/store';
import { showsPipeline, type Pane, type View } from '../state/view';
import { acceptLayers } from '../ui/layerDrag';
import { tableTwin } from '../ui/tableTwin';
import { lanesMode } from './lanesMode';
import {
  laneAt,
  memoryScale,
  pipelineLayout,
  timeScale,
  type PipelineLayout,
  type Scale,
} from './pipelineLayout';
import { fullestPass, passAt, pipelineModel, type PipelineModel } from './pipelineModel';
import { pipelineOverlay } from './pipelineOverlay';
import { paintPipeline } from './pipelinePainter';
import { stageColumns, stageRows } from './pipelineTables';
import { passName, passTexts, pipelineSummary, pipelineTitle, stagesText, streamText } from './pipelineWords';
import { t } from '../base/l10n';

/** What is drawn and where. */
interface Drawing {
  readonly model: PipelineModel;
  readonly layout: PipelineLayout;
  readonly x: Scale;
  readonly memory: readonly Scale[];
}

const tipDistance = 14;

/** A placed step as a pipeline: stages by micro-batches over time, what is in flight and the memory it takes. */
export function pipelinePane(store: Store, connection: Connection): Pane {
  const canvas = el('canvas', { 'aria-hidden': 'true' });
  const marks = svgEl('g');
  const mark = svgEl('rect', { class: 'hovered-pass', visibility: 'hidden' });
  const svg = svgEl('svg', { 'aria-hidden': 'true' }, marks);
  const heads = laneHeads();
  const tip = el('div', { class: 'tooltip', hidden: true, 'aria-hidden': 'true' });
  const probe = paletteProbe();
  /** What numbers of passes stand on in high contrast, whose inks are too bright for words. */
  const plate = el('i', { class: 'ink pipeline-ground' });
  const ground = el('div', { class: 'lanes-ground' }, canvas, svg, heads.element, tip);
  const chart = el('div', { class: 'chart lanes-chart', tabindex: '0', role: 'slider' }, ground);
  const title = el('h2');
  const summary = el('span', { class: 'muted lanes-summary' });
  const mode = lanesMode(store, 'pipeline');
  const reset = el('button', { class: 'quiet-button', type: 'button', hidden: true }, t('Show all'));
  const table = tableTwin(store, 'pipeline', t('Stages of the pipeline'), stageColumns);
  const remark = el('p', { class: 'pipeline-remark', hidden: true });
  const element = el(
    'section',
    { id: 'pipeline', class: 'pane', 'aria-label': t('Pipeline'), hidden: true },
    el('div', { class: 'pane-title' }, title, summary, reset, mode.element, table.toggle),
    chart,
    legend(),
    remark,
    table.element,
    probe.element,
    el('div', { class: 'ink-probe', 'aria-hidden': 'true' }, plate),
  );
  let zoom: readonly [number, number] | undefined;
  let hovered = -1;
  let current: Drawing | undefined;
  let latest: View | undefined;
  const rerender = (): void => {
    if (latest) render(latest);
  };
  const zoomTo = (range: readonly [number, number] | undefined): void => {
    zoom = range;
    rerender();
  };
  reset.addEventListener('click', () => zoomTo(undefined));
  let size: Size = observeSize(chart, (changed) => {
    size = changed;
    rerender();
  });
  const interaction = new TimelineInteraction(chart, {
    hover(at) {
      hovered = at ?? -1;
      showPass();
    },
    zoom: zoomTo,
    pick(at) {
      const { step } = latest ?? {};
      if (!current || !step) return;
      const { layers } = current.model.view.stages[current.model.passes[at].stage];
      const { byKey, layers: rows } = step.tree;
      const selected = layers.flatMap((name) => {
        const row = byKey.get(rowKey({ kind: 'module', name })) ?? byKey.get(operatorKey(name));
        return row === undefined ? [] : [rowKey(rows[row])];
      });
      store.updateUi({ selected });
    },
  });
  svg.append(interaction.group, mark);
  const laneUnder = (event: MouseEvent, { layout }: Drawing): number =>
    laneAt(layout, event.clientY - ground.getBoundingClientRect().top);
  acceptLayers(
    chart,
    (event) => heads.markTarget(event && current ? laneUnder(event, current) : undefined),
    (event, targets) => {
      if (!current) return;
      const { id } = current.model.lanes[laneUnder(event, current)];
      connection.edit({ kind: 'device', targets, device: id });
    },
  );

  const modelOf = memoizeLast(pipelineModel);
  const draw = memoizeLast(
    (
      model: PipelineModel,
      measure: PlacementView['measure'],
      range: typeof zoom,
      of: Size,
      theme: Theme,
    ): Drawing => {
      const layout = pipelineLayout(of, model.lanes.length);
      const x = timeScale(model, range, layout);
      const memory = model.lanes.map((lane, i) => memoryScale(lane, layout.lanes[i]));
      for (const part of [svg, ground]) {
        part.style.width = `${of.width}px`;
        part.style.height = `${layout.height}px`;
      }
      setAttributes(svg, { width: of.width, height: layout.height });
      paint(
        canvas,
        { model, layout, x, memory },
        probe.read(),
        theme.highContrast ? getComputedStyle(plate).backgroundColor : undefined,
      );
      marks.replaceChildren(...pipelineOverlay({ model, layout, x, memory }));
      heads.show(
        model.lanes.map(({ device, id, name, memoryBytes, stages, use }) => ({
          ...{ device, id, memoryBytes, peakBytes: use.peakBytes },
          name: [name, stagesText(stages, model.view.stages.length)].filter(Boolean).join(' · '),
          use: useText(use.busyMs, use.busyMs + use.idleMs, measure),
        })),
        layout,
      );
      interaction.renew({
        ...{ scale: { x }, layout, axis: model.axis },
        peakSample: fullestPass(model),
        sampleNear: (moment, y) => passAt(model, laneAt(layout, y), moment),
      });
      return { model, layout, x, memory };
    },
  );
  const showWords = memoizeLast((model: PipelineModel) => {
    const { view } = model;
    setText(title, pipelineTitle(view));
    setText(summary, pipelineSummary(view));
    summary.title = summary.textContent;
    const text = streamText(view);
    remark.hidden = text === undefined;
    setText(remark, text ?? '');
    table.setRows(stageRows(model));
    hovered = -1;
  });

  /** The pass under the pointer or the keyboard; without one the chart tells of the fullest moment. */
  const showPass = (): void => {
    if (!current) return;
    const { model, layout, x } = current;
    const at = hovered >= 0 && hovered < model.passes.length ? hovered : -1;
    const told = at >= 0 ? at : fullestPass(model);
    setAttributes(chart, {
      'aria-label': t('Passes of the pipeline, in the order they begin'),
      'aria-valuemin': 0,
      'aria-valuemax': Math.max(0, model.passes.length - 1),
      'aria-valuenow': Math.max(0, told),
      'aria-valuetext': told >= 0 ? [passName(model, told), ...passTexts(model, told)].join(', ') : undefined,
    });
    tip.hidden = at < 0;
    mark.setAttribute('visibility', at < 0 ? 'hidden' : 'visible');
    if (at < 0) return;
    const { startMs, endMs, lane } = model.passes[at];
    const { passTop, passBottom, memoryTop } = layout.lanes[lane];
    const [left, right] = [Math.max(layout.left, x(startMs)), Math.min(layout.right, x(endMs))];
    setAttributes(mark, {
      ...{ x: left, y: passTop, width: Math.max(1, right - left), height: passBottom - passTop },
    });
    tip.replaceChildren(
      el('strong', {}, passName(model, at)),
      ...passTexts(model, at).map((text) => el('span', {}, shortName(text, 64))),
    );
    const isLeft = (left + right) / 2 < (layout.left + layout.right) / 2;
    tip.style.top = `${memoryTop}px`;
    tip.style.left = isLeft ? `${Math.round(right + tipDistance)}px` : 'auto';
    tip.style.right = isLeft ? 'auto' : `${Math.round(layout.width - left + tipDistance)}px`;
  };

  const render = (view: View): void => {
    latest = view;
    mode.render(view);
    const placement = view.shown?.placement;
    element.hidden = !showsPipeline(view);
    if (element.hidden || !placement?.pipeline) return;
    const model = modelOf(placement.pipeline, view.devices);
    showWords(model);
    current = draw(model, placement.measure, zoom, size, view.theme);
    table.show(view.ui.tables.includes('pipeline'));
    reset.hidden = zoom === undefined;
    showPass();
  };
  return { element, render };
}

function legend(): HTMLElement {
  const items = [
    ['forward', t('forward')],
    ['backward', t('backward')],
    ['optimizer', t('optimizer')],
    ['kept', t('kept for what is in flight, at most')],
    ['inputs', t('everything else in memory')],
  ];
  return el(
    'ul',
    { class: 'legend', 'aria-label': t('Colours of the pipeline') },
    ...items.map(([ink, name]) => el('li', {}, el('i', { class: `swatch ink-${ink}` }), name)),
  );
}

function paint(
  canvas: HTMLCanvasElement,
  drawing: Drawing,
  palette: ReturnType<ReturnType<typeof paletteProbe>['read']>,
  plate: string | undefined,
): void {
  const fitted = fitCanvas(canvas, drawing.layout);
  if (fitted) paintPipeline(fitted.context, fitted.ratio, { ...drawing, palette, plate });
}
