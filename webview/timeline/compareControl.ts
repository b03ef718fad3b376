import { el, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { ComparisonChoice } from './comparison';
import { t } from '../base/l10n';

/** "compare with …" and what the comparison says. */
export interface CompareControl {
  readonly select: HTMLElement;
  readonly sentence: HTMLElement;
  update(choices: readonly ComparisonChoice[], chosen: string | undefined, words: string): void;
}

const nothing = '';

export function compareControl(onChoose: (id: string | undefined) => void): CompareControl {
  const select = el('select', { class: 'quiet-select', 'aria-label': t('Compare the plan with') });
  select.addEventListener('change', () => onChoose(select.value === nothing ? undefined : select.value));
  const sentence = el('span', { class: 'compare-sentence', role: 'status' });
  const list = memoizeLast((signature: string) => {
    const choices = JSON.parse(signature) as ComparisonChoice[];
    select.replaceChildren(
      el('option', { value: nothing }, t('Compare with …')),
      ...choices.map(({ id, label }) => el('option', { value: id }, label)),
    );
  });
  return {
    select,
    sentence,
    update(choices, chosen, words) {
      list(JSON.stringify(choices));
      select.value = chosen ?? nothing;
      sentence.hidden = words === '';
      setText(sentence, words);
    },
  };
}
