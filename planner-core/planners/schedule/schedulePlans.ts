import type { Job } from '../../base/job';
import type { PlanningContext } from '../context';
import { dropNeedlessRepeats } from './dropNeedlessRepeats';
import { insertionGreedy } from './insertionGreedy';
import { InsertionState } from './insertionState';
import { evictionRules, onDemandRecomputations } from './onDemand';
import { ParetoPlans } from '../paretoPlans';

/** Names shown to people. */
export const insertionPlannerName = 'insertion greedy';
export const onDemandPlannerName = 'on demand';

/** Of the budgets of a frontier, how many the one-budget planners are run for. */
const singleRuns = 8;

/** A plan this many times slower than a known one will not become faster by dropping repeats. */
const hopeless = 1.3;

/**
 * Collects plans that may repeat any computation, for budgets (descending). The insertion greedy goes down through all
 * of them; at some, it also starts afresh, and the step is run on demand, which does better at low budgets. Where the
 * greedy stalls it continues from a plan found otherwise. `seeds` are plans of other strategies. One device only: with
 * several, or with offloading, the seeds are all there is.
 */
export async function collectSchedulePlans(
  context: PlanningContext,
  budgets: readonly number[],
  seeds: ParetoPlans,
  job: Job,
): Promise<ParetoPlans> {
  const pool = new ParetoPlans();
  for (const plan of seeds.all) pool.add(plan);
  if (!context.isSingleDevice) return pool;
  const { step, fixed } = context;
  const pinned = context.pinnedRecomputations;
  const add = (state: InsertionState, planner: string): void =>
    pool.add({
      peakBytes: state.peakBytes,
      stepTimeMs: state.stepTimeMs,
      planner,
      recomputations: state.recomputations(),
    });
  const descend = (state: InsertionState, targets: readonly number[]): Promise<number | undefined> =>
    insertionGreedy(state, fixed, targets, job, () => add(state, insertionPlannerName));

  const stalledAt = await descend(new InsertionState(step, pinned, pinned), budgets);
  const stride = Math.max(1, Math.floor(budgets.length / singleRuns));
  for (let i = stride - 1; i < budgets.length; i += stride) {
    const budget = budgets[i];
    // From a plan for this budget down to the next that is treated so.
    const below = budgets.slice(i + 1, i + stride);
    for (const rule of evictionRules) {
      await job.checkpoint();
      const known = pool.under(budget);
      // Hardly ever the fastest, but it may find room where the others find none.
      if (known && rule === 'latest-use') continue;
      const recomputations = onDemandRecomputations(step, fixed, budget, rule);
      if (!recomputations || !repeatsAll(recomputations, context.pinnedRecompute)) continue;
      const state = new InsertionState(step, recomputations, pinned);
      if (known && state.stepTimeMs > hopeless * known.stepTimeMs) continue;
      dropNeedlessRepeats(state, budget);
      add(state, onDemandPlannerName);
      await descend(state, below);
    }
    if (budgets.length > 1 && (stalledAt === undefined || budget > stalledAt)) {
      await descend(new InsertionState(step, pinned, pinned), [budget, ...below]);
    }
  }
  if (stalledAt !== undefined) {
    const lower = budgets.filter((budget) => budget <= stalledAt);
    const start = pool.least;
    if (start && start.peakBytes > lower[lower.length - 1]) {
      const state = new InsertionState(step, start.recomputations, pinned);
      await descend(
        state,
        lower.filter((budget) => budget < start.peakBytes),
      );
    }
  }
  return pool;
}

/** Does every node with a flag run again? */
function repeatsAll(recomputations: Int32Array, flags: Uint8Array): boolean {
  const again = new Set<number>();
  for (let i = 1; i < recomputations.length; i += 2) again.add(recomputations[i]);
  return flags.every((flag, node) => !flag || again.has(node));
}
