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

/** Plans of recomputation that offloading is added to, unless told otherwise: so many, and as many around the best. */
const defaultBases = 10;

/**
 * Plans under a budget that combine recomputation with offloading: to each plan of recomputation alone, offloads are
 * added until it fits. Those that fit by themselves are among them, so that none is ever worse than recomputation alone.
 * `bases` by ascending peak. `costOf`: what is made least, time unless told otherwise; more is tried around the best.
 * Empty where nothing fits. Throws 'cancelled' when the job is.
 */
export async function offloadPlans(
  context: PlanningContext,
  bases: readonly Candidate[],
  budgetBytes: number,
  job: Job,
  basesAtOnce = defaultBases,
  costOf = (plan: OffloadPlan): number => plan.stepTimeMs,
): Promise<OffloadPlan[]> {
  const first = spread(
    bases.map((_, i) => i),
    basesAtOnce,
  );
  const tried = new Map<number, OffloadPlan[]>();
  const tryAll = async (indices: readonly number[]): Promise<void> => {
    for (const i of indices) {
      if (tried.has(i)) continue;
      await job.checkpoint();
      tried.set(i, pagedPlans(context, bases[i], budgetBytes));
    }
  };
  await tryAll(first);
  // Around the best, between the plans that have been tried already.
  const leastOf = (i: number): number => Math.min(Infinity, ...tried.get(i)!.map(costOf));
  const at = first.reduce((best, i, rank) => (leastOf(i) < leastOf(first[best]) ? rank : best), 0);
  const [low, high] = [first[Math.max(0, at - 1)] ?? 0, first[Math.min(first.length - 1, at + 1)] ?? 0];
  const between = Array.from({ length: Math.max(0, high - low - 1) }, (_, i) => low + 1 + i);
  await tryAll(spread(between, basesAtOnce));
  return [...tried.values()].flat();
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
  const { stateStays } = problem.offload;
  const leavers = leaversOf(step, { nodes, again }).filter(({ isState }) => !(stateStays && isState));
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
  if (all.length <= count || count < 2) return all.slice(0, Math.max(count, 0));
  return Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))]);
}
