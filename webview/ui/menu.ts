import { el } from '../base/dom';
import { button } from './controls';

export interface MenuItem {
  readonly label: string;
  readonly onSelect: () => void;
}

/** A button that opens a menu under it: arrow keys walk, Enter chooses, Escape and a click elsewhere close. */
export function menuButton(
  label: string,
  appearance: 'primary' | 'secondary',
  items: readonly MenuItem[],
): HTMLElement {
  const entries = items.map((item) => {
    const entry = el(
      'button',
      { class: 'menu-item', role: 'menuitem', tabindex: '-1', type: 'button' },
      item.label,
    );
    entry.addEventListener('click', () => {
      close();
      item.onSelect();
    });
    return entry;
  });
  const list = el('div', { class: 'menu', role: 'menu', hidden: true, 'aria-label': label }, ...entries);
  const opener = button({ label, appearance, onClick: () => (list.hidden ? open() : close()) });
  opener.setAttribute('aria-haspopup', 'menu');
  opener.setAttribute('aria-expanded', 'false');
  const element = el('div', { class: 'menu-anchor' }, opener, list);

  const open = (): void => {
    list.hidden = false;
    opener.setAttribute('aria-expanded', 'true');
    entries[0]?.focus();
  };
  const close = (): void => {
    if (list.hidden) return;
    const hadFocus = list.contains(document.activeElement);
    list.hidden = true;
    opener.setAttribute('aria-expanded', 'false');
    if (hadFocus) opener.focus();
  };
  element.addEventListener('keydown', (event) => {
    if (list.hidden) return;
    const at = entries.findIndex((entry) => entry === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + entries.length }[event.key];
    if (to !== undefined) entries[to % entries.length].focus();
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
  });
  element.addEventListener('focusout', (event) => {
    if (!(event.relatedTarget instanceof Node && element.contains(event.relatedTarget))) close();
  });
  return element;
}
