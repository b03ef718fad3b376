// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from 'vitest';
import { dropPanel, type DropPanel } from '../../../../webview/ui/dropPanel';

let button: HTMLButtonElement;
let field: HTMLInputElement;
let drop: DropPanel;

beforeEach(() => {
  button = document.createElement('button');
  field = document.createElement('input');
  drop = dropPanel({ id: 'p', title: 'Panel', button, head: [], content: [field], closeHint: 'Close it' });
  document.body.replaceChildren(button, drop.panel);
});

const escape = (at: HTMLElement): boolean =>
  at.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));

describe('dropPanel', () => {
  it('is closed at first, and its button says so', () => {
    expect(drop.isOpen).toBe(false);
    expect(button.getAttribute('aria-expanded')).toBe('false');
    expect(button.getAttribute('aria-controls')).toBe(drop.panel.id);
  });

  it('gives the focus back when it closes with the focus inside, and only then', () => {
    drop.toggle(true);
    expect(button.getAttribute('aria-expanded')).toBe('true');
    field.focus();
    escape(field);
    expect(drop.isOpen).toBe(false);
    expect(document.activeElement).toBe(button);

    drop.toggle(true);
    button.blur();
    drop.toggle(false);
    expect(document.activeElement).toBe(document.body);
  });

  it('leaves an Escape alone that something inside has answered', () => {
    drop.toggle(true);
    field.addEventListener('keydown', (event) => event.preventDefault());
    escape(field);
    expect(drop.isOpen).toBe(true);
    escape(button);
    expect(drop.isOpen).toBe(false);
  });

  it('closes at its cross', () => {
    drop.toggle(true);
    drop.panel.querySelector<HTMLButtonElement>('[title="Close it"], [aria-label="Close it"]')!.click();
    expect(drop.isOpen).toBe(false);
  });

  it('is as high as the window allows, but no less than what can be read', () => {
    drop.toggle(true);
    const height = parseFloat(drop.panel.style.maxHeight);
    expect(height).toBeGreaterThan(300);
    expect(height).toBeLessThanOrEqual(window.innerHeight);
  });
});
