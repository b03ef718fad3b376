import { applyEdit, type Edit, type PlanInputs } from '../../planner-core/plan/planInputs';
import { el, setText } from '../base/dom';
import type { Connection } from '../state/connection';
import { inputsKey } from './sameInputs';
import { t } from '../base/l10n';

/** A button that makes an answer the step: one edit, one step of undo. */
export interface ApplyButton {
  readonly element: HTMLElement;
  /** `current`: key of the inputs on screen. Returns whether they are what the button leads to. */
  render(current: string): boolean;
}

/** `from`: the inputs that the edit is about; from others it would lead elsewhere, so then it cannot be used. */
export function applyButton(
  connection: Connection,
  from: PlanInputs,
  edit: Edit,
  label: string,
  words = { apply: t('Apply'), applied: t('Applied') },
): ApplyButton {
  const element = el('button', { class: 'apply-button', type: 'button' });
  const before = inputsKey(from);
  const after = inputsKey(applyEdit(from, edit));
  element.addEventListener('click', () => {
    // A disabled button would lose the focus that a person needs to go on with.
    if (element.getAttribute('aria-disabled') !== 'true') connection.edit(edit);
  });
  return {
    element,
    render(current) {
      const isApplied = current === after;
      const word = isApplied ? words.applied : words.apply;
      setText(element, word);
      element.setAttribute('aria-label', `${word}: ${label}`);
      element.setAttribute('aria-disabled', String(isApplied || current !== before));
      element.classList.toggle('is-applied', isApplied);
      return isApplied;
    },
  };
}
