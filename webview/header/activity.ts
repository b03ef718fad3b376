import { el, setText } from '../base/dom';
import type { Connection } from '../state/connection';
import type { View } from '../state/view';
import { button, progressRing } from '../ui/controls';
import { progressText } from '../status/progressText';
import { t } from '../base/l10n';

/** The ring that turns while the planner works, with Cancel. */
export function activity(connection: Connection): { element: HTMLElement; render(view: View): void } {
  const text = el('span', { class: 'activity-text' });
  const cancel = button({
    label: t('Cancel'),
    appearance: 'secondary',
    title: t('Stop the computation and keep what is there'),
    onClick: () => connection.send({ type: 'cancel' }),
  });
  const element = el('div', { class: 'activity', hidden: true }, progressRing(), text, cancel);
  return {
    element,
    render({ host, editing }) {
      element.hidden = !host.progress && !editing;
      cancel.hidden = !host.progress;
      setText(text, host.progress ? progressText(host.progress) : t('Applying'));
    },
  };
}
