import type { Job } from '../../base/job';
import type { MilpEngine } from '../../solvers/engine';
import { provenFloor, type PlanningContext } from '../context';
import { lpRoundingName, roundRelaxation } from '../exact/lpRounding';
import type { Candidate } from '../paretoPlans';
import { schedulePlan } from './baseline';
import type { PlannedBaseline } from './baselines';

/** Budgets it is drawn at when none is asked for: parts of the way from the least possible peak to keeping everything. */
const parts = [75, 50, 25] as const;

/** Plans made by rounding Checkmate's relaxation, as a rule to compare with. Not in the list of rules: it needs an engine. */
export function roundedBaselines(context: PlanningContext, plans: readonly Candidate[]): PlannedBaseline[] {
  return plans.map(({ recomputations }, i) => ({
    baseline: {
      name: plans.length > 1 ? `${lpRoundingName} ${i + 1}` : lpRoundingName,
      family: 'checkmate',
      strategies: ['schedule'],
      sweep: lpRoundingName,
      description:
        'Jain et al. 2020: the relaxation of Checkmate’s program at 0.9 of the budget, rounded at thresholds 0.1 to 0.9, the cheapest that fits; with at most 48 stages.',
      plan: () => schedulePlan(context, lpRoundingName, recomputations),
    },
    plan: schedulePlan(context, lpRoundingName, recomputations),
  }));
}

/** The plans of rounding at a few budgets; where no rounding fits, none. Throws 'cancelled' when the job is. */
export async function roundAtParts(
  context: PlanningContext,
  engine: MilpEngine,
  job: Job,
): Promise<Candidate[]> {
  if (!context.isSingleDevice) return [];
  const floorBytes = provenFloor(context).bytes;
  const keepAllBytes = context.evaluate(context.pinnedRecomputations).peakBytes;
  const found: Candidate[] = [];
  for (const part of parts) {
    const budgetBytes = floorBytes + ((keepAllBytes - floorBytes) * part) / 100;
    const plan = await roundRelaxation(context, budgetBytes, engine, job);
    if (plan) found.push(plan);
  }
  return found;
}
