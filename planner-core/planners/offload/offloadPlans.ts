import type { Job } from '../../base/job';
import { compileSchedule } from '../../simulator/compileSchedule';
import { sequenceOf } from '../../simulator/sequence';
import { simulate, type Simulation } from '../../simulator/simulate';
import type { PlanningContext } from '../context';
import { MemoryProfile } from '../memoryProfile';
import type { Candidate } from '../paretoPlans';
import { chooseLeavers, preferences } from './chooseLeavers';
import { leaversOf } from './gaps';
import { PagedSequence } from './paging';

/** A plan with offloading, and what the simulator says of it. */
export interface OffloadPlan extends Candidate {
  readonly simulation: Simulation;
}

/** Plans of recomputation that offloading is added to, at most. */
const mostBases = 10;

/**
 * Plans under a budget that combine recomputation with offloading: to each plan of recomputation alone, offloads are
 * added until it fits. Those that fit by themselves are among them, so that none is ever worse than recomputation alone.
 * `bases` by ascending peak. Empty where nothing fits. Throws 'cancelled' when the job is.
 */
export async function offloadPlans(
  context: PlanningContext,
  bases: readonly Candidate[],
  budgetBytes: number,
  job: Job,
): Promise<OffloadPlan[]> {
  const found: OffloadPlan[] = [];
  for (const base of spread(bases, mostBases)) {
    await job.checkpoint();
    found.push(...pagedPlans(context, base, budgetBytes));
  }
  return found;
}

/** One plan of recomputation with what must leave so that it fits: a plan for each way of choosing that. */
export function pagedPlans(context: PlanningContext, base: Candidate, budgetBytes: number): OffloadPlan[] {
  const { step, problem } = context;
  const memoryBytes = problem.offload?.memoryBytes ?? Infinity;
  const plans: OffloadPlan[] = [];
  const take = (plan: Candidate): void => {
    const directives = context.directives(plan.recomputations, plan.paging);
    const simulation = simulate(step, compileSchedule(step, directives));
    const { peakBytes, stepTimeMs, hostPeakBytes } = simulation;
    if (peakBytes <= budgetBytes && hostPeakBytes <= memoryBytes)
      plans.push({ ...plan, peakBytes, stepTimeMs, simulation });
  };
  take(base);
  if (!problem.offload || plans.length > 0) return plans;
  const directives = context.directives(base.recomputations);
  const { nodes, again } = sequenceOf(step, directives);
  const profile = new MemoryProfile(step).ofRecomputations(base.recomputations);
  const sequence = new PagedSequence(step, nodes, again, profile.liveBytes);
  const leavers = leaversOf(step, { nodes, again });
  const certain = new Set(directives.offloads);
  const seen = new Set<string>();
  for (const preference of preferences) {
    const chosen = chooseLeavers(sequence, leavers, certain, budgetBytes, memoryBytes, preference);
    const paging = chosen && sequence.page(chosen, budgetBytes);
    if (!paging) continue;
    const key = paging.offloads.join();
    if (seen.has(key)) continue;
    seen.add(key);
    const how = base.recomputations.length > 0 ? `${base.planner}, ` : '';
    take({ ...base, paging, planner: `${how}offload by ${preference}` });
  }
  return plans;
}

/** Both ends and evenly between. */
function spread<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))]);
}
