import {
  formatDuration,
  formatLeastOverhead,
  formatMemory,
  formatOverhead,
} from '../../planner-core/base/format';
import { strategies, type PlanDevice, type Strategy } from '../../planner-core/plan/plan';
import type { BaselineFamily } from '../../planner-core/planners/baselines/baseline';
import { curveOffloads, type Frontier } from '../../planner-core/planners/frontier';
import type { ViewState } from '../../planner-core/protocol/messages';
import { el, setAttributes, setText, svgEl } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { observeSize, type Size } from '../base/size';
import type { Connection } from '../state/connection';
import type { ShownPlan } from '../state/shownPlan';
import type { Store } from '../state/store';
import type { Pane, View } from '../state/view';
import { strategyNames } from '../ui/names';
import { tableTwin } from '../ui/tableTwin';
import { baselineGroups, type BaselineGroup } from './baselineFamilies';
import { baselineLegend } from './baselineLegend';
import { baselineMarks } from './baselineMarks';
import { budgetField } from './budgetField';
import { budgetSlider } from './budgetSlider';
import { frontierPicture } from './frontierPicture';
import { budgetRange, frontierScale, strategyPoints, type PlotArea } from './frontierScale';
import { t, translated } from '../base/l10n';

const margin = { left: 52, right: 18, top: 8, bottom: 54 };

/** Step time against budget: what every budget costs, what is proven, and the slider that chooses. */
export function frontierPane(store: Store, connection: Connection): Pane {
  const still = svgEl('g', { role: 'img', 'aria-label': t('Step time against memory budget') });
  const marks = baselineMarks(connection);
  const budgetLine = svgEl('line', { class: 'budget-line' });
  const current = svgEl('circle', { class: 'current-point', r: 5 });
  const svg = svgEl('svg', {}, still, budgetLine, current, marks.element);
  const slider = budgetSlider(store, connection);
  const field = budgetField(connection);
  const chart = el('div', { class: 'chart' }, svg, slider.element, marks.tip);
  const legend = baselineLegend(store);
  const table = tableTwin(store, 'frontier', t('Step time against budget'), [
    t('Plan'),
    t('Peak'),
    t('Step'),
    t('Overhead'),
    t('Proven least'),
  ]);
  const offloadsText = el('span');
  const offloads = el(
    'p',
    { class: 'frontier-offload', hidden: true },
    svgEl(
      'svg',
      { width: 12, height: 12, viewBox: '-6 -6 12 12', 'aria-hidden': 'true' },
      svgEl('circle', { class: 'current-point is-offload', r: 5 }),
    ),
    offloadsText,
  );
  const place = el('span', { class: 'muted frontier-place' });
  const waiting = el('p', { class: 'pane-note' }, t('The curve of all budgets is being computed.'));
  const element = el(
    'section',
    { id: 'frontier', class: 'pane', 'aria-label': t('Step time against budget') },
    el('div', { class: 'pane-title' }, el('h2', {}, t('Step time against budget')), place, table.toggle),
    chart,
    legend.element,
    offloads,
    field.element,
    waiting,
    table.element,
  );
  let size: Size = observeSize(chart, (changed) => {
    size = changed;
    store.update({});
  });

  const layout = memoizeLast(
    (frontier: Frontier, keepAllPeakBytes: number, deviceBytes: number, of: Size) => {
      const area: PlotArea = {
        left: margin.left,
        top: margin.top,
        width: Math.max(40, of.width - margin.left - margin.right),
        height: Math.max(40, of.height - margin.top - margin.bottom),
      };
      const range = budgetRange(frontier, keepAllPeakBytes, deviceBytes);
      setAttributes(svg, { width: of.width, height: of.height, viewBox: `0 0 ${of.width} ${of.height}` });
      slider.setRange(range);
      slider.place(area);
      return { area, scale: frontierScale(frontier, range, area) };
    },
  );
  const draw = memoizeLast(
    (
      frontier: Frontier,
      placed: ReturnType<typeof layout>,
      strategy: Strategy,
      device: PlanDevice,
      catalogue: ViewState['deviceCatalogue'],
      stairs: View['stairs'],
      impossibleBytes: number,
      rules: readonly BaselineGroup[],
    ) =>
      still.replaceChildren(
        ...frontierPicture({
          frontier,
          ...placed,
          strategy,
          device,
          catalogue,
          stairs,
          impossibleBytes,
          rules,
        }),
      ),
  );
  const rulesIn = memoizeLast(
    (frontier: Frontier, { area, scale }: ReturnType<typeof layout>, hidden: readonly BaselineFamily[]) => {
      const groups = baselineGroups(frontier.baselines, hidden).filter(
        ({ points: [point] }) => scale.y(point.overheadPercent) >= area.top,
      );
      marks.draw(groups, scale, area);
      legend.render(frontier, hidden);
      return groups;
    },
  );
  const fillTable = memoizeLast((frontier: Frontier) => table.setRows(tableRows(frontier)));

  const render = (view: View): void => {
    const { frontier } = view;
    const ready = frontier !== undefined && view.step !== undefined;
    waiting.hidden = ready;
    chart.classList.toggle('is-waiting', !ready);
    legend.element.hidden = !ready;
    if (!ready || !view.step) return;
    const [device] = view.inputs.devices;
    const placed = layout(frontier, view.step.view.keepAllPeakBytes, device.memoryBytes, size);
    const { deviceCatalogue, proof } = view.host;
    const impossibleBytes = Math.max(frontier.floorBytes, proof?.infeasibleBytes ?? 0);
    const rules = rulesIn(frontier, placed, view.ui.hiddenBaselines);
    draw(
      frontier,
      placed,
      view.inputs.strategy,
      device,
      deviceCatalogue,
      view.stairs,
      impossibleBytes,
      rules,
    );
    place.textContent = place.title = isSpread(view) ? t('without placing layers') : '';
    moveMarks(view, placed);
  };

  /** What follows the slider: the line up from its thumb and the point it buys. */
  const moveMarks = (view: View, { area, scale }: ReturnType<typeof layout>): void => {
    const { shown, budgetBytes } = view;
    const right = area.left + area.width;
    const x = Math.min(Math.max(scale.x(budgetBytes), area.left), right);
    setAttributes(budgetLine, { x1: x, x2: x, y1: area.top, y2: area.top + area.height });
    budgetLine.classList.toggle('is-infeasible', shown?.fits === false);
    const overhead = shown?.overheadPercent ?? 0;
    const y = Math.max(scale.y(overhead), area.top);
    // The curves are of what runs on the first device: a step that is spread over several is no point of them.
    const isPoint = shown?.fits === true && !isSpread(view);
    setAttributes(current, { cx: x, cy: y, visibility: isPoint ? 'visible' : 'hidden' });
    const isOffloading = isPoint && shown.evaluation.directives.offloads.length > 0;
    current.classList.toggle('is-offload', isOffloading);
    offloads.hidden = !isOffloading;
    if (isOffloading) setText(offloadsText, offloadText(view, shown));
    const words = formatOverhead(overhead);
    const step = isOffloading ? t('step {0}, offloading too', words) : t('step {0}', words);
    slider.setValue(budgetBytes, shown?.fits ? step : t('no plan fits'));
  };
  const renderDetails = (view: View): void => {
    field.render(view);
    table.show(view.ui.tables.includes('frontier'));
    if (view.frontier) fillTable(view.frontier);
  };
  return { element, render, renderDetails };
}

const isSpread = ({ shown }: View): boolean =>
  shown?.placement !== undefined && shown.placement.objective !== 'fit';

/** With the computation that alone needs so much. */
const floorName = (node: string): string =>
  node === '' ? t('proven floor') : t('{0} ({1})', t('proven floor'), node);

/** Whether what it is held against may offload as it does: told by the plans of the curve. */
function offloadText({ host, frontier }: View, shown: ShownPlan): string {
  if (frontier && curveOffloads(frontier, shown.strategy, shown))
    return t('this plan offloads too, as the curves do');
  return host.progress?.stage === 'frontier'
    ? t('this plan offloads too, the curves do not yet')
    : t('this plan offloads too, the curves do not');
}

function tableRows(frontier: Frontier): string[][] {
  const row = (
    name: string,
    point: Frontier['baselines'][number] | ReturnType<typeof strategyPoints>[number],
  ) => [
    name,
    formatMemory(point.peakBytes),
    formatDuration(point.stepTimeMs),
    formatOverhead(point.overheadPercent),
    point.lowerBoundPercent > 0 ? formatLeastOverhead(point.lowerBoundPercent) : '–',
  ];
  return [
    [floorName(frontier.floorNode), formatMemory(frontier.floorBytes), '–', '–', '–'],
    ...frontier.baselines.map((point) => row(translated(point.name), point)),
    ...strategies.flatMap((strategy) =>
      strategyPoints(frontier, strategy).map((point) => row(strategyNames[strategy], point)),
    ),
  ];
}
