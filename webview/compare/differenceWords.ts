import { planDifferences } from '../../planner-core/plan/planDifferences';
import type { Plan } from '../../planner-core/plan/plan';
import { t } from '../base/l10n';
import type { RowDecision } from '../layers/effectiveChoice';
import type { LayerDifferences } from '../layers/layerDifferences';
import type { OtherPlan } from '../state/comparedWith';
import type { Evaluation } from '../state/evaluation';
import type { LayerTree } from '../state/layerTree';
import { signedDuration, signedMemory, signedPercent } from '../timeline/comparisonWords';
import { choiceNames, deviceLabel } from '../ui/names';

/** What the plan on screen costs more, or less, than another: its step, its peak, what it keeps for backward. */
export function costWords(own: Evaluation, other: Evaluation): string {
  const moreMs = own.simulation.stepTimeMs - other.simulation.stepTimeMs;
  const otherMs = other.simulation.stepTimeMs;
  const percent =
    otherMs > 0 && moreMs !== 0 ? ` (${signedPercent(own.simulation.stepTimeMs / otherMs)})` : '';
  return t(
    'step {0}, peak {1}, kept for backward {2}',
    signedDuration(moreMs) + percent,
    signedMemory(own.simulation.peakBytes - other.simulation.peakBytes),
    signedMemory(own.keptBytes - other.keptBytes),
  );
}

/** `3 layers are decided otherwise` */
export function countWords({ changed }: LayerDifferences): string {
  const count = changed.reduce((sum, one) => sum + one, 0);
  if (count === 0) return t('every layer is decided alike');
  return count === 1 ? t('1 layer is decided otherwise') : t('{0} layers are decided otherwise', count);
}

/** Rows of a table: settings that differ, then layers; this plan's, then the other's. */
export function differenceRows(
  tree: LayerTree,
  own: readonly RowDecision[],
  { others, changed }: LayerDifferences,
  plan: Plan | undefined,
  { plan: otherPlan }: OtherPlan,
): string[][] {
  const settings = plan && otherPlan ? planDifferences(otherPlan, plan) : [];
  return [
    ...settings
      .filter(({ about }) => about === 'setting')
      .map(({ what, before = '', after = '' }) => [what, after, before]),
    ...tree.layers.flatMap(({ id, name }): string[][] => {
      const other = others[id];
      return changed[id] && other ? [[name || t('the whole model'), ...decisionWords(own[id], other)]] : [];
    }),
  ];
}

/** Both in words; the device where that is what differs. */
function decisionWords(own: RowDecision, other: RowDecision): [own: string, other: string] {
  const isMoved = own.device !== other.device;
  const words = ({ choice, device }: RowDecision): string => {
    return isMoved ? t('{0} on {1}', choiceNames[choice], deviceLabel(device)) : choiceNames[choice];
  };
  return [words(own), words(other)];
}
