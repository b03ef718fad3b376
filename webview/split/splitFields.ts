import { eachDevice } from '../../planner-core/devices/machine';
import { splitBetween, type SplitRequest } from '../../planner-core/protocol/machineQuestions';
import { el } from '../base/dom';
import type { View } from '../state/view';
import { dropdown } from '../ui/controls';
import type { QuestionFields } from '../ui/questionPanel';
import { t } from '../base/l10n';

const directions = [
  { value: 'both', label: t('comes back') },
  { value: 'one-way', label: t('stays there') },
] as const;

/**
 * The question as a sentence: which device asks, which one helps, and whether the result comes back. `missing`: what stands in
 * its place while there is one device.
 */
export function splitFields(missing: HTMLElement): QuestionFields<SplitRequest> {
  let question: SplitRequest = {};
  let shown: View | undefined;
  const change = (changes: SplitRequest): void => {
    question = { ...question, ...changes };
    if (shown) render(shown);
  };
  /** A device cannot help itself: the two change places. */
  const choose = (at: 0 | 1, id: string): void => {
    const between = shown && splitBetween(question, shown.inputs);
    if (!between) return;
    const other = between[1 - at] === id ? between[at] : between[1 - at];
    change({ between: at === 0 ? [id, other] : [other, id] });
  };
  const first = dropdown(t('Device that asks'), (id) => choose(0, id));
  const second = dropdown(t('Device that helps'), (id) => choose(1, id));
  const direction = dropdown(t('Where the result goes'), (value) =>
    change({ direction: directions.find((known) => known.value === value)?.value }),
  );
  const ends = el(
    'span',
    { class: 'goal-question' },
    el('span', { class: 'goal-field' }, t('Asked on'), first.element),
    el('span', { class: 'goal-field' }, t('helped by'), second.element),
    el('span', { class: 'goal-field' }, t('the result'), direction.element),
  );
  const render = (view: View): void => {
    shown = view;
    const options = eachDevice(view.inputs.devices).map(({ id, name }) => ({
      value: id,
      label: `${id} (${name})`,
    }));
    const between = splitBetween(question, view.inputs);
    ends.hidden = !between;
    if (!between) return;
    first.update(options, between[0]);
    second.update(options, between[1]);
    direction.update(directions, question.direction ?? 'both');
  };
  return {
    element: el('div', { class: 'goal-question' }, ends, missing),
    get question() {
      return question;
    },
    get isComplete() {
      return shown !== undefined && splitBetween(question, shown.inputs) !== undefined;
    },
    set(asked) {
      question = asked;
    },
    render,
  };
}
