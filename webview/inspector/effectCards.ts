import { formatDuration, formatMemory } from '../../planner-core/base/format';
import type { Choice } from '../../planner-core/plan/plan';
import { el } from '../base/dom';
import type { ShownPlan } from '../state/shownPlan';
import { choiceNames } from '../ui/names';
import type { Effect } from './whatIf';
import { t } from '../base/l10n';

/**
 * One card a choice: what it would do to the peak and to the step, everything else unchanged. Click to take it; where
 * `reasonAgainst` knows why it cannot be made, the card says that instead, and once for all where no choice can be made.
 */
export function effectCards(
  effects: readonly Effect[],
  shown: ShownPlan,
  reasonAgainst: (choice: Choice) => string | undefined,
  onChoose: (choice: Choice) => void,
): HTMLElement[] {
  const reasons = new Map(effects.map(({ choice }) => [choice, reasonAgainst(choice)]));
  const [common] = reasons.values();
  if (common !== undefined && new Set(reasons.values()).size === 1) return [el('p', {}, t('{0}.', common))];
  return effects.map(({ choice, peakBytes, stepTimeMs }) => {
    const reason = reasons.get(choice);
    if (reason !== undefined)
      return el(
        'p',
        { class: `effect effect-${choice} is-refused` },
        el('strong', {}, choiceNames[choice]),
        el('span', {}, t('{0}.', reason)),
      );
    const same = peakBytes === shown.peakBytes && stepTimeMs === shown.stepTimeMs;
    const over = peakBytes > shown.budgetBytes;
    const card = el(
      'button',
      { class: `effect effect-${choice}`, type: 'button' },
      el('strong', {}, choiceNames[choice]),
      el('span', {}, same ? t('as now') : t('{0} peak', signed(peakBytes - shown.peakBytes, formatMemory))),
      el('span', {}, same ? '' : `${signed(stepTimeMs - shown.stepTimeMs, formatDuration)}`),
      el('span', { class: 'tone-error' }, over ? t('over budget') : ''),
    );
    card.addEventListener('click', () => onChoose(choice));
    return card;
  });
}

function signed(difference: number, format: (value: number) => string): string {
  if (difference === 0) return '±0';
  return `${difference < 0 ? '−' : '+'}${format(Math.abs(difference))}`;
}
