import { HeadroomError } from '../base/errors';
import { TimeLimitedJob, type Job } from '../base/job';
import type { Strategy } from '../plan/plan';
import { decisionsOf } from '../planners/decisionsOf';
import type { Candidate } from '../planners/paretoPlans';
import type { BudgetPlan } from '../planners/planAtBudget';
import type { PlanPools } from '../planners/planPools';
import type { KnownPlans } from '../planners/problem';

/** A plan of a strategy as a planner's answer. */
export function answerOf({ context, problem }: PlanPools, plan: Candidate, strategy: Strategy): BudgetPlan {
  const chosen = decisionsOf(problem.step, problem.layers, plan.recomputations, strategy);
  return context.planned(plan.planner, plan.recomputations, chosen);
}

/** The strategy's plans for all budgets; undefined when they cannot be collected within the limit. */
export async function collectedPlans(
  pools: PlanPools,
  strategy: Strategy,
  job: Job,
  timeLimitS: number | undefined,
): Promise<KnownPlans | undefined> {
  if (timeLimitS === undefined) return pools.knownOf(strategy, job);
  const limited = new TimeLimitedJob(job, timeLimitS);
  try {
    return await pools.knownOf(strategy, limited);
  } catch (error) {
    if (limited.isOver && error instanceof HeadroomError && error.code === 'cancelled') {
      await job.checkpoint();
      return undefined;
    }
    throw error;
  }
}
