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
  const { step, fixed, pinnedRecomputations: pinned } = context;
  const state = new InsertionState(step, plan.recomputations, pinned);
  const found = await ruinAndRecreate(state, pinned, fixed, budgetBytes, limit, job);
  if (found.stepTimeMs >= plan.stepTimeMs) return plan;
  return {
    peakBytes: found.peakBytes,
    stepTimeMs: found.stepTimeMs,
    planner: `${plan.planner}, ruin and recreate`,
    recomputations: found.recomputations(),
  };
}
