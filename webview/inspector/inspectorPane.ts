import {
  formatCarbon,
  formatDuration,
  formatEnergy,
  formatLeastOverhead,
  formatMemory,
  formatOverhead,
} from '../../planner-core/base/format';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { LayerRow } from '../../planner-core/session/types';
import type { Directives } from '../../planner-core/simulator/schedule';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { Connection } from '../state/connection';
import { alikeRows, displayLabel, rowKey, rowsOfKeys, targetOf } from '../state/layerTree';
import { decidedRow, holdsCheckpointable, reasonAgainst } from '../layers/choiceRules';
import { callOf } from '../state/recognised';
import type { MeasuredModel } from '../state/measured';
import type { ShownPlan } from '../state/shownPlan';
import type { Store } from '../state/store';
import type { Pane, StepModel, View } from '../state/view';
import { boundNames, counted, strategyHints, strategyNames } from '../ui/names';
import { pinPriceText, priceOf } from '../ui/pinPriceText';
import { deviceBlock } from './deviceBlock';
import { deviceMemory } from './deviceMemory';
import { effectCards } from './effectCards';
import { facts } from './facts';
import { kvCacheBlock } from './kvCacheBlock';
import { measuredLayerBlock, measuredRunBlock } from './measuredBlock';
import { placementBlock } from './placementBlock';
import { readAsBlock } from './readAsBlock';
import { recomputedBytes } from './recomputedBytes';
import { sourceBlock } from './sourceBlock';
import { effectsOf } from './whatIf';
import { whyChoice } from './whyChoice';
import { t, translated } from '../base/l10n';

/** Details of what is selected, what other choices for it would do, what the devices show, and the plan as a whole. */
export function inspectorPane(store: Store, connection: Connection): Pane {
  const layer = el('div', { class: 'inspector-layer' });
  const plan = el('div', { class: 'inspector-plan' });
  const memory = deviceMemory();
  const element = el(
    'aside',
    // It scrolls, and what is in it need not have a stop of its own.
    { id: 'inspector', class: 'pane', 'aria-label': t('Inspector'), tabindex: 0 },
    layer,
    el('div', {}, memory.element, plan),
  );

  const showLayer = memoizeLast(
    (
      step: StepModel | undefined,
      shown: ShownPlan | undefined,
      selected: readonly string[],
      asExported: readonly string[],
      prices: View['host']['pinPrices'],
      measured: MeasuredModel | undefined,
      pins: PlanInputs['pins'],
    ) => {
      const rows = step ? rowsOfKeys(step.tree, selected) : [];
      if (!step || rows.length === 0) {
        layer.replaceChildren(el('h2', {}, t('Nothing selected')), el('p', { class: 'muted' }, hint));
      } else if (rows.length > 1) {
        layer.replaceChildren(...severalRows(rows));
      } else {
        layer.replaceChildren(
          ...oneRow(step, shown, rows[0], { asExported, prices, measured, pins }, store, connection),
        );
      }
    },
  );
  const showPlan = memoizeLast(
    (
      step: StepModel | undefined,
      shown: ShownPlan | undefined,
      inputs: PlanInputs,
      measured: MeasuredModel | undefined,
    ) =>
      plan.replaceChildren(
        ...(step && shown
          ? [...kvCacheBlock(step.view), ...planSummary(step, shown, inputs), ...measuredRunBlock(measured)]
          : []),
      ),
  );
  return {
    element,
    render({ step, shown, ui, inputs, host, measured }: View) {
      // While the slider moves only the sentence and the charts follow.
      if (ui.dragBudgetBytes !== undefined) return;
      const { workload, pins } = inputs;
      showLayer(step, shown, ui.selected, workload.asExported, host.pinPrices, measured, pins);
      memory.render(shown);
      showPlan(step, shown, inputs, measured);
    },
  };
}

const hint = t(
  'Select a layer to see what it keeps and what other choices would do. K, R and O choose; Backspace hands back to the planner; F freezes a module.',
);

const valueByValue = t(
  'This strategy decides value by value, so what another choice would cost is known once it is planned: make it, and undo it if you do not like it.',
);

/** What the details of a layer are told by, beside the step and the plan. */
interface LayerContext {
  readonly asExported: readonly string[];
  readonly prices: View['host']['pinPrices'];
  readonly measured: MeasuredModel | undefined;
  readonly pins: PlanInputs['pins'];
}

function oneRow(
  step: StepModel,
  shown: ShownPlan | undefined,
  row: LayerRow,
  { asExported, prices, measured, pins }: LayerContext,
  store: Store,
  connection: Connection,
): HTMLElement[] {
  const title = callOf(step.recognitions, row) ?? displayLabel(row);
  const parts: HTMLElement[] = [
    el(
      'h2',
      { title: row.name },
      title,
      el('span', { class: 'inspector-type' }, row.type === title ? '' : row.type),
    ),
    el('p', { class: 'path muted' }, row.name),
    facts([
      [t('output'), row.output],
      [t('kept for backward'), row.savedBytes > 0 ? formatMemory(row.savedBytes) : t('nothing')],
      [t('parameters'), row.parameterBytes > 0 ? formatMemory(row.parameterBytes) : ''],
      [t('forward'), formatDuration(row.forwardMs)],
      [t('backward'), formatDuration(row.backwardMs)],
      [t('arithmetic'), row.macs > 0 ? t('{0} multiply-adds', operations(row.macs)) : ''],
      [t('memory traffic'), row.trafficBytes > 0 ? formatMemory(row.trafficBytes) : ''],
      [t('time goes to'), boundNames[row.bound]],
    ]),
    ...sourceBlock(row, (source) => connection.send({ type: 'open-source', source })),
  ];
  parts.push(...measuredLayerBlock(measured, row));
  parts.push(
    ...deviceBlock(step, row, pins, {
      limit: (device) => connection.edit({ kind: 'device', targets: [targetOf(row)], device }),
      select: (keys) => store.updateUi({ selected: keys }),
    }),
  );
  parts.push(
    ...readAsBlock(step, row, asExported, (changed) =>
      connection.edit({ kind: 'workload', changes: { asExported: changed } }),
    ),
  );
  const holds = holdsCheckpointable(step.tree);
  const decided = shown ? decidedRow(step.tree, row, shown.strategy, shown.decisions) : row;
  const effects = shown ? effectsOf(step.view.step, step.view.modules, step.tree, shown, decided) : [];
  if (shown && effects.length > 0) {
    const pinned = shown.decisions.some(
      ({ target, kind, choice, pinned: byHand }) =>
        byHand && choice !== undefined && target === decided.name && kind === decided.kind,
    );
    parts.push(
      el('h3', {}, decided === row ? t('Choices') : t('Choices for {0}', decided.name)),
      ...(decided === row
        ? []
        : [
            el(
              'p',
              { class: 'muted' },
              t('Whole modules are checkpointed: this operator goes with its module.'),
            ),
          ]),
      el('p', { class: 'muted' }, whyChoice(effects, shown, pinned)),
      ...effectCards(
        effects,
        shown,
        (choice) => reasonAgainst(decided, choice, shown.strategy, holds[decided.id] === 1),
        (choice) => connection.edit({ kind: 'choice', targets: [targetOf(decided)], choice }),
      ),
    );
  } else if (shown?.strategy === 'schedule' && row.savedBytes > 0) {
    parts.push(el('h3', {}, t('Choices')), el('p', { class: 'muted' }, valueByValue));
  }
  const price = pinPriceText(priceOf(prices, row));
  if (price) parts.push(el('p', { class: 'pin-price' }, price));
  const alike = alikeRows(step.tree.layers, row);
  if (alike.length > 1) {
    const select = el(
      'button',
      { class: 'link-button', type: 'button' },
      t('Select all {0} alike', alike.length),
    );
    select.addEventListener('click', () => store.updateUi({ selected: alike.map(rowKey) }));
    parts.push(select);
  }
  return parts;
}

function severalRows(rows: readonly LayerRow[]): HTMLElement[] {
  const sum = (of: (row: LayerRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return [
    el('h2', {}, t('{0} selected', counted(rows.length, 'layer'))),
    facts([
      [t('kept for backward'), formatMemory(sum((row) => row.savedBytes))],
      [t('forward'), formatDuration(sum((row) => row.forwardMs))],
      [t('backward'), formatDuration(sum((row) => row.backwardMs))],
    ]),
    el('p', { class: 'muted' }, t('A choice made for one of them is made for all.')),
  ];
}

function planSummary({ view }: StepModel, shown: ShownPlan, { pins }: PlanInputs): HTMLElement[] {
  const { simulation, directives } = shown.evaluation;
  return [
    el('h3', {}, t('Plan')),
    facts([
      [t('strategy'), strategyNames[shown.strategy]],
      [t('planner'), translated(shown.planner)],
      [t('peak'), formatMemory(shown.peakBytes)],
      [t('step'), `${formatDuration(shown.stepTimeMs)}, ${formatOverhead(shown.overheadPercent)}`],
      [t('proven least'), shown.lowerBoundPercent > 0 ? formatLeastOverhead(shown.lowerBoundPercent) : ''],
      [t('recomputed'), recomputationText(view.step, directives)],
      [
        t('copied'),
        simulation.transferBytes > 0
          ? t('{0} in {1}', formatMemory(simulation.transferBytes), formatDuration(simulation.transferMs))
          : '',
      ],
      [t('energy'), energyText(shown)],
      [
        t('carbon'),
        shown.energy?.carbonGrams === undefined
          ? ''
          : t('{0} of CO₂e', formatCarbon(shown.energy.carbonGrams)),
      ],
      [t('pinned'), pins.length > 0 ? counted(pins.length, 'layer') : t('nothing')],
    ]),
    el('p', { class: 'muted' }, t('{0}.', strategyHints[shown.strategy])),
    ...placementBlock(shown.placement),
  ];
}

/** `18.3 J, +2.1 % against keeping everything; 0.4 J of it for transfers, 0.1 J while it waits`. */
function energyText({ energy }: ShownPlan): string {
  if (!energy) return '';
  const { joules, keepAllJoules, transferJoules, waitJoules } = energy;
  const parts = [
    ...(transferJoules > 0 ? [t('{0} of it for transfers', formatEnergy(transferJoules))] : []),
    ...(waitJoules > 0 ? [t('{0} while it waits', formatEnergy(waitJoules))] : []),
  ];
  const against = keepAllJoules > 0 ? `, ${formatOverhead(100 * (joules / keepAllJoules - 1))}` : '';
  return `${formatEnergy(joules)}${against}${parts.length > 0 ? `; ${parts.join(', ')}` : ''}`;
}

function recomputationText(step: StepGraph, directives: Directives): string {
  const count = directives.recomputations.length / 2;
  if (count === 0) return t('nothing');
  return `${counted(count, 'computation')}, ${formatMemory(recomputedBytes(step, directives))}`;
}

/** `12.9 G` for 12.9e9. */
function operations(count: number): string {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(count);
}
