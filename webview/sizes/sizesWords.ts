import { formatDuration, formatMemory, formatOverhead, formatPercent } from '../../planner-core/base/format';
import type { Size } from '../../planner-core/plan/sizePlan';
import type { SizePoint, SizeRow, SizesAnswer } from '../../planner-core/session/sizes/sizesModel';
import { counted } from '../ui/names';

/** `seq 384`, `height × width 480 × 640`. */
export const sizeText = (dimensions: readonly string[], size: Size): string =>
  `${dimensions.join(' × ')} ${size.join(' × ')}`;

/** How plans of the table are called on screen: by their place in it. */
export const planName = (row: number): string => `plan ${row + 1}`;

/** The sizes a plan is used for: a range, or the largest ones where there are several dimensions. */
export function sizesOfRow({ range, upTo }: SizeRow): string {
  if (!range) return `up to ${upTo.map((size) => size.join(' × ')).join(', ')}`;
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

/** What a size needs, kept and planned. */
export function pointText({ budgetBytes }: SizesAnswer, point: SizePoint): string {
  const { planned, keepAllPeakBytes, keepAllMs } = point;
  const all = `${formatMemory(keepAllPeakBytes)} and ${formatDuration(keepAllMs)} with everything kept`;
  if (!planned) return `${all}; no plan was found that fits ${formatMemory(budgetBytes)}.`;
  const { row, peakBytes, stepMs } = planned;
  if (peakBytes === keepAllPeakBytes && stepMs === keepAllMs) return `${all}, which ${planName(row)} does.`;
  return `${all}; ${formatMemory(peakBytes)} and ${formatDuration(stepMs)} with ${planName(row)}, ${overheadText(point)}.`;
}

/** `+3.2 %, the best known for this size +3.0 %`. */
export function overheadText({ planned, keepAllMs }: SizePoint): string {
  if (!planned || !(keepAllMs > 0)) return '';
  const overhead = (ms: number): string => formatOverhead(100 * (ms / keepAllMs - 1));
  const own = overhead(planned.stepMs);
  const best = overhead(planned.bestMs);
  return own === best
    ? `${own}, the best known for this size`
    : `${own}; the best known for this size ${best}`;
}

/** How common a size is. */
export const shareOfPoint = ({ share }: SizePoint): string =>
  share > 0 ? `${shareText(share)} of the batches have this size.` : 'No batch has this size.';

/** Half of the batches, nine in ten and so on. */
export function percentilesText({ dimensions, percentiles }: SizesAnswer): string {
  if (percentiles.length === 0) return '';
  const parts = percentiles.map(({ percent, size }) => `${percent} % at most ${size.join(' × ')}`);
  return `Batches by ${dimensions.join(' × ')}: ${parts.join(', ')}.`;
}

/** What the numbers rest on. */
export function exactnessText({ exactness, dimensions }: SizesAnswer): string {
  const { kind, checkedSizes } = exactness;
  if (kind === 'built') return 'Every size that occurs was built and simulated by itself.';
  const sizes = checkedSizes.map((size) => size.join(' × ')).join(', ');
  return `Bytes and times are exact polynomials of ${dimensions.join(' and ')}${sizes ? `, checked at ${sizes}` : ''}.`;
}

/** Sizes without a plan, and what the worst of them would need. */
export function unplannedText({ unplanned, dimensions, budgetBytes }: SizesAnswer): string {
  if (unplanned.length === 0) return '';
  const share = unplanned.reduce((sum, { share: part }) => sum + part, 0);
  const first = unplanned[0];
  return (
    `No plan was found under ${formatMemory(budgetBytes)} for ${counted(unplanned.length, 'size')} ` +
    `(${shareText(share)} of the batches): ${sizeText(dimensions, first.size)} needs at least ` +
    `${formatMemory(first.leastBytes)} by what was found.`
  );
}

/** `1.2 GiB at 1,024 layers`-like facts of a fit over measured sizes. */
export function predictorText({
  sizes,
  medianError,
  worstError,
  refused,
}: NonNullable<SizesAnswer['predictor']>): string {
  const words = [
    `Fitted to ${counted(sizes.length, 'measured size')}: off by ${errorText(medianError)} in the median, ${errorText(worstError)} at worst.`,
  ];
  if (refused.length > 0)
    words.push(
      `${counted(refused.length, 'layer')} too far off to plan with: ${refused.slice(0, 3).join(', ')}${refused.length > 3 ? ' …' : ''}.`,
    );
  return words.join(' ');
}

/** A relative error, 0..1. */
export const errorText = (error: number): string =>
  error === 0 ? '0' : error < 1e-4 ? '< 0.01 %' : formatPercent(100 * error, 2);
