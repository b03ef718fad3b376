import type { Job } from '../base/job';
import type { Strategy } from '../plan/plan';
import { isFor } from './baselines/baseline';
import { planDearBaselines, type PlannedBaseline } from './baselines/baselines';
import { KnapsackBound } from './bounds/knapsackBound';
import { PlanningContext } from './context';
import type { BaselinePoint, Frontier, FrontierPoint } from './frontier';
import { offloadPlans } from './offload/offloadPlans';
import { frontierPoint, ParetoPlans, type Candidate } from './paretoPlans';
import type { PlanPools } from './planPools';

/** Points kept for each strategy. */
const maxPoints = 160;

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
): Promise<Frontier> {
  const { context, floor, baselines, problem } = pools;
  const keepAllMs = new PlanningContext({ ...problem, pins: [] }).evaluate(new Int32Array(0)).stepTimeMs;
  const modules = await withOffloads(pools, 'module-checkpoint', job);
  job.progress(0.25);
  const operators = await withOffloads(pools, 'selective', job);
  job.progress(0.6);
  const schedules = await withOffloads(pools, 'schedule', job);
  job.progress(0.95);
  const drawn = [...baselines, ...(await planDearBaselines(context, job)), ...otherRules];
  const rules = drawn.map(({ plan }): Candidate => {
    const { recomputations, offloads, fetches, waits } = plan.directives;
    return { ...plan, recomputations, paging: { offloads, fetches, waits } };
  });
  // What a rule that swaps has found is a plan too; the pools are this frontier's own then.
  for (const [i, { baseline }] of drawn.entries()) {
    if (baseline.family !== 'offload') continue;
    if (isFor(baseline, 'module-checkpoint')) modules.add(rules[i]);
    if (isFor(baseline, 'selective')) operators.add(rules[i]);
    schedules.add(rules[i]);
  }
  const plansOf = (pool: ParetoPlans): Candidate[] => pool.thinned(maxPoints);
  const everyPlan = [...[modules, operators, schedules].flatMap(plansOf), ...rules];
  const leastAdded = provenAt(
    context,
    everyPlan.map((plan) => plan.peakBytes),
  );
  const pointOf = (plan: Candidate): FrontierPoint =>
    frontierPoint(context, plan, keepAllMs, leastAdded.get(plan.peakBytes) ?? 0);
  job.progress(1);
  return {
    strategies: {
      'module-checkpoint': plansOf(modules).map(pointOf),
      selective: plansOf(operators).map(pointOf),
      schedule: plansOf(schedules).map(pointOf),
    },
    baselines: drawn.map(({ baseline }, i): BaselinePoint => ({
      ...pointOf(rules[i]),
      name: baseline.name,
      strategy: baseline.strategies[0],
      family: baseline.family,
      description: baseline.description,
    })),
    floorBytes: floor.bytes,
    floorNode: floor.node >= 0 ? problem.step.nodeName[floor.node] : '',
  };
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
    for (const plan of await offloadPlans(context, pool.all, budgetBytes, job, offloadBases)) both.add(plan);
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
