import { el } from '../base/dom';
import type { ChartName } from '../state/uiState';
import type { Store } from '../state/store';
import { t } from '../base/l10n';
import { numberColumns } from './numberColumns';

/**
 * The same numbers as a chart, as a table, at the press of a button. Laid out only while it is shown: thousands of cells would
 * make every move of the slider slow.
 */
export interface TableTwin {
  readonly toggle: HTMLElement;
  readonly element: HTMLElement;
  setRows(rows: readonly (readonly string[])[]): void;
  show(shown: boolean): void;
}

/** Cells of more characters may take several lines where the table has no room for them in one. */
const longestInOneLine = 18;

export function tableTwin(
  store: Store,
  chart: ChartName,
  caption: string,
  columns: readonly string[],
  word = t('Table'),
): TableTwin {
  const body = el('tbody');
  const heads = columns.map((column) => el('th', { scope: 'col' }, column));
  const table = el('table', {}, el('caption', {}, caption), el('thead', {}, el('tr', {}, ...heads)), body);
  const element = el('div', { class: 'table-twin', tabindex: '0', hidden: true }, table);
  const toggle = el(
    'button',
    {
      class: 'quiet-button',
      type: 'button',
      'aria-pressed': 'false',
      title: t('Show {0} as a table', caption),
    },
    word,
  );
  toggle.addEventListener('click', () => {
    const { tables } = store.state.ui;
    const without = tables.filter((name) => name !== chart);
    store.updateUi({ tables: without.length < tables.length ? without : [...tables, chart] });
  });
  return {
    toggle,
    element,
    setRows(rows) {
      const numbers = numberColumns(rows);
      heads.forEach((head, i) => head.classList.toggle('is-number', numbers.has(i)));
      body.replaceChildren(
        ...rows.map((cells) =>
          el(
            'tr',
            {},
            ...cells.map((cell, i) => {
              const className =
                cell.length > longestInOneLine ? 'is-long' : numbers.has(i) ? 'is-number' : undefined;
              return i === 0
                ? el('th', { scope: 'row', class: className }, cell)
                : el('td', { class: className }, cell);
            }),
          ),
        ),
      );
    },
    show(shown) {
      element.hidden = !shown;
      toggle.setAttribute('aria-pressed', String(shown));
    },
  };
}
