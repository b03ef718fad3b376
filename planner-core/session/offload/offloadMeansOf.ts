import { offloadMeans } from '../../exporters/pytorch/offloadMeans';
import type { PlannedModel } from '../../exporters/pytorch/carriedPlan';
import type { Strategy } from '../../plan/plan';
import type { OffloadLimits, OffloadMeans } from '../../planners/problem';

/** What PyTorch can send away of a step, found once a strategy. */
export function offloadMeansOf(model: PlannedModel): OffloadLimits['meansOf'] {
  const found = new Map<Strategy, OffloadMeans | undefined>();
  return (strategy) => {
    if (!found.has(strategy)) found.set(strategy, offloadMeans(model, strategy));
    return found.get(strategy);
  };
}
