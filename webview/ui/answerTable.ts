import { el } from '../base/dom';

/** A table within an answer: its columns have headings, its caption names it. */
export function answerTable(
  caption: string,
  columns: readonly string[],
  rows: readonly HTMLTableRowElement[],
): HTMLElement {
  return el(
    'table',
    { class: 'answer-table' },
    el('caption', {}, caption),
    el('thead', {}, el('tr', {}, ...columns.map((column) => el('th', { scope: 'col' }, column)))),
    el('tbody', {}, ...rows),
  );
}
