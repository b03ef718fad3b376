import type { Diagnostic } from '../../planner-core/base/diagnostic';
import { el } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { View } from '../state/view';
import { counted } from '../ui/names';
import { severityMarks, severityNames } from './severity';
import { translated } from '../base/l10n';

/** What to know about the numbers: assumptions they rest on, and diagnostics of model and workload. */
export function notes(): { buttons: HTMLElement; panel: HTMLElement; render(view: View): void } {
  const assumptions = disclosure('assumptions');
  const diagnostics = disclosure('diagnostics');
  const panel = el('div', { class: 'notes' }, assumptions.list, diagnostics.list);
  const buttons = el('div', { class: 'notes-buttons' }, assumptions.button, diagnostics.button);

  const showAssumptions = memoizeLast((sentences: readonly string[]) => {
    assumptions.update(
      counted(sentences.length, 'assumption'),
      sentences.map((text) => el('li', {}, translated(text))),
    );
  });
  const showDiagnostics = memoizeLast(
    (ofModel: readonly Diagnostic[] = [], ofStep: readonly Diagnostic[] = []) => {
      const all = unique([...ofModel, ...ofStep]);
      diagnostics.button.classList.toggle(
        'tone-warning',
        all.some(({ severity }) => severity !== 'info'),
      );
      diagnostics.update(all.length === 0 ? '' : counted(all.length, 'note'), all.map(diagnosticItem));
    },
  );
  return {
    buttons,
    panel,
    render({ host }) {
      showAssumptions(host.step?.assumptions ?? none);
      showDiagnostics(host.model?.diagnostics, host.step?.diagnostics);
    },
  };
}

const none: readonly string[] = [];

function disclosure(id: string) {
  const list = el('ul', { class: 'note-list', id, hidden: true });
  const button = el('button', {
    class: 'quiet-button',
    type: 'button',
    'aria-expanded': 'false',
    'aria-controls': id,
  });
  button.addEventListener('click', () => {
    list.hidden = !list.hidden;
    button.setAttribute('aria-expanded', String(!list.hidden));
  });
  return {
    list,
    button,
    update(label: string, items: readonly HTMLElement[]) {
      button.textContent = label;
      button.hidden = items.length === 0;
      if (items.length === 0) list.hidden = true;
      list.replaceChildren(...items);
    },
  };
}

function diagnosticItem({ severity, code, message, node }: Diagnostic): HTMLElement {
  return el(
    'li',
    { class: `severity-${severity}` },
    el(
      'span',
      { class: 'severity-mark', role: 'img', 'aria-label': severityNames[severity] },
      severityMarks[severity],
    ),
    ` ${translated(message)} `,
    el('code', {}, node ? `${code} · ${node}` : code),
  );
}

/** Model and step may both report the same thing. */
function unique(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(diagnostics.map((d) => [`${d.code} ${d.node ?? ''} ${d.message}`, d])).values()];
}
