import { el } from '../base/dom';
import { numberColumns } from './numberColumns';

/** A table within an answer: its columns have headings, its caption names it. Amounts are aligned at the right. */
export function answerTable(
  caption: string,
  columns: readonly string[],
  rows: readonly HTMLTableRowElement[],
): HTMLElement {
  const head = el('tr', {}, ...columns.map((column) => el('th', { scope: 'col' }, column)));
  // A row that spans all columns has no column's cells.
  const aligned = rows.filter(({ cells }) => cells.length === columns.length);
  const numbers = numberColumns(aligned.map(({ cells }) => Array.from(cells, (cell) => cell.textContent)));
  for (const { cells } of [head, ...aligned])
    for (const column of numbers) cells[column].classList.add('is-number');
  return el(
    'table',
    { class: 'answer-table' },
    el('caption', {}, caption),
    el('thead', {}, head),
    el('tbody', {}, ...rows),
  );
}
