import type { Job } from '../base/job';
import { strategies, type Strategy } from '../plan/plan';
import { isFor } from './baselines/baseline';
import { planDearBaselines, type PlannedBaseline } from './baselines/baselines';
import { KnapsackBound } from './bounds/knapsackBound';
import { PlanningContext } from './context';
import type { BaselinePoint, Frontier, FrontierPoint } from './frontier';
import { offloadPlans } from './offload/offloadPlans';
import { frontierPoint, ParetoPlans, type Candidate } from './paretoPlans';
import type { PlanPools } from './planPools';
import type { PlannedDirectives } from './problem';

/** Points kept for each strategy. */
const maxPoints = 160;

/** Shares of the work done once so many strategies are planned. */
const shares = [0.25, 0.6, 0.95];

/** Who looks at a frontier while it is computed. */
export interface FrontierWatch {
  /** The strategy that is wanted first. */
  readonly first: Strategy;
  /** What is known so far: curves that are not there yet are empty, and next to nothing is proven. */
  part(soFar: Frontier): void;
}

/**
 * The least time at every budget, for each strategy, and the well-known rules to compare with. One descent a strategy
 * serves all budgets. Overheads refer to keeping everything without any pins. A point's lower bound holds for any plan
 * at its peak; it is 0 with several devices or offloading, where it is not proven.
 * `otherRules` are drawn as well. Throws 'cancelled' when the job is.
 */
export async function computeFrontier(
  pools: PlanPools,
  job: Job,
  otherRules: readonly PlannedBaseline[] = [],
  watch?: FrontierWatch,
): Promise<Frontier> {
  const { context, floor, baselines, problem } = pools;
  const keepAllMs = new PlanningContext({ ...problem, pins: [] }).evaluate(new Int32Array(0)).stepTimeMs;
  const collected = new Map<Strategy, ParetoPlans>();
  const plansOf = (strategy: Strategy): Candidate[] => collected.get(strategy)?.thinned(maxPoints) ?? [];
  /** `leastAdded`: by peak, what is proven. */
  const frontierOf = (
    drawn: readonly PlannedBaseline[],
    leastAdded: ReadonlyMap<number, number>,
  ): Frontier => {
    const pointOf = (plan: Candidate): FrontierPoint =>
      frontierPoint(context, plan, keepAllMs, leastAdded.get(plan.peakBytes) ?? 0);
    return {
      strategies: {
        'module-checkpoint': plansOf('module-checkpoint').map(pointOf),
        selective: plansOf('selective').map(pointOf),
        schedule: plansOf('schedule').map(pointOf),
      },
      baselines: drawn.map(({ baseline, plan }): BaselinePoint => ({
        ...pointOf(candidateOf(plan)),
        name: baseline.name,
        strategy: baseline.strategies[0],
        family: baseline.family,
        description: baseline.description,
      })),
      floorBytes: floor.bytes,
      floorNode: floor.node >= 0 ? problem.step.nodeName[floor.node] : '',
    };
  };
  const inOrder = watch ? [...new Set([watch.first, ...strategies])] : strategies;
  for (const strategy of inOrder) {
    collected.set(strategy, await withOffloads(pools, strategy, job));
    job.progress(shares[collected.size - 1]);
    watch?.part(frontierOf(baselines, new Map()));
    await job.checkpoint();
  }
  const drawn = [...baselines, ...(await planDearBaselines(context, job)), ...otherRules];
  // What a rule that swaps has found is a plan too; the pools are this frontier's own then.
  for (const { baseline, plan } of drawn) {
    if (baseline.family !== 'offload') continue;
    for (const strategy of strategies)
      if (strategy === 'schedule' || isFor(baseline, strategy))
        collected.get(strategy)?.add(candidateOf(plan));
  }
  const everyPlan = [...strategies.flatMap(plansOf), ...drawn.map(({ plan }) => plan)];
  const leastAdded = provenAt(
    context,
    everyPlan.map((plan) => plan.peakBytes),
  );
  job.progress(1);
  return frontierOf(drawn, leastAdded);
}

/** A rule's plan with what leaves the device under it. */
function candidateOf(plan: PlannedDirectives): Candidate {
  const { recomputations, offloads, fetches, waits } = plan.directives;
  return { ...plan, recomputations, paging: { offloads, fetches, waits } };
}

/** Budgets that offloading is planned for, and plans of recomputation that it is added to. */
const offloadLevels = 8;
const offloadBases = 4;

/** The plans of a strategy; where values may leave, with those that offload too. */
async function withOffloads(pools: PlanPools, strategy: Strategy, job: Job): Promise<ParetoPlans> {
  const pool = await pools.of(strategy, job);
  const { context, problem, floor, keepAllPeakBytes } = pools;
  if (!problem.offload || !context.isSingleDevice) return pool;
  const both = new ParetoPlans();
  for (const plan of pool.all) both.add(plan);
  const span = keepAllPeakBytes - floor.bytes;
  for (let level = 1; level <= offloadLevels; level++) {
    const budgetBytes = Math.round(keepAllPeakBytes - (span * level) / offloadLevels);
    const options = { strategy, basesAtOnce: offloadBases };
    for (const plan of await offloadPlans(context, pool.all, budgetBytes, job, options)) both.add(plan);
  }
  return both;
}

/** By budget, the least added time that is proven; empty where nothing is. */
function provenAt({ isSingleDevice, problem }: PlanningContext, budgets: number[]): Map<number, number> {
  // What may leave the device needs no recomputation: these bounds are of plans that only recompute.
  if (!isSingleDevice || problem.offload) return new Map();
  const distinct = [...new Set(budgets)].sort((a, b) => a - b);
  const bound = new KnapsackBound(problem.step, problem.layers.recomputable);
  const least = bound.leastAddedOver(distinct);
  return new Map(distinct.map((budget, i) => [budget, least[i]]));
}
