import { formatMemory, parseMemory } from '../../planner-core/base/format';
import type { GoalsQuestion } from '../../planner-core/protocol/goals';
import { defaultMaxOverheadPercent } from '../../planner-core/session/goals/goal';
import { isBatchDimension } from '../../planner-core/step/dimensions';
import { el } from '../base/dom';
import type { View } from '../state/view';
import { dropdown, textField } from '../ui/controls';
import { t } from '../base/l10n';

/** The question as a sentence with fields: on which device, with how much memory, how much slower, what grows. */
export interface QuestionForm {
  readonly element: HTMLElement;
  readonly question: GoalsQuestion;
  /** Takes over a question that was asked elsewhere. */
  set(question: GoalsQuestion): void;
  render(view: View): void;
}

export function questionForm(): QuestionForm {
  let question: GoalsQuestion = { maxOverheadPercent: defaultMaxOverheadPercent };
  let shown: View | undefined;
  const change = (changes: Partial<GoalsQuestion>): void => {
    question = { ...question, ...changes };
    if (shown) render(shown);
  };
  // Another device has another memory: one that was typed is for the device before.
  const device = dropdown(t('Device to fit'), (name) => change({ device: name, memoryBytes: undefined }));
  const memory = textField({
    label: t('Memory to fit, for example 24 GiB'),
    size: 9,
    onCommit(text) {
      const bytes = parseMemory(text);
      memory.setInvalid(bytes ? undefined : t('Not a size: write for example 24 GiB'));
      if (bytes) change({ memoryBytes: bytes });
    },
  });
  const percent = textField({
    label: t('Most overhead in percent'),
    size: 4,
    onCommit(text) {
      const value = Number(text.replace(/\s*%\s*$/, ''));
      const valid = text.trim() !== '' && Number.isFinite(value) && value >= 0;
      percent.setInvalid(valid ? undefined : t('A percentage of at least 0'));
      if (valid) change({ maxOverheadPercent: value });
    },
  });
  const dimension = dropdown(t('Dimension to grow'), (name) => change({ dimension: name }));
  const grow = el('span', { class: 'goal-field' }, t('growing'), dimension.element);

  const render = (view: View): void => {
    shown = view;
    const { deviceCatalogue, model } = view.host;
    const [first] = view.inputs.devices;
    const name = question.device ?? first.name;
    const chosen = name === first.name ? first : deviceCatalogue.find((entry) => entry.name === name);
    const known = deviceCatalogue.some((entry) => entry.name === first.name);
    const devices = known ? deviceCatalogue : [first, ...deviceCatalogue];
    device.update(
      devices.map((entry) => ({ value: entry.name, label: entry.name })),
      name,
    );
    memory.update(formatMemory(question.memoryBytes ?? chosen?.memoryBytes ?? first.memoryBytes));
    percent.update(String(question.maxOverheadPercent));
    const dims = model?.dims ?? [];
    grow.hidden = dims.length < 2;
    const batchFirst = dims.find(({ name: dim }) => isBatchDimension(dim)) ?? dims.at(0);
    if (batchFirst)
      dimension.update(
        dims.map(({ name: dim }) => ({ value: dim, label: dim })),
        question.dimension ?? batchFirst.name,
      );
  };
  return {
    element: el(
      'div',
      { class: 'goal-question' },
      el('span', { class: 'goal-field' }, t('On'), device.element),
      el('span', { class: 'goal-field' }, t('with'), memory.element),
      el('span', { class: 'goal-field' }, t('at most'), percent.element, t('% slower')),
      grow,
    ),
    get question() {
      return question;
    },
    set(asked) {
      question = asked;
    },
    render,
  };
}
