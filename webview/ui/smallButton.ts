import { el } from '../base/dom';
import { spokenName } from './spokenName';

/** A button that shows a sign or a word; `label` says what it does. */
export function smallButton(text: string, label: string, onClick: () => void): HTMLButtonElement {
  const element = el(
    'button',
    { class: 'quiet-button', type: 'button', title: label, 'aria-label': spokenName(text, label) },
    text,
  );
  element.addEventListener('click', onClick);
  return element;
}
