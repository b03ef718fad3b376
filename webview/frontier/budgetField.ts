import { formatMemory, parseMemory } from '../../planner-core/base/format';
import { el } from '../base/dom';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import { textField } from '../ui/controls';
import { t } from '../base/l10n';

/** The budget as text, for exact entry ("8 GiB"), and the way back to all that fits the device. */
export function budgetField(connection: Connection): { element: HTMLElement; render(view: View): void } {
  const edit = (budgetBytes: number | undefined): void => connection.edit({ kind: 'budget', budgetBytes });
  const problem = el('span', { class: 'tone-error', role: 'alert' });
  const field = textField({
    id: 'budget-field',
    label: t('Memory budget, for example 8 GiB'),
    size: 10,
    onCommit(text) {
      const bytes = parseMemory(text);
      refuse(bytes ? '' : t('Not a size: write for example 8 GiB or 7.5 GB'));
      if (bytes) edit(bytes);
    },
  });
  let shownBytes: number | undefined;
  const refuse = (reason: string): void => {
    field.setInvalid(reason || undefined);
    problem.textContent = reason;
  };
  const whole = el('button', { class: 'link-button', type: 'button' });
  whole.addEventListener('click', () => edit(undefined));
  return {
    element: el('div', { class: 'budget-field' }, el('span', {}, t('Budget')), field.element, whole, problem),
    render({ inputs, budgetBytes }) {
      const [device] = inputs.devices;
      if (budgetBytes !== shownBytes) refuse('');
      shownBytes = budgetBytes;
      field.update(formatMemory(budgetBytes));
      whole.hidden = inputs.budgetBytes === undefined;
      whole.textContent = t('Use all of {0}', device.name);
    },
  };
}
