import { formatDuration, formatMemory, formatOverhead, formatPercent } from '../../planner-core/base/format';
import type { FittedPredictor, SizeRow, SizesAnswer } from '../../planner-core/session/sizes/sizesModel';
import { el } from '../base/dom';
import { t, translated } from '../base/l10n';
import { answerTable } from '../ui/answerTable';
import { counted } from '../ui/names';
import { heatPercent } from './sizesScales';
import { errorText, overheadOfRow, planName, proofText, shareText, sizeText, sizesOfRow } from './sizesWords';

/** Layers of a fit that are listed; the rest is counted. */
const shownLayers = 40;

/** Modules and operators named in a cell. */
const shownNames = 2;

export interface PlanTable {
  readonly element: HTMLElement;
  /** Marks the plan of the size on screen; undefined: none has it. */
  mark(row: number | undefined): void;
}

/** The plans, one a row. The first cell shows the step of the largest size that the plan is used for. */
export function planTable({ rows, dimensions }: SizesAnswer, onShow: (row: number) => void): PlanTable {
  const mayOffload = rows.some(({ offloaded }) => offloaded);
  const elements = rows.map((row, i) => {
    const swatch = el('i', { class: 'size-swatch', 'aria-hidden': 'true' });
    swatch.style.setProperty('--heat', `${heatPercent(rows, i)}%`);
    const show = el(
      'button',
      { class: 'link-button', type: 'button', title: t('Show the step of the largest size of this plan') },
      planName(i),
    );
    show.addEventListener('click', () => onShow(i));
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
        shareText(row.share),
        proofText(row),
      ].map((text) => el('td', {}, text)),
    );
  });
  const caption = t('Plans by {0}', dimensions.join(' × '));
  const columns = [
    ...[t('Plan'), t('Sizes'), t('Recomputes'), ...(mayOffload ? [t('Sends away')] : [])],
    ...[t('Peak'), t('Overhead')],
    ...[t('Above the best'), t('Batches'), t('Valid')],
  ];
  return {
    element: answerTable(caption, columns, elements),
    mark(row) {
      elements.forEach((element, i) => {
        if (i === row) element.setAttribute('aria-current', 'true');
        else element.removeAttribute('aria-current');
      });
    },
  };
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

/** What other ways of planning do on the same batches. Columns that no way has a number for are left out. */
export function comparisonTable({ comparison, batches }: SizesAnswer): HTMLElement {
  const hasHits = comparison.some(({ hitRate }) => hitRate !== undefined);
  const hasPlanning = comparison.some(({ planningMs }) => planningMs !== undefined);
  const hasBuffer = comparison.some(({ bufferBytes }) => bufferBytes !== undefined);
  const columns = [
    t('Way'),
    t('A step, expected'),
    t('Overhead'),
    t('Over budget'),
    t('Highest peak'),
    t('Plans'),
    ...(hasHits ? [t('Found in cache')] : []),
    ...(hasPlanning ? [t('A new size')] : []),
    ...(hasBuffer ? [t('Kept free')] : []),
  ];
  const rows = comparison.map((method) => {
    const over = method.overBudgetShare > 0;
    return el(
      'tr',
      { 'aria-current': method.id === 'table' ? 'true' : undefined },
      el('th', { scope: 'row', title: translated(method.description) }, translated(method.name)),
      el('td', {}, formatDuration(method.expectedMs)),
      el('td', {}, formatOverhead(method.overheadPercent)),
      el(
        'td',
        { class: over ? 'tone-error' : undefined },
        over ? shareText(method.overBudgetShare) : t('none'),
      ),
      ...[
        formatMemory(method.highestPeakBytes),
        String(method.planCount),
        ...(hasHits ? [method.hitRate === undefined ? '–' : shareText(method.hitRate)] : []),
        ...(hasPlanning ? [method.planningMs === undefined ? '–' : formatDuration(method.planningMs)] : []),
        ...(hasBuffer ? [method.bufferBytes === undefined ? '–' : formatMemory(method.bufferBytes)] : []),
      ].map((text) => el('td', {}, text)),
    );
  });
  const of = batches > 0 ? t('{0} batches', batches.toLocaleString('en')) : t('the same sizes');
  return answerTable(t('Beside other ways, on {0}', of), columns, rows);
}

/** Every size that occurs or draws the curve: the chart's numbers. */
export function pointTable({ points, dimensions }: SizesAnswer): HTMLElement {
  const rows = points.map(({ size, share, keepAllPeakBytes, keepAllMs, planned }) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, size.join(' × ')),
      ...[
        share > 0 ? shareText(share) : '–',
        formatMemory(keepAllPeakBytes),
        formatDuration(keepAllMs),
        planned ? planName(planned.row) : t('none'),
        planned ? formatMemory(planned.peakBytes) : '–',
        planned ? formatDuration(planned.stepMs) : '–',
      ].map((text) => el('td', {}, text)),
    ),
  );
  const columns = [
    dimensions.join(' × '),
    t('Batches'),
    t('Peak, all kept'),
    t('Step, all kept'),
    t('Plan'),
    t('Peak'),
    t('Step'),
  ];
  return answerTable(t('Peak against {0}', dimensions.join(' × ')), columns, rows);
}

/** The layers of a fit over measured sizes, worst first. */
export function predictorTable(
  { layers, sizes }: FittedPredictor,
  dimensions: readonly string[],
): HTMLElement {
  const worst = [...layers].sort((a, b) => b.relativeError - a.relativeError).slice(0, shownLayers);
  const rows = worst.map(({ layer, relativeError, leftOutError, msError, errorToExact }) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, el('code', { title: layer }, layer)),
      ...[relativeError, leftOutError, msError, errorToExact].map((error) =>
        el('td', {}, error === undefined ? '–' : errorText(error)),
      ),
    ),
  );
  const more = layers.length - worst.length;
  const measured = sizes.map((size) => sizeText(dimensions, size)).join(', ');
  return answerTable(
    more > 0
      ? t('Fitted to {0}, the {1} worst of {2} layers', measured, worst.length, layers.length)
      : t('Fitted to {0}', measured),
    [
      t('Layer'),
      t('Off at measured sizes'),
      t('Off at a size left out'),
      t('Time off at measured sizes'),
      t('Off from what is computed here'),
    ],
    rows,
  );
}
