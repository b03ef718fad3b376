import type { Job } from '../../base/job';
import { compileSchedule } from '../../simulator/compileSchedule';
import { sequenceOf } from '../../simulator/sequence';
import { simulate, type Simulation } from '../../simulator/simulate';
import type { Strategy } from '../../plan/plan';
import type { PlanningContext } from '../context';
import type { OffloadMeans } from '../problem';
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

/** How often what leaves is chosen anew, for a lower budget, when the means that a plan has take more than planned. */
const mostRounds = 4;

/** How plans that offload are sought. */
export interface OffloadOptions {
  /** Whose means the plans keep to; absent: any value leaves and comes back at any moment. */
  readonly strategy?: Strategy;
  readonly basesAtOnce?: number;
  /** What is made least, time unless told otherwise; more is tried around the best. */
  readonly costOf?: (plan: OffloadPlan) => number;
}

/**
 * Plans under a budget that combine recomputation with offloading: to each plan of recomputation alone, offloads are
 * added until it fits. Those that fit by themselves are among them, so that none is ever worse than recomputation alone.
 * `bases` by ascending peak. Where nothing fits that the strategy has the means for, plans that it can apply in part only; empty where
 * nothing fits at all. Throws 'cancelled' when the job is.
 */
export async function offloadPlans(
  context: PlanningContext,
  bases: readonly Candidate[],
  budgetBytes: number,
  job: Job,
  options: OffloadOptions = {},
): Promise<OffloadPlan[]> {
  const { strategy, basesAtOnce = defaultBases, costOf = ({ stepTimeMs }) => stepTimeMs } = options;
  const means = strategy && context.problem.offload?.meansOf?.(strategy);
  const first = spread(
    bases.map((_, i) => i),
    basesAtOnce,
  );
  const tried = new Map<number, OffloadPlan[]>();
  const tryAll = async (indices: readonly number[]): Promise<void> => {
    for (const i of indices) {
      if (tried.has(i)) continue;
      await job.checkpoint();
      tried.set(i, pagedPlans(context, bases[i], budgetBytes, means));
    }
  };
  await tryAll(first);
  // Around the best, between the plans that have been tried already.
  const leastOf = (i: number): number => Math.min(Infinity, ...tried.get(i)!.map(costOf));
  const at = first.reduce((best, i, rank) => (leastOf(i) < leastOf(first[best]) ? rank : best), 0);
  const [low, high] = [first[Math.max(0, at - 1)] ?? 0, first[Math.min(first.length - 1, at + 1)] ?? 0];
  const between = Array.from({ length: Math.max(0, high - low - 1) }, (_, i) => low + 1 + i);
  await tryAll(spread(between, basesAtOnce));
  const plans = [...tried.values()].flat();
  return plans.length === 0 && means
    ? offloadPlans(context, bases, budgetBytes, job, { basesAtOnce, costOf })
    : plans;
}

/**
 * One plan of recomputation with what must leave so that it fits: a plan for each way of choosing that. With `means` only what they
 * can send away and when they can; what a person wants away leaves in any case.
 */
export function pagedPlans(
  context: PlanningContext,
  base: Candidate,
  budgetBytes: number,
  means?: OffloadMeans,
): OffloadPlan[] {
  const { step, problem } = context;
  const memoryBytes = problem.offload?.memoryBytes ?? Infinity;
  const plans: OffloadPlan[] = [];
  /** The bytes that a plan takes beyond the budget; 0: it is one of the plans, unless the host's memory is too small. */
  const take = (plan: Candidate): number => {
    const directives = context.directives(plan.recomputations, plan.paging);
    const simulation = simulate(step, compileSchedule(step, directives));
    const { peakBytes, stepTimeMs, hostPeakBytes } = simulation;
    if (peakBytes <= budgetBytes && hostPeakBytes <= memoryBytes)
      plans.push({ ...plan, peakBytes, stepTimeMs, simulation });
    return Math.max(0, peakBytes - budgetBytes);
  };
  take(base);
  if (!problem.offload || plans.length > 0) return plans;
  const directives = context.directives(base.recomputations);
  const { nodes, again } = sequenceOf(step, directives);
  const profile = new MemoryProfile(step).ofRecomputations(base.recomputations);
  const sequence = new PagedSequence(step, nodes, again, profile.liveBytes);
  const { stateStays } = problem.offload;
  const certain = new Set(directives.offloads);
  const limits = means && [...certain].every((value) => means.mayLeave(value)) ? means : undefined;
  const leavers = leaversOf(step, { nodes, again }).filter(
    ({ value, isState }) => !(stateStays && isState) && (limits?.mayLeave(value) ?? true),
  );
  const moments = limits?.returnMoments(base.recomputations);
  const seen = new Set<string>();
  for (const preference of preferences) {
    const how = base.recomputations.length > 0 ? `${base.planner}, ` : '';
    let aimBytes = budgetBytes;
    for (let round = 0; round < mostRounds; round++) {
      const chosen = chooseLeavers(sequence, leavers, certain, aimBytes, memoryBytes, preference);
      const wanted = chosen && sequence.page(chosen, aimBytes, moments);
      if (!wanted) break;
      const key = `${aimBytes} ${wanted.offloads.join()}`;
      if (seen.has(key)) break;
      seen.add(key);
      const paging = limits?.carried(base.recomputations, wanted) ?? wanted;
      const overBytes = take({ ...base, paging, planner: `${how}offload by ${preference}` });
      if (!limits || overBytes === 0) break;
      aimBytes -= overBytes;
    }
  }
  return plans;
}

/** Both ends and evenly between. */
function spread<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count || count < 2) return all.slice(0, Math.max(count, 0));
  return Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))]);
}
