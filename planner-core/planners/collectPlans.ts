import type { Job } from '../base/job';
import type { Strategy } from '../plan/plan';
import { ChainPlanner } from './chain/chainPlanner';
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
  chain = new ChainPlanner(context),
): Promise<ParetoPlans> {
  if (strategy !== 'schedule') return collectSelectionPlans(context, strategy, budgets, job, chain);
  const seeds = new ParetoPlans();
  const pools =
    known.length > 0
      ? known
      : [
          await collectSelectionPlans(context, 'module-checkpoint', budgets, job, chain),
          await collectSelectionPlans(context, 'selective', budgets, job, chain),
        ];
  for (const pool of pools) for (const plan of pool.all) seeds.add(plan);
  if (chain.isEnough || budgets.length > 1) await chain.collect('schedule', seeds, job);
  return chain.isEnough ? seeds : collectSchedulePlans(context, budgets, seeds, job);
}
