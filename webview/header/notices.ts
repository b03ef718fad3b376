import type { Diagnostic } from '../../planner-core/base/diagnostic';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { View } from '../state/view';
import { severityMarks, severityNames } from './severity';
import { t, translated } from '../base/l10n';

/** Infos that say what the numbers lack, and not only what was assumed. */
const saysWhatIsMissing: ReadonlySet<string> = new Set(['exported-for-evaluation']);

/**
 * What must not be overlooked, in a line each under the sentence: errors, warnings, and what the file cannot tell. One
 * line for each code, however often it occurs; all of them are in the notes.
 */
export function notices(): { element: HTMLElement; render(view: View): void } {
  const element = el('ul', { class: 'notices', 'aria-label': t('Worth knowing') });
  const show = memoizeLast((ofModel: readonly Diagnostic[] = [], ofStep: readonly Diagnostic[] = []) => {
    const shown = prominent([...ofModel, ...ofStep]);
    element.hidden = shown.length === 0;
    element.replaceChildren(...shown.map(({ first, count }) => notice(first, count)));
  });
  return { element, render: ({ host }) => show(host.model?.diagnostics, host.step?.diagnostics) };
}

/** The first diagnostic of each code that stands out, with how many there are; errors first. */
export function prominent(
  diagnostics: readonly Diagnostic[],
): { readonly first: Diagnostic; readonly count: number }[] {
  const byCode = new Map<string, Map<string, Diagnostic>>();
  for (const diagnostic of diagnostics) {
    const { severity, code, node = '', message } = diagnostic;
    if (severity === 'info' && !saysWhatIsMissing.has(code)) continue;
    // Model and step may both report the same thing.
    const same = byCode.get(code) ?? new Map<string, Diagnostic>();
    byCode.set(code, same.set(`${node} ${message}`, diagnostic));
  }
  const rank = { error: 0, warning: 1, info: 2 };
  return [...byCode.values()]
    .map((same) => ({ first: [...same.values()][0], count: same.size }))
    .sort((a, b) => rank[a.first.severity] - rank[b.first.severity]);
}

function notice({ severity, code, message, node }: Diagnostic, count: number): HTMLElement {
  const text = translated(message);
  const where = [node, count > 1 ? t('and {0} more', count - 1) : ''].filter(Boolean).join(', ');
  return el(
    'li',
    { class: `severity-${severity}`, 'data-code': code, title: `${text} (${code})` },
    el(
      'span',
      { class: 'severity-mark', role: 'img', 'aria-label': severityNames[severity] },
      severityMarks[severity],
    ),
    ` ${text}${where ? ` (${where})` : ''}`,
  );
}
