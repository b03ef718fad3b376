import { el } from '../base/dom';
import { smallButton } from '../ui/smallButton';

/**
 * A list of names, each with a button that takes it out. The focus stays in the list; once there is nothing in it, it
 * goes to what can have it around the list.
 */
export function removableItems(
  label: string,
  buttonLabel: (name: string) => string,
  shownName: (name: string) => string = (name) => name,
): {
  readonly element: HTMLElement;
  show(names: readonly string[], onRemove: (name: string) => void): void;
} {
  const element = el('ul', { class: 'setting-list', 'aria-label': label, hidden: true });
  return {
    element,
    show(names, onRemove) {
      const focused = [...element.children].findIndex((item) => item.contains(document.activeElement));
      const buttons = names.map((name) => smallButton('×', buttonLabel(name), () => onRemove(name)));
      element.hidden = names.length === 0;
      element.replaceChildren(
        ...names.map((name, i) =>
          el('li', {}, el('code', { class: 'setting-name', title: name }, shownName(name)), buttons[i]),
        ),
      );
      if (focused < 0) return;
      const next = buttons.at(Math.min(focused, buttons.length - 1));
      (next ?? element.closest<HTMLElement>('[tabindex]'))?.focus();
    },
  };
}
