import { planSources, type PlanSource } from '../../planner-core/protocol/comparedPlan';
import { el, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { ComparisonChoice } from '../state/comparedWith';
import { t } from '../base/l10n';

/** "compare with …" and what the comparison says. */
export interface CompareControl {
  readonly select: HTMLElement;
  readonly sentence: HTMLElement;
  update(choices: readonly ComparisonChoice[], chosen: string | undefined, words: string): void;
}

const nothing = '';
const fetchPrefix = 'fetch:';

const sourceNames: Readonly<Record<PlanSource, string>> = {
  saved: t('the saved plan'),
  committed: t('the plan at Git HEAD'),
  file: t('a plan file …'),
};

/** `onFetch`: a plan that the host has to read first; until it is there, what was compared with stays. */
export function compareControl(
  onChoose: (id: string | undefined) => void,
  onFetch: (source: PlanSource) => void,
): CompareControl {
  const select = el('select', { class: 'quiet-select', 'aria-label': t('Compare the plan with') });
  let shown = nothing;
  select.addEventListener('change', () => {
    const { value } = select;
    const source = planSources.find((name) => fetchPrefix + name === value);
    if (!source) return onChoose(value === nothing ? undefined : value);
    select.value = shown;
    onFetch(source);
  });
  const sentence = el('span', { class: 'compare-sentence', role: 'status' });
  const sources = el(
    'optgroup',
    { label: t('Plan files') },
    ...planSources.map((name) => el('option', { value: fetchPrefix + name }, sourceNames[name])),
  );
  const list = memoizeLast((signature: string) => {
    const choices = JSON.parse(signature) as ComparisonChoice[];
    select.replaceChildren(
      el('option', { value: nothing }, t('Compare with …')),
      ...choices.map(({ id, label, shortLabel }) =>
        el('option', { value: id, title: label, 'aria-label': label }, shortLabel ?? label),
      ),
      sources,
    );
  });
  return {
    select,
    sentence,
    update(choices, chosen, words) {
      list(JSON.stringify(choices));
      shown = chosen ?? nothing;
      select.value = shown;
      select.title = choices.find(({ id }) => id === chosen)?.label ?? '';
      sentence.hidden = words === '';
      setText(sentence, words);
    },
  };
}
