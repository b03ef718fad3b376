import { formatDuration, formatMemory, formatOverhead, formatPercent } from '../../planner-core/base/format';
import type { FittedPredictor, SizeRow, SizesAnswer } from '../../planner-core/session/sizes/sizesModel';
import { el } from '../base/dom';
import { answerTable } from '../ui/answerTable';
import { counted } from '../ui/names';
import { heatPercent } from './sizesScales';
import { errorText, overheadOfRow, planName, shareText, sizeText, sizesOfRow } from './sizesWords';

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
  const elements = rows.map((row, i) => {
    const swatch = el('i', { class: 'size-swatch', 'aria-hidden': 'true' });
    swatch.style.setProperty('--heat', `${heatPercent(rows, i)}%`);
    const show = el(
      'button',
      { class: 'link-button', type: 'button', title: 'Show the step of the largest size of this plan' },
      planName(i),
    );
    show.addEventListener('click', () => onShow(i));
    return el(
      'tr',
      {},
      el('th', { scope: 'row' }, swatch, show),
      el('td', {}, sizesOfRow(row)),
      recomputedCell(row),
      ...[
        formatMemory(row.peakBytes),
        overheadOfRow(row),
        formatPercent(row.regretPercent),
        shareText(row.share),
        row.proof === 'monotone' ? 'proven: nothing shrinks' : 'checked at each size',
      ].map((text) => el('td', {}, text)),
    );
  });
  const caption = `Plans by ${dimensions.join(' × ')}`;
  const columns = ['Plan', 'Sizes', 'Recomputes', 'Peak', 'Overhead', 'Above the best', 'Batches', 'Valid'];
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
  if (recomputed.length === 0) return el('td', { title: planner }, 'nothing');
  const named = recomputed.slice(0, shownNames).join(', ');
  const more = recomputed.length - shownNames;
  return el(
    'td',
    { class: 'size-recomputed', title: `${recomputed.join('\n')}\n(${planner})` },
    more > 0 ? `${counted(recomputed.length, 'layer')}: ${named} …` : named,
  );
}

/** What other ways of planning do on the same batches. Columns that no way has a number for are left out. */
export function comparisonTable({ comparison, batches }: SizesAnswer): HTMLElement {
  const hasHits = comparison.some(({ hitRate }) => hitRate !== undefined);
  const hasPlanning = comparison.some(({ planningMs }) => planningMs !== undefined);
  const hasBuffer = comparison.some(({ bufferBytes }) => bufferBytes !== undefined);
  const columns = [
    'Way',
    'A step, expected',
    'Overhead',
    'Over budget',
    'Highest peak',
    'Plans',
    ...(hasHits ? ['Found in cache'] : []),
    ...(hasPlanning ? ['A new size'] : []),
    ...(hasBuffer ? ['Kept free'] : []),
  ];
  const rows = comparison.map((method) => {
    const over = method.overBudgetShare > 0;
    return el(
      'tr',
      { 'aria-current': method.id === 'table' ? 'true' : undefined },
      el('th', { scope: 'row', title: method.description }, method.name),
      el('td', {}, formatDuration(method.expectedMs)),
      el('td', {}, formatOverhead(method.overheadPercent)),
      el('td', { class: over ? 'tone-error' : undefined }, over ? shareText(method.overBudgetShare) : 'none'),
      ...[
        formatMemory(method.highestPeakBytes),
        String(method.planCount),
        ...(hasHits ? [method.hitRate === undefined ? '–' : shareText(method.hitRate)] : []),
        ...(hasPlanning ? [method.planningMs === undefined ? '–' : formatDuration(method.planningMs)] : []),
        ...(hasBuffer ? [method.bufferBytes === undefined ? '–' : formatMemory(method.bufferBytes)] : []),
      ].map((text) => el('td', {}, text)),
    );
  });
  const of = batches > 0 ? `${batches.toLocaleString('en')} batches` : 'the same sizes';
  return answerTable(`Beside other ways, on ${of}`, columns, rows);
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
        planned ? planName(planned.row) : 'none',
        planned ? formatMemory(planned.peakBytes) : '–',
        planned ? formatDuration(planned.stepMs) : '–',
      ].map((text) => el('td', {}, text)),
    ),
  );
  const columns = [
    dimensions.join(' × '),
    'Batches',
    'Peak, all kept',
    'Step, all kept',
    'Plan',
    'Peak',
    'Step',
  ];
  return answerTable(`Peak against ${dimensions.join(' × ')}`, columns, rows);
}

/** The layers of a fit over measured sizes, worst first. */
export function predictorTable(
  { layers, sizes }: FittedPredictor,
  dimensions: readonly string[],
): HTMLElement {
  const worst = [...layers].sort((a, b) => b.relativeError - a.relativeError).slice(0, shownLayers);
  const rows = worst.map(({ layer, relativeError, errorToExact }) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, el('code', { title: layer }, layer)),
      el('td', {}, errorText(relativeError)),
      el('td', {}, errorToExact === undefined ? '–' : errorText(errorToExact)),
    ),
  );
  const more = layers.length - worst.length;
  const measured = sizes.map((size) => sizeText(dimensions, size)).join(', ');
  return answerTable(
    `Fitted to ${measured}${more > 0 ? `, the ${worst.length} worst of ${layers.length} layers` : ''}`,
    ['Layer', 'Off at measured sizes', 'Off from what is computed here'],
    rows,
  );
}
