// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { el } from '../../../../webview/base/dom';
import { saveShown, shownThings } from '../../../../webview/picture/shownThings';
import { examplePlan } from '../../support/examplePlan';

const connection = { saveText: vi.fn(), saveAsPixels: vi.fn(async () => undefined) };
const table = (name: string, hidden: boolean): HTMLElement =>
  el(
    'table',
    { class: 'answer-table', hidden },
    el('caption', {}, name),
    el('thead', {}, el('tr', {}, el('th', {}, name))),
  );

beforeEach(() => {
  vi.clearAllMocks();
  // There is no layout here: what is hidden has no boxes, all else one.
  vi.spyOn(HTMLElement.prototype, 'getClientRects').mockImplementation(function (this: HTMLElement) {
    return (this.hidden ? [] : [{}]) as unknown as DOMRectList;
  });
  document.body.replaceChildren(
    el('section', { id: 'timeline', class: 'pane', 'aria-label': 'Timeline' }),
    el('section', { class: 'pane', 'aria-label': 'Layers' }),
    el('section', { class: 'pane', 'aria-label': 'Graph', hidden: true }),
    table('Plans by seq', false),
    table('Servers', true),
  );
});
afterEach(() => vi.restoreAllMocks());

it('lists what is on screen and has no picture of its own, pictures only of a plan', () => {
  expect(shownThings(examplePlan)).toEqual({ pictures: ['Layers'], tables: ['Plans by seq'] });
  expect(shownThings(undefined)).toEqual({ pictures: [], tables: ['Plans by seq'] });
});

it('saves what it lists, and nothing that has gone', () => {
  saveShown('Layers', 'svg', examplePlan, connection);
  expect(connection.saveText).toHaveBeenCalledExactlyOnceWith(
    expect.stringMatching(/^<svg[^]*Layers/),
    '.layers.svg',
  );
  saveShown('Layers', 'png', examplePlan, connection);
  expect(connection.saveAsPixels).toHaveBeenCalledExactlyOnceWith(
    connection.saveText.mock.calls[0][0],
    '.layers.png',
  );
  saveShown('Plans by seq', 'csv', undefined, connection);
  expect(connection.saveText.mock.calls[1]).toEqual(['Plans by seq\r\n', '.plans-by-seq.csv']);
  for (const [name, form] of [
    ['Graph', 'svg'],
    ['Servers', 'csv'],
    ['Nothing', 'png'],
  ] as const)
    saveShown(name, form, examplePlan, connection);
  saveShown('Layers', 'svg', undefined, connection);
  expect(connection.saveText).toHaveBeenCalledTimes(2);
  expect(connection.saveAsPixels).toHaveBeenCalledTimes(1);
});
