import { formatDuration, formatMemory, formatOverhead } from '../../planner-core/base/format';
import type { FittedPredictor, SizesAnswer } from '../../planner-core/session/sizes/sizesModel';
import { el } from '../base/dom';
import { t, translated } from '../base/l10n';
import { answerTable } from '../ui/answerTable';
import { errorText, planName, shareText, sizeText } from './sizesWords';

/** Layers of a fit that are listed; the rest is counted. */
const shownLayers = 40;

/** What other ways of planning do on the same batches. Columns that no way has a number for are left out. */
export function comparisonTable({ comparison, batches }: SizesAnswer): HTMLElement {
  const hasHits = comparison.some(({ hitRate }) => hitRate !== undefined);
  const hasPlanning = comparison.some(({ planningMs }) => planningMs !== undefined);
  const hasBuffer = comparison.some(({ bufferBytes }) => bufferBytes !== undefined);
  const columns = [
    t('Way of planning'),
    t('Mean step'),
    t('Overhead'),
    t('Batches over budget'),
    t('Highest peak'),
    t('Plans used'),
    ...(hasHits ? [t('Plan was there')] : []),
    ...(hasPlanning ? [t('Time to plan a size')] : []),
    ...(hasBuffer ? [t('Memory left unused')] : []),
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
        // What decides anew in every step has no plans.
        method.planCount > 0 ? String(method.planCount) : '–',
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
      t('Error at measured sizes'),
      t('Error at a size left out'),
      t('Error of the time'),
      t('Difference from what is computed here'),
    ],
    rows,
  );
}
