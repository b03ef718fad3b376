import { formatDuration, formatMemory, formatOverhead, formatPercent } from '../../planner-core/base/format';
import type { Size } from '../../planner-core/plan/sizePlan';
import type { SizePoint, SizeRow, SizesAnswer } from '../../planner-core/session/sizes/sizesModel';
import { t, translated } from '../base/l10n';
import { counted } from '../ui/names';

/** `seq 384`, `height × width 480 × 640`. */
export const sizeText = (dimensions: readonly string[], size: Size): string =>
  `${dimensions.join(' × ')} ${size.join(' × ')}`;

/** What the plans come to, in sentences. */
export const summaryText = ({ summary }: SizesAnswer): string => summary.map(translated).join(' ');

/** How plans of the table are called on screen: by their place in it. */
export const planName = (row: number): string => t('plan {0}', row + 1);

/** The sizes a plan is used for: a range, or the largest ones where there are several dimensions. */
export function sizesOfRow({ range, upTo, exactly }: SizeRow): string {
  const named = upTo.map((size) => size.join(' × ')).join(', ');
  if (!range) return exactly ? named : t('up to {0}', named);
  return range[0] === range[1] ? String(range[0]) : `${range[0]} – ${range[1]}`;
}

/** `+2.1 %`, `+2.1 – 3.0 %`. */
export function overheadOfRow({ overheadPercent: [least, most] }: SizeRow): string {
  const low = formatOverhead(least);
  const high = formatOverhead(most);
  return low === high ? low : `${low.replace(/ %$/, '')} … ${high}`;
}

/** A share of the batches, 0..1: `12.5 %`, and less than can be shown as such. */
export function shareText(share: number): string {
  if (share > 0 && share < 0.0005) return '< 0.1 %';
  return formatPercent(100 * share);
}

/** `8 more, for 0.02 % of the batches` */
export function rareShareText(plans: number, share: number): string {
  if (share === 0) return t('{0} more, for sizes that no batch has', plans);
  const percent = share < 0.0001 ? '< 0.01 %' : formatPercent(100 * share, 2);
  return t('{0} more, for {1} of the batches', plans, percent);
}

/** What a size needs, kept and planned. */
export function pointText({ budgetBytes }: SizesAnswer, point: SizePoint): string {
  const { planned, keepAllPeakBytes, keepAllMs } = point;
  const [bytes, ms] = [formatMemory(keepAllPeakBytes), formatDuration(keepAllMs)];
  if (!planned)
    return t(
      '{0} and {1} with everything kept; no plan was found that fits {2}.',
      ...[bytes, ms, formatMemory(budgetBytes)],
    );
  const { row, peakBytes, stepMs } = planned;
  if (peakBytes === keepAllPeakBytes && stepMs === keepAllMs)
    return t('{0} and {1} with everything kept, which {2} does.', bytes, ms, planName(row));
  return t(
    '{0} and {1} with everything kept; {2} and {3} with {4}, {5}.',
    ...[bytes, ms, formatMemory(peakBytes), formatDuration(stepMs), planName(row), overheadText(point)],
  );
}

/** `+3.2 %, the best known for this size +3.0 %`. */
export function overheadText({ planned, keepAllMs }: SizePoint): string {
  if (!planned || !(keepAllMs > 0)) return '';
  const overhead = (ms: number): string => formatOverhead(100 * (ms / keepAllMs - 1));
  const own = overhead(planned.stepMs);
  const best = overhead(planned.bestMs);
  return own === best
    ? t('{0}, the best known for this size', own)
    : t('{0}; the best known for this size {1}', own, best);
}

/** What makes a plan valid for its sizes. */
export function proofText({ proof }: SizeRow): string {
  if (proof === 'monotone') return t('proven: smaller inputs take no more');
  return proof === 'fitted' ? t('the fit says so') : t('each size was simulated');
}

/** How common a size is. */
export const shareOfPoint = ({ share }: SizePoint): string =>
  share > 0 ? t('{0} of the batches have this size.', shareText(share)) : t('No batch has this size.');

/** Half of the batches, nine in ten and so on. */
export function percentilesText({ dimensions, percentiles }: SizesAnswer): string {
  if (percentiles.length === 0) return '';
  // Of the parts that are no larger the last says most.
  const told = percentiles.filter(({ size }, i) => percentiles[i + 1]?.size.join() !== size.join());
  const parts = told.map(({ percent, size }) => t('{0} % at most {1}', percent, size.join(' × ')));
  return t('Batches by {0}: {1}.', dimensions.join(' × '), parts.join(', '));
}

/** What the numbers rest on. */
export function exactnessText({ exactness, dimensions }: SizesAnswer): string {
  const { kind, checkedSizes, fitted = [] } = exactness;
  if (fitted.length > 0)
    return fitted
      .map(({ dimension, sizes, errorPercent }) =>
        t(
          '{0} depends on data: fitted from {1}, off by at most {2}. Nothing here is exact or proven.',
          ...[dimension, counted(sizes, 'size'), formatPercent(errorPercent)],
        ),
      )
      .join(' ');
  if (kind === 'built') return t('Every size that occurs was built and simulated by itself.');
  const names = dimensions.join(', ');
  const sizes = checkedSizes.map((size) => size.join(' × ')).join(', ');
  return sizes
    ? t('Bytes and times are exact polynomials of {0}, checked at {1}.', names, sizes)
    : t('Bytes and times are exact polynomials of {0}.', names);
}

/** Sizes without a plan, and what the worst of them would need. */
export function unplannedText({ unplanned, dimensions, budgetBytes }: SizesAnswer): string {
  if (unplanned.length === 0) return '';
  const share = unplanned.reduce((sum, { share: part }) => sum + part, 0);
  const first = unplanned[0];
  return t(
    'No plan was found under {0} for {1} ({2} of the batches): {3} needs at least {4} by what was found.',
    ...[formatMemory(budgetBytes), counted(unplanned.length, 'size'), shareText(share)],
    ...[sizeText(dimensions, first.size), formatMemory(first.leastBytes)],
  );
}

/** How far off a fit over measured sizes is. */
export function predictorText({
  sizes,
  medianError,
  worstError,
  worstLeftOutError,
  refused,
}: NonNullable<SizesAnswer['predictor']>): string {
  const measured = counted(sizes.length, 'size');
  const words = [
    t(
      'Fitted to what was measured at {0}: off by {1} in the median, {2} at worst.',
      ...[measured, errorText(medianError), errorText(worstError)],
    ),
  ];
  if (worstLeftOutError !== undefined)
    words.push(t('Each size predicted from the others: off by at most {0}.', errorText(worstLeftOutError)));
  if (refused.length > 0)
    words.push(
      t(
        '{0} too far off to plan with: {1}.',
        ...[
          counted(refused.length, 'layer'),
          refused.slice(0, 3).join(', ') + (refused.length > 3 ? ' …' : ''),
        ],
      ),
    );
  return words.join(' ');
}

/** A relative error, 0..1. */
export const errorText = (error: number): string =>
  error === 0 ? '0' : error < 1e-4 ? '< 0.01 %' : formatPercent(100 * error, 2);
