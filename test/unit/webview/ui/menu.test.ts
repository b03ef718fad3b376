// @vitest-environment jsdom
import '../support/jsdom';
import { beforeEach, describe, expect, it } from 'vitest';
import { registerControls } from '../../../../webview/ui/controls';
import { menuButton } from '../../../../webview/ui/menu';

describe('a menu with headings', () => {
  let chosen: string[];
  let menu: HTMLElement;
  const item = (label: string) => ({ label, onSelect: () => chosen.push(label) });
  const press = (key: string, init: KeyboardEventInit = {}): boolean =>
    menu
      .querySelector('[role="menu"]')!
      .dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init }));
  const focused = (): string => document.activeElement?.textContent ?? '';
  const list = (): HTMLElement => menu.querySelector('[role="menu"]')!;

  beforeEach(() => {
    registerControls();
    chosen = [];
    menu = menuButton('Export', 'primary', [
      { heading: 'Plan', items: [item('JSON')] },
      { heading: 'Runs in', items: [item('PyTorch'), item('DeepSpeed'), item('JAX')] },
      { heading: 'Reports', items: [item('HTML')] },
    ]);
    document.body.replaceChildren(menu);
    menu.querySelector<HTMLElement>('vscode-button')!.click();
  });

  it('opens with the focus on its first entry', () => {
    expect(list().hidden).toBe(false);
    expect(focused()).toBe('JSON');
  });

  it.each([
    ['ArrowDown', ['PyTorch', 'DeepSpeed', 'JAX', 'HTML', 'JSON']],
    ['ArrowUp', ['HTML', 'JAX', 'DeepSpeed', 'PyTorch', 'JSON']],
    ['ArrowRight', ['PyTorch', 'HTML', 'JSON']],
    ['ArrowLeft', ['HTML', 'PyTorch', 'JSON']],
    ['End', ['HTML', 'HTML']],
    ['j', ['JAX', 'JSON', 'JAX']],
  ])('is walked with %s', (key, visited) => {
    expect(
      visited.map(() => {
        press(key);
        return focused();
      }),
    ).toEqual(visited);
  });

  it('has one entry marked, where the pointer or the keys went last', () => {
    const entry = [...list().querySelectorAll('[role="menuitem"]')].find((one) => one.textContent === 'JAX')!;
    entry.dispatchEvent(new Event('pointermove', { bubbles: true }));
    expect(focused()).toBe('JAX');
    press('ArrowDown');
    expect(focused()).toBe('HTML');
  });

  it('leaves keys that lead nowhere, and those of VS Code, alone', () => {
    expect(press('x')).toBe(true);
    expect(press('j', { ctrlKey: true })).toBe(true);
    expect(focused()).toBe('JSON');
  });

  it('tells what its headings say, once', () => {
    const groups = [...menu.querySelectorAll('[role="group"]')];
    expect(groups.map((group) => group.getAttribute('aria-label'))).toEqual(['Plan', 'Runs in', 'Reports']);
    for (const heading of menu.querySelectorAll('.menu-heading')) {
      expect(heading.getAttribute('aria-hidden')).toBe('true');
    }
  });

  it('chooses and closes', () => {
    press('ArrowDown');
    (document.activeElement as HTMLElement).click();
    expect(chosen).toEqual(['PyTorch']);
    expect(list().hidden).toBe(true);
  });

  it('closes with Escape and gives the focus back', () => {
    press('Escape');
    expect(list().hidden).toBe(true);
    expect(document.activeElement?.localName).toBe('vscode-button');
  });
});

describe('entries that depend on what is on screen', () => {
  it('are asked for at every opening, walked like the others, and gone when they no longer apply', () => {
    registerControls();
    let shown = ['Layers'];
    const items = [{ label: 'Timeline', onSelect: () => undefined }];
    const more = () => shown.map((label) => ({ label, onSelect: () => undefined }));
    const menu = menuButton('Export', 'primary', [{ heading: 'Pictures', items, more }]);
    document.body.replaceChildren(menu);
    const opener = menu.querySelector<HTMLElement>('vscode-button')!;
    const names = (): (string | null)[] =>
      [...menu.querySelectorAll('[role="menuitem"]')].map(({ textContent }) => textContent);
    opener.click();
    expect(names()).toEqual(['Timeline', 'Layers']);
    const list = menu.querySelector('[role="menu"]')!;
    list.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true, cancelable: true }));
    expect(document.activeElement?.textContent).toBe('Layers');
    opener.click();
    shown = ['Graph'];
    opener.click();
    expect(names()).toEqual(['Timeline', 'Graph']);
  });
});
