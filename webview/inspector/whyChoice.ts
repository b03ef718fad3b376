import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { Choice } from '../../planner-core/plan/plan';
import type { ShownPlan } from '../state/shownPlan';
import type { Effect } from './whatIf';
import { t } from '../base/l10n';

const doing: Readonly<Record<Choice, string>> = {
  keep: t('Keeping it'),
  recompute: t('Recomputing it'),
  offload: t('Offloading it'),
};

/** Why a layer is decided as it is: what each of the other choices would cost, everything else unchanged. */
export function whyChoice(
  effects: readonly Effect[],
  { peakBytes, stepTimeMs, budgetBytes }: Pick<ShownPlan, 'peakBytes' | 'stepTimeMs' | 'budgetBytes'>,
  isPinned: boolean,
): string {
  const isNow = (effect: Effect): boolean =>
    effect.peakBytes === peakBytes && effect.stepTimeMs === stepTimeMs;
  const others = effects.filter((effect) => !isNow(effect));
  if (others.length === 0) return t('No choice for it changes the peak or the time of the step.');
  const decided = isPinned ? [t('You decided this.')] : [];
  if (others.length === effects.length)
    return [...decided, t('What is in it is decided one by one.')].join(' ');
  return [...decided, ...others.map(reasonFor)].join(' ');

  function reasonFor({ choice, peakBytes: peak, stepTimeMs: time }: Effect): string {
    const slowerMs = time - stepTimeMs;
    const price =
      slowerMs > 0
        ? t('take {0} longer', formatDuration(slowerMs))
        : slowerMs < 0
          ? t('save {0}', formatDuration(-slowerMs))
          : t('take as long');
    if (peak > budgetBytes) {
      const over = formatMemory(peak - budgetBytes);
      return slowerMs > 0
        ? t('{0} would {1} and exceed the budget by {2}.', doing[choice], price, over)
        : t('{0} would {1}, but exceed the budget by {2}.', doing[choice], price, over);
    }
    const saved = peakBytes - peak;
    if (saved > 0) return t('{0} would {1} for a peak {2} lower.', doing[choice], price, formatMemory(saved));
    if (saved < 0)
      return t(
        '{0} would {1} for a peak {2} higher, which fits.',
        doing[choice],
        price,
        formatMemory(-saved),
      );
    return t('{0} would {1} for the same peak.', doing[choice], price);
  }
}
