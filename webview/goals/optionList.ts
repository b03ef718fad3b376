import { formatMemory } from '../../planner-core/base/format';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { FitOption, FitOptions } from '../../planner-core/session/goals/goal';
import { el } from '../base/dom';
import type { Connection } from '../state/connection';
import type { Answer } from './answerCards';
import { applyButton, type ApplyButton } from './applyButton';
import { effectNames, optionsTitle, takenBytes, timeText } from './goalWords';
import { t, translated } from '../base/l10n';

interface Group {
  readonly title: string;
  readonly holds: (option: FitOption) => boolean;
  /** Behind a button, because it is no answer. */
  readonly isFolded?: boolean;
}

const groups: readonly Group[] = [
  {
    title: t('Training stays what it is'),
    holds: ({ fits, isOtherDevice, effect }) => fits && !isOtherDevice && effect !== 'training',
  },
  {
    title: t('Training changes'),
    holds: ({ fits, isOtherDevice, effect }) => fits && !isOtherDevice && effect === 'training',
  },
  { title: t('Another device'), holds: ({ fits, isOtherDevice }) => fits && isOtherDevice },
  { title: t('Not enough'), holds: ({ fits }) => !fits, isFolded: true },
];

/** What to change so that it fits, by what it does to training; within that in the planner's order. */
export function optionList(answer: FitOptions, connection: Connection, from: PlanInputs): Answer {
  const buttons: ApplyButton[] = [];
  const rowOf = (option: FitOption): HTMLElement => {
    const button = option.fits ? applyButton(connection, from, option.edit, option.label) : undefined;
    if (button) buttons.push(button);
    return row(option, answer.memoryBytes, button?.element);
  };
  const shown = groups
    .map((group) => ({ ...group, options: answer.options.filter(group.holds) }))
    .filter(({ options }) => options.length > 0);
  const element = el(
    'section',
    { class: 'goal-options', 'data-goal': 'options' },
    el('h3', {}, optionsTitle(answer)),
    ...(shown.length > 0
      ? [
          el(
            'div',
            { class: 'option-head', 'aria-hidden': 'true' },
            el('span', {}, ''),
            el('span', {}, t('takes')),
            el('span', {}, t('time, same data')),
            el('span', {}, ''),
          ),
        ]
      : []),
    ...shown.map(({ title, options, isFolded }) => {
      const list = el('ul', { class: 'option-list', 'aria-label': title }, ...options.map(rowOf));
      return isFolded
        ? el('details', { class: 'option-group' }, el('summary', {}, `${title} (${options.length})`), list)
        : el('div', { class: 'option-group' }, el('h4', {}, title), list);
    }),
  );
  return { element, buttons };
}

function row(option: FitOption, memoryBytes: number, button: HTMLElement | undefined): HTMLElement {
  const { label, note, effect, fits, isOtherDevice, need, reason, id } = option;
  const taken = takenBytes(need);
  const bar = el('span', { class: 'option-bar', 'aria-hidden': 'true' }, el('span', {}));
  const share = isOtherDevice ? 0 : Math.min(1, taken / memoryBytes);
  (bar.firstElementChild as HTMLElement).style.width = `${(100 * share).toFixed(1)}%`;
  bar.hidden = isOtherDevice || !fits;
  return el(
    'li',
    { class: `option effect-${effect}`, 'data-option': id },
    el(
      'div',
      { class: 'option-text' },
      el(
        'span',
        { class: 'option-label' },
        translated(label),
        ...(isOtherDevice ? [] : [' ', el('span', { class: 'option-effect' }, effectNames[effect])]),
      ),
      el('span', { class: 'option-note' }, translated(fits ? note : reason)),
    ),
    el(
      'span',
      { class: 'option-taken' },
      el('span', { class: 'visually-hidden' }, `${t('takes')} `),
      formatMemory(taken),
      bar,
    ),
    el(
      'span',
      { class: 'option-time' },
      ...(fits
        ? [el('span', { class: 'visually-hidden' }, `${t('time, same data')} `), timeText(option)]
        : []),
    ),
    el('span', { class: 'option-action' }, ...(button ? [button] : [])),
  );
}
