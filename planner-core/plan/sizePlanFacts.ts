import { foldNames } from '../base/foldNames';
import { formatMemory, formatOverhead } from '../base/format';
import type { PlannedOffload } from './offloadTarget';
import type { SizedPlan, SizePlan } from './sizePlan';

/** What is asked for by plans for several sizes, in words: the sizes in the form they are typed in. */
export function sizeSettings({
  dimensions,
  sizes,
  mergePercent,
  fitted,
}: SizePlan): [what: string, text: string][] {
  const weighted = sizes.map(({ size, weight }) => `${size.join('x')}:${weight}`);
  return [
    ['input sizes', `${dimensions.join(' x ')} ${weighted.join(' ')}`],
    ['input sizes, merged within', `${mergePercent} %`],
    ...(fitted ?? []).map(({ dimension, coefficients, errorPercent }): [string, string] => [
      `input sizes, fit of ${dimension}`,
      `${coefficients.join(', ')}, off by at most ${errorPercent} %`,
    ]),
  ];
}

/** What each plan for several sizes sends away, by the sizes it is for. */
export const sizedOffloads = ({ dimensions, plans }: SizePlan): [sizes: string, offload: PlannedOffload][] =>
  (plans ?? []).flatMap((plan) =>
    (plan.offloads ?? []).map((offload): [string, PlannedOffload] => [sizesOf(dimensions, plan), offload]),
  );

const sizesOf = (dimensions: readonly string[], { upTo, exactly }: SizedPlan): string =>
  `${dimensions.join(' x ')} ${exactly ? '' : 'up to '}${upTo.map((size) => size.join('x')).join(', ')}`;

/** What each plan for several sizes does and costs, in words, by the sizes it is for; the highest peak besides, to the byte. */
export const sizedPlanFacts = ({
  dimensions,
  plans,
}: SizePlan): [what: string, text: string, peakBytes: number][] =>
  (plans ?? []).map((plan) => [sizesOf(dimensions, plan), sizedPlanText(plan), Math.max(...plan.peakBytes)]);

function sizedPlanText({
  decisions,
  recomputations,
  offloads,
  peakBytes,
  overheadPercent,
}: SizedPlan): string {
  const of = (wanted: string): string[] =>
    foldNames(decisions.flatMap(({ choice, target }) => (choice === wanted ? [target] : []))).map(
      ({ text }) => text,
    );
  const recomputed = of('recompute');
  const kept = of('keep');
  return [
    recomputed.length > 0 ? `recompute ${recomputed.join(', ')}` : 'recompute nothing',
    ...(recomputations ? [`${recomputations.length} recomputations`] : []),
    ...(kept.length > 0 ? [`keep ${kept.join(', ')}`] : []),
    ...(offloads ? [`offload ${offloads.length} ${offloads.length === 1 ? 'value' : 'values'}`] : []),
    `peak ${peakBytes.map(formatMemory).join(', ')}`,
    overheadPercent.map((percent) => formatOverhead(percent)).join(', '),
  ].join('; ');
}
