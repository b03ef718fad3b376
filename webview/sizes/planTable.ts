import { formatMemory, formatPercent } from '../../planner-core/base/format';
import { rareRows } from '../../planner-core/session/sizes/rareRows';
import type { SizeRow, SizesAnswer } from '../../planner-core/session/sizes/sizesModel';
import { el, setText } from '../base/dom';
import { t } from '../base/l10n';
import { answerTable } from '../ui/answerTable';
import { counted } from '../ui/names';
import { heatPercent } from './sizesScales';
import { overheadOfRow, planName, proofText, rareShareText, shareText, sizesOfRow } from './sizesWords';

/** Modules and operators named in a cell. */
const shownNames = 2;

export interface PlanTable {
  readonly element: HTMLElement;
  /** Marks the plan of the size on screen; undefined: none has it. */
  mark(row: number | undefined): void;
}

/**
 * The plans, one a row; those that hardly a batch needs are one row together until it is opened. The first cell shows the step of
 * the largest size that the plan is used for.
 */
export function planTable({ rows, dimensions }: SizesAnswer, onShow: (row: number) => void): PlanTable {
  const mayOffload = rows.some(({ offloaded }) => offloaded);
  const elements = rows.map((_, i) => planRow(rows, i, mayOffload, () => onShow(i)));
  const columns = [
    ...[t('Plan'), t('Sizes'), t('Recomputes'), ...(mayOffload ? [t('Sends away')] : [])],
    ...[t('Highest peak'), t('Overhead')],
    ...[t('Slower than the best'), t('Batches'), t('Fits because')],
  ];
  const rare = rareRows(rows);
  const used = rows.filter(({ share }) => share > 0).length;
  const name = t('Plans by {0}', dimensions.join(' × '));
  const caption =
    used < rows.length ? t('{0}: {1}, of which these batches use {2}', name, rows.length, used) : name;
  if (rare.length === 0) return { element: answerTable(caption, columns, elements), mark: marker(elements) };

  const button = el('button', { class: 'link-button', type: 'button' });
  const opener = el('tr', { class: 'size-rare' }, el('td', { colspan: columns.length }, button));
  const fold = (isFolded: boolean): void => {
    for (const i of rare) elements[i].hidden = isFolded;
    button.setAttribute('aria-expanded', String(!isFolded));
    const share = rare.reduce((sum, i) => sum + rows[i].share, 0);
    setText(button, `${isFolded ? '▸' : '▾'} ${rareShareText(rare.length, share)}`);
  };
  button.addEventListener('click', () => fold(button.getAttribute('aria-expanded') === 'true'));
  fold(true);
  const mark = marker(elements);
  return {
    element: answerTable(caption, columns, [...elements, opener]),
    mark(row) {
      if (row !== undefined && elements[row].hidden) fold(false);
      mark(row);
    },
  };
}

function planRow(
  rows: readonly SizeRow[],
  i: number,
  mayOffload: boolean,
  onShow: () => void,
): HTMLTableRowElement {
  const row = rows[i];
  const swatch = el('i', { class: 'size-swatch', 'aria-hidden': 'true' });
  swatch.style.setProperty('--heat', `${heatPercent(rows, i)}%`);
  const show = el(
    'button',
    { class: 'link-button', type: 'button', title: t('Show the step of the largest size of this plan') },
    planName(i),
  );
  show.addEventListener('click', onShow);
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, swatch, show),
    el('td', {}, sizesOfRow(row)),
    recomputedCell(row),
    ...(mayOffload ? [offloadedCell(row)] : []),
    ...[
      formatMemory(row.peakBytes),
      overheadOfRow(row),
      formatPercent(row.regretPercent),
      row.share > 0 ? shareText(row.share) : t('none'),
      proofText(row),
    ].map((text) => el('td', {}, text)),
  );
}

function recomputedCell({ recomputed, planner }: SizeRow): HTMLElement {
  if (recomputed.length === 0) return el('td', { title: planner }, t('nothing'));
  const named = recomputed.slice(0, shownNames).join(', ');
  const more = recomputed.length - shownNames;
  return el(
    'td',
    { class: 'size-recomputed', title: `${recomputed.join('\n')}\n(${planner})` },
    more > 0 ? `${counted(recomputed.length, 'layer')}: ${named} …` : named,
  );
}

function offloadedCell({ offloaded = [], offloadedBytes = 0 }: SizeRow): HTMLElement {
  if (offloaded.length === 0) return el('td', {}, t('nothing'));
  const text = t('{0} of {1}', formatMemory(offloadedBytes), counted(offloaded.length, 'operator'));
  return el('td', { title: offloaded.join('\n') }, text);
}

const marker =
  (elements: readonly HTMLElement[]) =>
  (row: number | undefined): void => {
    elements.forEach((element, i) => {
      if (i === row) element.setAttribute('aria-current', 'true');
      else element.removeAttribute('aria-current');
    });
  };
