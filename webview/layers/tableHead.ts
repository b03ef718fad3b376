import { el, setAttributes, setText } from '../base/dom';
import type { SortColumn, Sorting } from '../state/uiState';
import { t } from '../base/l10n';

const columns: readonly {
  readonly name: string;
  /** Where there is no room for the name. */
  readonly short?: string;
  readonly sorts?: SortColumn;
  /** Of columns that are not always there. */
  readonly className?: string;
}[] = [
  { name: t('Layer'), sorts: 'layer' },
  { name: t('Kept for backward'), short: t('Kept'), sorts: 'kept' },
  { name: t('Time'), sorts: 'time' },
  { name: t('Measured time'), sorts: 'measured-time', className: 'cell-measured' },
  { name: t('Measured bytes'), sorts: 'measured-bytes', className: 'cell-measured' },
  { name: t('Recompute or offload'), className: 'cell-swap' },
  { name: t('Choice') },
  { name: t('Device') },
  { name: t('Output') },
];

/** The heads of the columns. Those with an order are buttons: one stop of Tab, arrows walk them. */
export function tableHead(onSort: (column: SortColumn) => void): {
  readonly element: HTMLElement;
  show(sorting: Sorting | undefined): void;
} {
  const heads = columns.map(({ name, short, sorts, className = '' }, i) => {
    const head = el('div', { class: `cell ${className}`.trim(), role: 'columnheader' });
    if (!sorts) {
      head.append(name);
      return { head, sorts, arrow: undefined };
    }
    const arrow = el('span', { class: 'sort-arrow', 'aria-hidden': 'true' });
    const button = el(
      'button',
      {
        class: 'sort-button',
        type: 'button',
        tabindex: i === 0 ? '0' : '-1',
        // Where only the short name is seen, too.
        'aria-label': name,
        title: t('Sort by {0}', name.toLowerCase()),
      },
      el(
        'span',
        { class: 'sort-name' },
        el('span', { class: 'head-long' }, name),
        ...(short === undefined ? [] : [el('span', { class: 'head-short' }, short)]),
      ),
      arrow,
    );
    button.addEventListener('click', () => onSort(sorts));
    head.append(button);
    return { head, sorts, arrow };
  });
  return {
    element: el(
      'div',
      { class: 'row row-head', role: 'row', 'aria-rowindex': '1' },
      ...heads.map(({ head }) => head),
    ),
    show(sorting) {
      for (const { head, sorts, arrow } of heads) {
        if (!sorts) continue;
        const direction = sorting?.column === sorts ? sorting.direction : undefined;
        setAttributes(head, { 'aria-sort': direction ?? 'none' });
        if (arrow) setText(arrow, direction ? (direction === 'ascending' ? '▲' : '▼') : '');
      }
    },
  };
}
