import { toErrorValue } from '../../planner-core/base/errors';
import { el } from '../base/dom';
import type { Pane, View } from '../state/view';
import { t } from '../base/l10n';

/** A pane that fails shows its error in its own place, and the others go on. */
export function contain(pane: Pane): Pane {
  const note = el('p', { class: 'pane-failure tone-error', role: 'alert', hidden: true });
  pane.element.append(note);
  let hasFailed = false;
  const attempt = (draw: () => void): void => {
    try {
      draw();
    } catch (thrown) {
      const { code, message } = toErrorValue(thrown);
      note.textContent = t('This part cannot be drawn ({0}): {1}', code, message);
      hasFailed = true;
    }
    note.hidden = !hasFailed;
  };
  return {
    element: pane.element,
    render(view: View) {
      hasFailed = false;
      attempt(() => pane.render(view));
    },
    renderDetails(view: View) {
      if (!hasFailed) attempt(() => pane.renderDetails?.(view));
    },
  };
}
