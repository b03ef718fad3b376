import type { Job } from '../../base/job';
import type { PlanningContext } from '../context';
import { InsertionState } from './insertionState';
import type { Candidate } from '../paretoPlans';
import { ruinAndRecreate, type SearchLimit } from './ruinAndRecreate';

/** Searches for a faster schedule around one that fits the budget; gives the plan back when there is none. */
export async function improveSchedule(
  context: PlanningContext,
  plan: Candidate,
  budgetBytes: number,
  limit: SearchLimit,
  job: Job,
): Promise<Candidate> {
  if (!context.isSingleDevice || plan.recomputations.length === 0) return plan;
  const state = new InsertionState(context.step, plan.recomputations, context.pinnedRecomputations);
  const recomputations = await ruinAndRecreate(state, context.fixed, budgetBytes, limit, job);
  const { peakBytes, stepTimeMs } = context.evaluate(recomputations);
  if (stepTimeMs >= plan.stepTimeMs) return plan;
  return { peakBytes, stepTimeMs, planner: `${plan.planner}, ruin and recreate`, recomputations };
}
