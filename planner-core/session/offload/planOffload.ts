import { HeadroomError } from '../../base/errors';
import type { Job } from '../../base/job';
import type { PlanInputs } from '../../plan/planInputs';
import { deltaPlan } from '../../planners/baselines/delta';
import type { PlanningContext } from '../../planners/context';
import { decisionsOf, offloadDecisions } from '../../planners/decisionsOf';
import { offloadPlans, type OffloadPlan } from '../../planners/offload/offloadPlans';
import type { Candidate } from '../../planners/paretoPlans';
import type { BudgetPlan } from '../../planners/planAtBudget';
import type { PlanPools } from '../../planners/planPools';
import type { PlannedDirectives } from '../../planners/problem';
import { compileSchedule } from '../../simulator/compileSchedule';
import { simulate } from '../../simulator/simulate';
import { stepEnergy } from './stepEnergy';

/**
 * The plan that takes the least time, energy or carbon under a budget, of those that recompute, offload, or do both.
 * `alone`: the plan of recomputation alone, which the answer is never worse than. Throws 'bad-usage' where energy is to
 * be least and the power of a device is not known, 'cancelled' when the job is.
 */
export async function planOffload(
  pools: PlanPools,
  inputs: PlanInputs,
  budgetBytes: number,
  alone: BudgetPlan,
  job: Job,
): Promise<BudgetPlan> {
  const { context, problem } = pools;
  const { step, layers } = problem;
  const { strategy } = inputs;
  const { recomputations } = alone.directives;
  const { peakBytes, stepTimeMs, planner } = alone;
  const own: Candidate = { peakBytes, stepTimeMs, planner, recomputations };
  const pool = inputs.offload ? (await pools.of(strategy, job)).all : [];
  const costOf = (plan: OffloadPlan): number => {
    if (inputs.minimise === undefined || inputs.minimise === 'time') return plan.stepTimeMs;
    const energy = stepEnergy(step, inputs, plan.simulation);
    if (energy) return energy.joules;
    const names = inputs.devices.map(({ name }) => name).join(', ');
    throw new HeadroomError(
      'bad-usage',
      `The power of ${names} is not known: energy cannot be made least.`,
      'Choose a device with a power in the catalogue, or make time least.',
    );
  };
  const plans = [...(await offloadPlans(context, [own, ...pool], budgetBytes, job, { strategy, costOf }))];
  // An online run finds other plans than those that offloads are added to.
  const online = strategy === 'schedule' ? deltaPlan(context, budgetBytes) : undefined;
  if (online) plans.push(simulated(context, online));
  let best: OffloadPlan | undefined;
  for (const plan of plans) if (!best || costOf(plan) < costOf(best)) best = plan;
  if (!best || (best.recomputations === recomputations && !best.paging)) return alone;
  const directives = context.directives(best.recomputations, best.paging);
  const chosen = decisionsOf(step, layers, best.recomputations, strategy);
  const away = offloadDecisions(step, layers, chosen, best.paging?.offloads);
  const answer = context.planned(best.planner, best.recomputations, [...chosen, ...away]);
  return {
    ...answer,
    directives,
    peakBytes: best.peakBytes,
    stepTimeMs: best.stepTimeMs,
  };
}

/** A rule's plan as one of those to choose from. */
function simulated({ step }: PlanningContext, { planner, directives }: PlannedDirectives): OffloadPlan {
  const simulation = simulate(step, compileSchedule(step, directives));
  const { peakBytes, stepTimeMs } = simulation;
  const { recomputations, offloads, fetches, waits } = directives;
  return { planner, peakBytes, stepTimeMs, recomputations, paging: { offloads, fetches, waits }, simulation };
}
