// @vitest-environment jsdom
import { nextFrame } from '../support/jsdom';
import { beforeEach, describe, expect, it } from 'vitest';
import { defaultPlanInputs } from '../../../../planner-core/plan/planInputs';
import { openView } from '../support/openView';
import { gib } from '../support/sample';

const find = (selector: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
const box = (key: string): Element => find(`#graph [data-key="${key}"]`);
const press = async (key: string): Promise<void> => {
  find('.graph-chart').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  await nextFrame();
};
const active = (): string | null => find('#graph .graph-box.is-active').getAttribute('data-key');

beforeEach(async () => {
  await openView({
    ...defaultPlanInputs([{ id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * gib }]),
    strategy: 'selective',
    budgetBytes: 4.5 * gib,
  });
  find('#layers [role="tab"][aria-controls="graph"]').click();
  await nextFrame();
  await nextFrame();
});

describe('the graph of modules', () => {
  it('takes the place of the tree, and gives it back', async () => {
    expect(find('#layers').hidden).toBe(true);
    expect(find('#graph').hidden).toBe(false);
    find('#graph [role="tab"][aria-controls="layers"]').click();
    await nextFrame();
    expect(find('#layers').hidden).toBe(false);
    expect(find('#graph').hidden).toBe(true);
  });

  it('selects for every pane', async () => {
    box('module lm_head').dispatchEvent(new MouseEvent('click', { bubbles: true }));
    await nextFrame();
    expect(find('#inspector').textContent).toContain('lm_head');
    expect(document.querySelectorAll('.selected-span').length).toBeGreaterThan(0);
    expect(box('module lm_head').getAttribute('aria-selected')).toBe('true');
  });

  it('keeps its boxes when one is selected: a click on another may be under way', async () => {
    const boxes = (): Element[] => [...document.querySelectorAll('#graph [data-box] *')];
    const before = boxes();
    box('module lm_head').dispatchEvent(new MouseEvent('click', { bubbles: true }));
    await nextFrame();
    expect(box('module lm_head').classList).toContain('is-selected');
    expect(boxes()).toEqual(before);
    expect(boxes().every((element, i) => element === before[i])).toBe(true);
    box('module transformer').dispatchEvent(new MouseEvent('click', { bubbles: true }));
    await nextFrame();
    expect(box('module lm_head').classList).not.toContain('is-selected');
    expect(box('module transformer').getAttribute('aria-selected')).toBe('true');
  });

  it('goes along the flow, in and out by keys', async () => {
    await press('Home');
    expect(active()).toBe('module transformer');
    await press('ArrowDown');
    const first = active();
    expect(box('module transformer').getAttribute('aria-expanded')).toBe('true');
    await press('ArrowRight');
    expect(active()).not.toBe(first);
    // Up closes what is open, and else goes out.
    for (let i = 0; i < 3 && active() !== 'module transformer'; i++) await press('ArrowUp');
    expect(active()).toBe('module transformer');
    const shown = document.querySelectorAll('#graph [role="treeitem"]').length;
    await press('Enter');
    expect(box('module transformer').getAttribute('aria-expanded')).toBe('false');
    expect(document.querySelectorAll('#graph [role="treeitem"]').length).toBeLessThan(shown);
    expect(find('.graph-chart').getAttribute('aria-activedescendant')).toBe(
      find('#graph .graph-box.is-active').id,
    );
  });

  it('says in words what its colours say', async () => {
    const note = (): string => box('module lm_head').querySelector('.box-note')?.textContent ?? '';
    expect(note()).toMatch(/^(keep|recompute|mixed) · /);
    const select = find('#graph select') as HTMLSelectElement;
    for (const [colour, words] of [
      ['device', /^gpu0 · /],
      ['memory', / · [\d.]+ %$/],
    ] as const) {
      select.value = colour;
      select.dispatchEvent(new Event('change'));
      await nextFrame();
      expect(note()).toMatch(words);
    }
  });

  it('has a table that lists what each box hands on', async () => {
    const rows = [...document.querySelectorAll('#graph .table-twin tbody tr')].map(
      ({ textContent }) => textContent,
    );
    expect(rows.some((text) => /wte/.test(text ?? '') && /\(.*iB\)/.test(text ?? ''))).toBe(true);
  });
});
