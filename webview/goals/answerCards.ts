import { formatMemory, formatOverhead } from '../../planner-core/base/format';
import type { Edit, PlanInputs } from '../../planner-core/plan/planInputs';
import type { LargestSize, LeastBudget } from '../../planner-core/session/goals/goal';
import { el } from '../base/dom';
import type { Connection } from '../state/connection';
import { applyButton, type ApplyButton } from './applyButton';
import { nextText, provenText, sizeFacts, takenBytes, tooMuchText } from './goalWords';
import { t } from '../base/l10n';

/** Something on screen with the buttons in it. */
export interface Answer {
  readonly element: HTMLElement;
  readonly buttons: readonly ApplyButton[];
}

/** The largest size that fits, the next one with its reason, and which batch is fastest for each sample. */
export function largestCard(answer: LargestSize, connection: Connection, from: PlanInputs): Answer {
  const { dimension, largest, fastest, isBatch, granularity } = answer;
  const buttons: ApplyButton[] = [];
  const apply = (edit: Edit, size: number): HTMLElement => {
    const made = applyButton(connection, from, edit, `${dimension} ${size}`);
    buttons.push(made);
    return made.element;
  };
  const others = granularity > 1 ? t('In steps of {0}, as the model takes them.', granularity) : '';
  const isOther = fastest && fastest.size !== largest?.size;
  const element = card(
    'largest',
    t('Largest {0}', dimension),
    largest
      ? figure(String(largest.size), sizeFacts(largest, isBatch), apply(largest.edit, largest.size))
      : figure('none', t('Not even the smallest fits.')),
    ...lines(nextText(answer), others),
    ...(isOther
      ? [
          el(
            'p',
            { class: 'question-line goal-second' },
            el(
              'span',
              {},
              t('Fastest for each sample: {0} ({1})', fastest.size, sizeFacts(fastest, isBatch)),
            ),
            apply(fastest.edit, fastest.size),
          ),
        ]
      : fastest
        ? lines(t('No smaller one that was tried is faster for each sample.'))
        : []),
  );
  return { element, buttons };
}

/** The smallest budget that is fast enough, with what is proven. One that the device has no room for is only told. */
export function budgetCard(
  answer: LeastBudget,
  maxOverheadPercent: number,
  memoryBytes: number,
  connection: Connection,
  from: PlanInputs,
): Answer {
  const { plan } = answer;
  const label = plan ? t('Budget {0}', formatMemory(plan.budgetBytes)) : '';
  const isTooMuch = plan !== undefined && Math.max(plan.budgetBytes, takenBytes(plan)) > memoryBytes;
  const button = plan && !isTooMuch && applyButton(connection, from, plan.edit, label);
  const facts = plan && t('step {0}', formatOverhead(plan.overheadPercent));
  const element = card(
    'least-budget',
    t('Smallest budget within {0} %', maxOverheadPercent),
    plan
      ? figure(formatMemory(plan.budgetBytes), facts ?? '', button ? button.element : undefined)
      : figure('none', t('What is pinned takes more time.')),
    ...(isTooMuch ? lines(tooMuchText(plan, memoryBytes)) : []),
    el('p', { class: 'question-line tone-proof' }, provenText(answer, maxOverheadPercent)),
    ...lines(t('Keeping everything requests {0}.', formatMemory(answer.keepAllPeakBytes))),
  );
  return { element, buttons: button ? [button] : [] };
}

/** Holds the place of an answer that is being looked for. */
export function waitingCard(id: string, text: string): Answer {
  return { element: el('p', { class: 'goal-card question-line', 'data-goal': id }, text), buttons: [] };
}

function card(id: string, title: string, ...children: readonly HTMLElement[]): HTMLElement {
  return el('section', { class: 'goal-card', 'data-goal': id }, el('h3', {}, title), ...children);
}

function figure(value: string, facts: string, button?: HTMLElement): HTMLElement {
  return el(
    'div',
    { class: 'goal-figure' },
    el('strong', {}, value),
    el('span', { class: 'muted' }, facts),
    ...(button ? [button] : []),
  );
}

const lines = (...texts: readonly string[]): HTMLElement[] =>
  texts.filter(Boolean).map((text) => el('p', { class: 'question-line' }, text));
