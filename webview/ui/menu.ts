import { el } from '../base/dom';
import { button } from './controls';

export interface MenuItem {
  readonly label: string;
  readonly onSelect: () => void;
}

/** Entries that belong together, under a heading. */
export interface MenuGroup {
  readonly heading: string;
  readonly items: readonly MenuItem[];
  /** Entries that depend on what is on screen: asked for whenever the menu opens. */
  readonly more?: () => readonly MenuItem[];
}

/**
 * A button that opens a menu under it. Up and down walk the entries, left and right go from group to group, Home and End to
 * the ends, letters to the next entry that begins with what was typed; Enter chooses, Escape and a click elsewhere close.
 */
export function menuButton(
  label: string,
  appearance: 'primary' | 'secondary',
  groups: readonly MenuGroup[],
): HTMLElement {
  const entryOf = ({ label: name, onSelect }: MenuItem): HTMLElement => {
    const attributes = { class: 'menu-item', role: 'menuitem', tabindex: '-1', type: 'button' };
    const entry = el('button', attributes, name);
    // As in every menu: one entry is marked, by the pointer or by the keys.
    entry.addEventListener('pointermove', () => entry.focus({ preventScroll: true }));
    entry.addEventListener('click', () => {
      close();
      onSelect();
    });
    return entry;
  };
  const fixed = groups.map(({ items }) => items.map(entryOf));
  let entriesOfGroup: readonly HTMLElement[][] = fixed;
  const sections = groups.map(({ heading }, i) =>
    el(
      'div',
      { class: 'menu-group', role: 'group', 'aria-label': heading },
      el('div', { class: 'menu-heading', 'aria-hidden': 'true' }, heading),
      ...fixed[i],
    ),
  );
  const list = el('div', { class: 'menu', role: 'menu', hidden: true, 'aria-label': label }, ...sections);
  const opener = button({ label, appearance, onClick: () => (list.hidden ? open() : close()) });
  opener.setAttribute('aria-haspopup', 'menu');
  opener.setAttribute('aria-expanded', 'false');
  const element = el('div', { class: 'menu-anchor' }, opener, list);

  const open = (): void => {
    entriesOfGroup.forEach((entries, i) => entries.slice(fixed[i].length).forEach((entry) => entry.remove()));
    entriesOfGroup = groups.map(({ more }, i) => [...fixed[i], ...(more?.() ?? []).map(entryOf)]);
    entriesOfGroup.forEach((entries, i) => sections[i].append(...entries.slice(fixed[i].length)));
    list.hidden = false;
    opener.setAttribute('aria-expanded', 'true');
    entriesOfGroup.flat()[0]?.focus();
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
    if (event.key === 'Escape') close();
    else {
      const entry = entryFor(event, entriesOfGroup);
      if (!entry) return;
      entry.focus();
    }
    event.preventDefault();
  });
  element.addEventListener('focusout', (event) => {
    if (!(event.relatedTarget instanceof Node && element.contains(event.relatedTarget))) close();
  });
  return element;
}

/** Where a key leads from the entry that has the focus; undefined for keys that lead nowhere. */
function entryFor(event: KeyboardEvent, groups: readonly HTMLElement[][]): HTMLElement | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const entries = groups.flat();
  const at = entries.findIndex((entry) => entry === document.activeElement);
  const group = groups.findIndex((members) => members.includes(entries[at]));
  switch (event.key) {
    case 'ArrowDown':
      return entries[(at + 1) % entries.length];
    case 'ArrowUp':
      return entries[(Math.max(at, 0) - 1 + entries.length) % entries.length];
    case 'ArrowRight':
      return groups[(group + 1) % groups.length][0];
    case 'ArrowLeft':
      return groups[(Math.max(group, 0) - 1 + groups.length) % groups.length][0];
    case 'Home':
      return entries[0];
    case 'End':
      return entries.at(-1);
    default: {
      if (event.key.length !== 1 || event.key === ' ') return undefined;
      const begins = (entry: HTMLElement): boolean =>
        entry.textContent.toLowerCase().startsWith(event.key.toLowerCase());
      return [...entries.slice(at + 1), ...entries].find(begins);
    }
  }
}
