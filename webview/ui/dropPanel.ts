import { el, setAttributes } from '../base/dom';
import { smallButton } from './smallButton';

const marginPx = 12;
const leastPx = 320;

/** Closes the panel that was opened last: they would cover each other. */
let closeOpened: (() => void) | undefined;

export interface DropPanelParts {
  /** Of the panel; its button refers to it. */
  readonly id: string;
  readonly title: string;
  readonly button: HTMLElement;
  /** Between the title and what closes the panel. */
  readonly head: readonly HTMLElement[];
  readonly content: readonly HTMLElement[];
  readonly closeHint: string;
}

export interface DropPanel {
  readonly panel: HTMLElement;
  readonly isOpen: boolean;
  /** Closing gives the focus back to the button if the panel has it. */
  toggle(open: boolean): void;
  /** To be called when what is above the panel may have changed. */
  fit(): void;
}

/**
 * A panel that hangs below the header, over the charts, until its button, its cross or Escape closes it. The button says
 * whether it is open; what a click on it does is up to the caller.
 */
export function dropPanel({ id, title, button, head, content, closeHint }: DropPanelParts): DropPanel {
  const panel = el(
    'section',
    { id, class: 'drop-panel', 'aria-label': title, tabindex: '-1', hidden: true },
    el(
      'div',
      { class: 'drop-panel-head' },
      el('h2', {}, title),
      ...head,
      smallButton('×', closeHint, () => toggle(false)),
    ),
    ...content,
  );
  setAttributes(button, { 'aria-expanded': 'false', 'aria-controls': id });
  const toggle = (open: boolean): void => {
    const hadFocus = panel.contains(document.activeElement);
    if (open && closeOpened !== close) closeOpened?.();
    closeOpened = open ? close : closeOpened === close ? undefined : closeOpened;
    panel.hidden = !open;
    setAttributes(button, { 'aria-expanded': String(open) });
    if (!open && hadFocus) button.focus();
    fit();
  };
  const close = (): void => toggle(false);
  /** Down to the lower end of the window: how tall the header above it is depends on what it has to say. */
  const fit = (): void => {
    if (panel.hidden) return;
    const room = window.innerHeight - (panel.parentElement?.getBoundingClientRect().bottom ?? 0) - marginPx;
    panel.style.maxHeight = `${Math.max(room, leastPx)}px`;
  };
  window.addEventListener('resize', fit);
  for (const element of [button, panel]) {
    element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !panel.hidden) toggle(false);
    });
  }
  return {
    panel,
    get isOpen() {
      return !panel.hidden;
    },
    toggle,
    fit,
  };
}
