import { el, setText } from '../base/dom';

const settleMs = 600;

/** A polite live region. A stream of texts is told once it rests: a drag is not read out value by value. */
export class Announcer {
  readonly element = el('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
  private timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => setText(this.element, text), settleMs);
  }
}
