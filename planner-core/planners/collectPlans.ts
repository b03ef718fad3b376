import type { Job } from '../base/job';
import type { Strategy } from '../plan/plan';
import { baselineNames, baselinePlan } from './baselines/baselines';
import type { PlanningContext } from './context';
import { ParetoPlans } from './paretoPlans';
import { collectSchedulePlans } from './schedule/schedulePlans';
import { collectSelectionPlans } from './selection/selectionPlans';

/**
 * All plans that the planners of a strategy find on the way down through the budgets (descending). A schedule may be
 * any plan of the other strategies too; `known` are those, when they have been collected already.
 */
export async function collectPlans(
  context: PlanningContext,
  strategy: Strategy,
  budgets: readonly number[],
  job: Job,
  known: readonly ParetoPlans[] = [],
): Promise<ParetoPlans> {
  if (strategy !== 'schedule') return collectSelectionPlans(context, strategy, budgets, job);
  const seeds = new ParetoPlans();
  for (const name of baselineNames) {
    const plan = baselinePlan(context, name, strategy);
    if (plan) seeds.add({ ...plan, recomputations: plan.directives.recomputations });
  }
  const pools =
    known.length > 0
      ? known
      : [
          await collectSelectionPlans(context, 'module-checkpoint', budgets, job),
          await collectSelectionPlans(context, 'selective', budgets, job),
        ];
  for (const pool of pools) for (const plan of pool.all) seeds.add(plan);
  return collectSchedulePlans(context, budgets, seeds, job);
}
