import type { Strategy } from '../plan/plan';
import { baselineNames, baselinePlan } from './baselines';
import type { PlanningContext } from './context';
import { ModuleSpace } from './moduleSpace';
import { OperatorSpace } from './operatorSpace';
import { ParetoPlans } from './paretoPlans';
import { quick, selectionDescent, thorough } from './selectionDescent';
import type { Job } from '../base/job';

/** Strategies whose plans are sets of things to recompute. */
export type SelectionStrategy = Exclude<Strategy, 'schedule'>;

/**
 * Collects the plans a selection strategy finds on its way down through the budgets (descending): from keeping
 * everything, and from each well-known rule that leads lower.
 */
export async function collectSelectionPlans(
  context: PlanningContext,
  strategy: SelectionStrategy,
  budgets: readonly number[],
  job: Job,
): Promise<ParetoPlans> {
  const pool = new ParetoPlans();
  const space = strategy === 'module-checkpoint' ? new ModuleSpace(context) : new OperatorSpace(context);
  const planner = selectionPlannerNames[strategy];
  const effort = budgets.length > 1 ? quick : thorough;
  await selectionDescent(
    context,
    space,
    new Set(),
    budgets,
    effort,
    job,
    (recomputations, { peakBytes, stepTimeMs }) =>
      pool.add({ peakBytes, stepTimeMs, planner, recomputations }),
  );
  for (const name of baselineNames) {
    const plan = baselinePlan(context, name, strategy);
    if (!plan) continue;
    pool.add({ ...plan, recomputations: plan.directives.recomputations });
  }
  return pool;
}

/** Names shown to people. */
export const selectionPlannerNames: Readonly<Record<SelectionStrategy, string>> = {
  'module-checkpoint': 'module greedy',
  selective: 'operator greedy',
};
