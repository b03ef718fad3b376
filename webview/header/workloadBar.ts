import type { PlanInputs } from '../../planner-core/plan/planInputs';
import { strategies, type Strategy } from '../../planner-core/plan/plan';
import { resized, sizesOf } from '../../planner-core/step/dimensions';
import {
  losses,
  optimizers,
  precisions,
  type Loss,
  type Optimizer,
  type Precision,
  type Workload,
} from '../../planner-core/step/workload';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import { dropdown, textField, type DropdownOption, type TextField } from '../ui/controls';
import { lossNames, modeNames, optimizerNames, precisionNames, strategyNames } from '../ui/names';
import { objectiveChoice } from '../machine/objectiveChoice';
import { offloadChoice } from '../offload/offloadChoice';
import { deviceChips } from './deviceChips';
import { t } from '../base/l10n';

/** The workload as a row of small controls: what the step is, on what it runs, how the plan will be applied. */
export function workloadBar(
  connection: Connection,
  machineButton: HTMLElement,
  settings: { readonly button: HTMLElement; openOffload(): void },
): { element: HTMLElement; render(view: View): void } {
  const change = (changes: Partial<Workload>): void => connection.edit({ kind: 'workload', changes });
  const mode = dropdown(t('Mode'), (value) => change({ mode: value as Workload['mode'] }));
  const precision = dropdown(t('Precision'), (value) => change({ precision: value as Precision }));
  const optimizer = dropdown(t('Optimizer'), (value) => change({ optimizer: value as Optimizer }));
  const loss = dropdown(t('Loss'), (value) => change({ loss: value as Loss }));
  const strategy = dropdown(t('Strategy'), (value) =>
    connection.edit({ kind: 'strategy', strategy: value as Strategy }),
  );
  const dims = el('div', { class: 'chip-group' });
  const devices = deviceChips(connection);
  const objective = objectiveChoice(connection);
  const offload = offloadChoice(connection, () => settings.openOffload());
  const optimizerChip = chip(t('optimizer'), optimizer.element);
  const lossChip = chip(t('loss'), loss.element);
  const element = el(
    'div',
    { class: 'workload', role: 'group', 'aria-label': t('Workload') },
    // Whole groups go to a line of their own where one line is too short: what is computed, and on what.
    el(
      'div',
      { class: 'workload-line' },
      chip(t('mode'), mode.element),
      dims,
      chip(t('precision'), precision.element),
      optimizerChip,
      lossChip,
      chip(t('strategy'), strategy.element),
    ),
    el(
      'div',
      { class: 'workload-line' },
      devices.element,
      machineButton,
      objective.element,
      offload.element,
      settings.button,
    ),
  );

  let fields = new Map<string, TextField>();
  let shownDims: Workload['dims'] = {};
  const makeDims = memoizeLast((model: View['host']['model']) => {
    const setDim = (name: string, value: number): void =>
      change({ dims: resized(model?.dims ?? [], shownDims, name, value) });
    fields = new Map(
      (model?.dims ?? []).map(({ name }) => [name, dimField(name, (value) => setDim(name, value))]),
    );
    dims.replaceChildren(...[...fields].map(([name, field]) => chip(name, field.element)));
  });
  const show = memoizeLast((inputs: PlanInputs, model: View['host']['model']) => {
    const { workload } = inputs;
    shownDims = workload.dims;
    mode.update(optionsOf(['training', 'inference'], modeNames), workload.mode);
    precision.update(optionsOf(precisions, precisionNames), workload.precision);
    optimizer.update(optionsOf(optimizers, optimizerNames), workload.optimizer);
    loss.update(optionsOf(losses, lossNames), workload.loss);
    strategy.update(optionsOf(strategies, strategyNames), inputs.strategy);
    optimizerChip.hidden = lossChip.hidden = workload.mode === 'inference';
    for (const [name, size] of sizesOf(model?.dims ?? [], workload)) fields.get(name)?.update(String(size));
  });
  return {
    element,
    render(view) {
      element.hidden = !view.host.model;
      makeDims(view.host.model);
      show(view.inputs, view.host.model);
      devices.render(view);
      objective.render(view);
      offload.render(view.inputs);
    },
  };
}

/** A dimension must be a whole number of at least 1. */
function dimField(name: string, onCommit: (value: number) => void): TextField {
  const field: TextField = textField({
    label: name,
    size: 5,
    onCommit(text) {
      const value = Number(text);
      const valid = Number.isInteger(value) && value >= 1;
      field.setInvalid(valid ? undefined : t('{0} must be a whole number of at least 1', name));
      if (valid) onCommit(value);
    },
  });
  return field;
}

function optionsOf<T extends string>(
  values: readonly T[],
  names: Readonly<Record<T, string>>,
): DropdownOption[] {
  return values.map((value) => ({ value, label: names[value] }));
}

/** A control with its small caption. */
function chip(caption: string, ...controls: HTMLElement[]): HTMLElement {
  return el(
    'div',
    { class: 'chip' },
    el('span', { class: 'chip-caption', 'aria-hidden': 'true' }, caption),
    ...controls,
  );
}
