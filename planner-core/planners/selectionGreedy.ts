import type { Strategy } from '../plan/plan';
import { baselineNames, baselinePlan } from './baselines';
import { PlanningContext } from './context';
import { decisionsOf } from './decisionsOf';
import { ModuleSpace } from './moduleSpace';
import { OperatorSpace } from './operatorSpace';
import { ParetoPlans } from './paretoPlans';
import type { Planner } from './problem';
import { selectionDescent } from './selectionDescent';
import type { Job } from '../base/job';

type SelectionStrategy = Exclude<Strategy, 'schedule'>;

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
  await selectionDescent(
    context,
    space,
    new Set(),
    budgets,
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

/** The greedy planner over modules to wrap or operators to recompute. */
export function selectionGreedy(strategy: SelectionStrategy): Planner {
  return {
    name: selectionPlannerNames[strategy],
    strategy,
    async plan(problem, budgetBytes, job) {
      const context = new PlanningContext(problem);
      const pool = await collectSelectionPlans(context, strategy, [budgetBytes], job);
      const best = pool.under(budgetBytes) ?? pool.least!;
      const chosen = decisionsOf(problem.step, problem.layers, best.recomputations, strategy);
      return context.planned(best.planner, best.recomputations, chosen);
    },
  };
}
