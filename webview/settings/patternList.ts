import { recognitionSummary, type RecognitionSummary } from '../../planner-core/session/recognitionSummary';
import type { StepView } from '../../planner-core/session/types';
import type { Workload } from '../../planner-core/step/workload';
import { el, replaceKeepingFocus, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { operatorsAsExported } from '../state/recognised';
import { counted } from '../ui/names';
import { removableItems } from './removableItems';
import { t } from '../base/l10n';

/**
 * What the file's operators are read as, by pattern, with a switch for each; and the operators that are taken as
 * exported one by one.
 */
export function patternList(onChange: (changes: Partial<Workload>) => void): {
  readonly element: HTMLElement;
  render(workload: Workload, step: StepView | undefined): void;
} {
  const title = el('h3', {});
  const hint = el(
    'p',
    { class: 'setting-hint' },
    t(
      'Exporters take calls apart, and what autograd keeps depends on the call. What is not ticked is taken as the file has it.',
    ),
  );
  const patterns = el('ul', { class: 'setting-list', 'aria-label': t('Patterns') });
  const single = removableItems(t('Operators taken as exported'), (name) =>
    t('Read {0} as its call again', name),
  );
  const singleTitle = el('p', { class: 'setting-hint' }, t('Taken as exported one by one:'));
  const element = el(
    'section',
    { class: 'setting-section', 'data-field': 'asExported' },
    title,
    hint,
    patterns,
    singleTitle,
    single.element,
  );
  let current: readonly string[] = [];
  const switchPattern = (pattern: string, isRead: boolean): void => {
    const others = current.filter((entry) => entry !== pattern);
    onChange({ asExported: isRead ? others : [...others, pattern] });
  };
  const items = new Map<string, PatternItem>();
  const itemOf = (pattern: string): PatternItem => {
    const known = items.get(pattern) ?? patternItem(pattern, (isRead) => switchPattern(pattern, isRead));
    items.set(pattern, known);
    return known;
  };

  const show = memoizeLast((asExported: readonly string[], step: StepView | undefined) => {
    current = asExported;
    const operators = step ? operatorsAsExported(step, asExported) : [];
    const off = asExported.filter((entry) => !operators.includes(entry));
    const found = recognitionSummary(step?.recognitions ?? []).filter(
      ({ pattern }) => !off.includes(pattern),
    );
    const places = found.reduce((sum, { count }) => sum + count, 0);
    setText(title, t('Read as PyTorch calls: {0}', places === 0 ? t('nothing') : counted(places, 'place')));
    element.classList.toggle('is-changed', asExported.length > 0);
    for (const summary of found) itemOf(summary.pattern).update(summary);
    for (const pattern of off) itemOf(pattern).update(undefined);
    const names = [...found.map(({ pattern }) => pattern), ...off].sort();
    replaceKeepingFocus(
      patterns,
      names.map((pattern) => itemOf(pattern).element),
    );
    patterns.hidden = names.length === 0;
    hint.hidden = names.length + operators.length === 0;
    singleTitle.hidden = operators.length === 0;
    single.show(operators, (name) => onChange({ asExported: asExported.filter((entry) => entry !== name) }));
  });
  return { element, render: ({ asExported }, step) => show(asExported, step) };
}

interface PatternItem {
  readonly element: HTMLElement;
  /** undefined for a pattern that is switched off: then it is not looked for. */
  update(summary: RecognitionSummary | undefined): void;
}

function patternItem(pattern: string, onChange: (isRead: boolean) => void): PatternItem {
  const box = el('input', { type: 'checkbox', 'data-pattern': pattern });
  box.addEventListener('change', () => onChange(box.checked));
  const amount = el('span', { class: 'muted' });
  const proof = el('span', { class: 'muted setting-evidence' });
  const name = el('span', { class: 'setting-name' }, pattern);
  const label = el('label', {}, box, name, amount, proof);
  return {
    element: el('li', {}, label),
    update(summary) {
      box.checked = summary !== undefined;
      label.title = summary ? `${summary.readAs}, ${evidence(summary)}` : t('Taken as the file has it');
      setText(amount, summary ? `× ${summary.count.toLocaleString('en')}` : t('as exported'));
      setText(proof, summary ? evidence(summary) : '');
    },
  };
}

function evidence({ count, confirmed }: RecognitionSummary): string {
  if (confirmed === 0) return t('by structure only');
  return confirmed === count ? t('confirmed by metadata') : t('{0} confirmed by metadata', confirmed);
}
