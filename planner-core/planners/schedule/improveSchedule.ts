import type { Job } from '../../base/job';
import type { PlanningContext } from '../context';
import { InsertionState } from './insertionState';
import type { Candidate } from '../paretoPlans';
import { ruinAndRecreate, type SearchLimit } from './ruinAndRecreate';

/**
 * Searches for a faster schedule around one that fits the budget; gives the plan back when there is none. `accepted`
 * hears of every plan the search goes on from. Another `seed` searches elsewhere.
 */
export async function improveSchedule(
  context: PlanningContext,
  plan: Candidate,
  budgetBytes: number,
  limit: SearchLimit,
  job: Job,
  accepted: (plan: Candidate) => void = () => undefined,
  seed?: number,
): Promise<Candidate> {
  if (!context.isSingleDevice || plan.recomputations.length === 0) return plan;
  const state = new InsertionState(context.step, plan.recomputations, context.pinnedRecomputations);
  const candidate = (recomputations: Int32Array): Candidate => {
    const { peakBytes, stepTimeMs } = context.evaluate(recomputations);
    return { peakBytes, stepTimeMs, planner: withSearch(plan.planner), recomputations };
  };
  const found = candidate(
    await ruinAndRecreate(
      state,
      context.fixed,
      budgetBytes,
      limit,
      job,
      (better) => accepted(candidate(better)),
      seed,
    ),
  );
  return found.stepTimeMs < plan.stepTimeMs ? found : plan;
}

const searchName = ', ruin and recreate';

const withSearch = (planner: string): string =>
  planner.endsWith(searchName) ? planner : planner + searchName;
