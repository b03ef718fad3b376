import type { Strategy } from '../../plan/plan';
import { baselineNames, baselinePlan } from '../baselines/baselines';
import type { ChainPlanner } from '../chain/chainPlanner';
import type { PlanningContext } from '../context';
import { ModuleSpace } from './moduleSpace';
import { OperatorSpace } from './operatorSpace';
import { ParetoPlans } from '../paretoPlans';
import { quick, selectionDescent, thorough, type Effort } from './selectionDescent';
import type { Job } from '../../base/job';

/** Strategies whose plans are sets of things to recompute. */
export type SelectionStrategy = Exclude<Strategy, 'schedule'>;

/** Of the budgets of a frontier, how many are also aimed at from keeping everything. */
const directRuns = 8;

/**
 * Collects the well-known rules, the plans of the chain programme, and those a selection strategy finds on its way down
 * through the budgets (descending) from keeping everything. Where the chain is enough, and for all budgets of any chain, the programme's
 * are all there are; else, for a single budget, the descent looks harder instead.
 */
export async function collectSelectionPlans(
  context: PlanningContext,
  strategy: SelectionStrategy,
  budgets: readonly number[],
  job: Job,
  chain: ChainPlanner,
): Promise<ParetoPlans> {
  const pool = new ParetoPlans();
  // First, so that a plan that is one of them bears its name.
  for (const name of baselineNames) {
    const plan = baselinePlan(context, name, strategy);
    if (!plan) continue;
    pool.add({ ...plan, recomputations: plan.directives.recomputations });
  }
  const isFrontier = budgets.length > 1;
  if (chain.isEnough || isFrontier) await chain.collect(strategy, pool, job);
  // Beside that, descents find nothing for most chains (measured: 0.2 % of the overhead of densenet121, 3 % of googlenet's
  // operators) and take longer than the programme.
  if (chain.isEnough || (isFrontier && chain.isWholeStep)) return pool;
  const space = strategy === 'module-checkpoint' ? new ModuleSpace(context) : new OperatorSpace(context);
  const planner = selectionPlannerNames[strategy];
  const descend = (targets: readonly number[], effort: Effort): Promise<void> =>
    selectionDescent(
      context,
      space,
      new Uint8Array(space.itemCount),
      targets,
      effort,
      job,
      (recomputations, { peakBytes, stepTimeMs }) =>
        pool.add({ peakBytes, stepTimeMs, planner, recomputations }),
    );
  if (!isFrontier) await descend(budgets, thorough);
  else {
    await descend(budgets, quick);
    // What suits one budget is seldom the best start for the next: some are also aimed at directly.
    const stride = Math.max(1, Math.floor(budgets.length / directRuns));
    for (let i = (budgets.length - 1) % stride; i < budgets.length; i += stride) {
      await descend([budgets[i]], quick);
    }
  }
  return pool;
}

/** Names shown to people. */
const selectionPlannerNames: Readonly<Record<SelectionStrategy, string>> = {
  'module-checkpoint': 'module greedy',
  selective: 'operator greedy',
};
