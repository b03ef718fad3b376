import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { Choice } from '../../planner-core/plan/plan';
import type { ShownPlan } from '../state/shownPlan';
import type { Effect } from './whatIf';

const doing: Readonly<Record<Choice, string>> = {
  keep: 'Keeping it',
  recompute: 'Recomputing it',
  offload: 'Offloading it',
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
  if (others.length === 0) return 'No choice for it changes the peak or the time of the step.';
  const decided = isPinned ? ['You decided this.'] : [];
  if (others.length === effects.length) return [...decided, 'What is in it is decided one by one.'].join(' ');
  return [...decided, ...others.map(reasonFor)].join(' ');

  function reasonFor({ choice, peakBytes: peak, stepTimeMs: time }: Effect): string {
    const slowerMs = time - stepTimeMs;
    const price =
      slowerMs > 0
        ? `take ${formatDuration(slowerMs)} longer`
        : slowerMs < 0
          ? `save ${formatDuration(-slowerMs)}`
          : 'take as long';
    if (peak > budgetBytes)
      return `${doing[choice]} would ${price}${slowerMs > 0 ? ' and' : ', but'} exceed the budget by ${formatMemory(peak - budgetBytes)}.`;
    const saved = peakBytes - peak;
    if (saved > 0) return `${doing[choice]} would ${price} for a peak ${formatMemory(saved)} lower.`;
    if (saved < 0)
      return `${doing[choice]} would ${price} for a peak ${formatMemory(-saved)} higher, which fits.`;
    return `${doing[choice]} would ${price} for the same peak.`;
  }
}
