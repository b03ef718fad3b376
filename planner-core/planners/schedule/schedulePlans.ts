import type { Job } from '../../base/job';
import { provenFloor, type PlanningContext } from '../context';
import { dropNeedlessRepeats } from './dropNeedlessRepeats';
import { insertionGreedy } from './insertionGreedy';
import { InsertionState } from './insertionState';
import { evictionRules, onDemandRecomputations } from './onDemand';
import { ParetoPlans, type Candidate } from '../paretoPlans';
import { quickPlans } from './quickPlans';
import { descendGradually } from './descendGradually';
import { reduceExcess } from './reduceExcess';

/** Names shown to people. */
const insertionPlannerName = 'insertion greedy';
const onDemandPlannerName = 'on demand';
const gradualPlannerName = 'gradual descent';

/** How a search is watched and stopped from outside. */
export interface PlanSearch {
  /** Asked often; ends the search when true, with what was found by then. */
  isOver?(): boolean;
  /** Hears of every plan. */
  found?(plan: Candidate): void;
}

/** Ends a search; never leaves this file. */
class SearchOver extends Error {}

/** Of the budgets of a frontier, how many the one-budget planners are run for. */
const singleRuns = 8;

/**
 * In a step of more computations than this, a descent from keeping everything ends once it has found nothing faster than
 * what is known for so many budgets in a row: each costs time in proportion to the square of the step.
 */
const smallStep = 500;
const patience = 4;

/** How long a stalled descent to a single budget is mended before other ways are tried: rounds, and those in vain. */
const mostMends = 200;
const mostMendsInVain = 40;

/** A plan this many times slower than a known one will not become faster by dropping repeats. */
const hopeless = 1.3;

/**
 * Collects plans that may repeat any computation, for budgets (descending). The insertion greedy goes down through all
 * of them while it finds what is not known; at some, it also starts afresh and from the fastest plan known, and the step
 * is run on demand, which does better at low budgets. Where the greedy stalls it continues from a plan found otherwise;
 * for a single budget, gradually. `seeds` are plans of other strategies. One device only: with several, or with
 * offloading, the seeds are all there is.
 */
export async function collectSchedulePlans(
  context: PlanningContext,
  budgets: readonly number[],
  seeds: ParetoPlans,
  job: Job,
  search: PlanSearch = {},
): Promise<ParetoPlans> {
  const pool = new ParetoPlans();
  for (const plan of seeds.all) pool.add(plan);
  if (!context.isSingleDevice) return pool;
  const quick: Candidate[] = [];
  const limited: Job = {
    progress: (fraction) => job.progress(fraction),
    checkpoint: async () => {
      await job.checkpoint();
      if (search.isOver?.()) throw new SearchOver();
    },
  };
  try {
    if (budgets.length === 1)
      for await (const plan of quickPlans(context, budgets[0], limited)) {
        quick.push(plan);
        search.found?.(plan);
      }
    await collect(context, budgets, pool, limited, search);
  } catch (thrown) {
    if (!(thrown instanceof SearchOver)) throw thrown;
  }
  // Only now: a plan that is known keeps the others from looking everywhere.
  for (const plan of quick) pool.add(plan);
  return pool;
}

async function collect(
  context: PlanningContext,
  budgets: readonly number[],
  pool: ParetoPlans,
  job: Job,
  search: PlanSearch,
): Promise<void> {
  const { step, fixed } = context;
  const pinned = context.pinnedRecomputations;
  const add = (state: InsertionState, planner: string): void => {
    const plan: Candidate = {
      peakBytes: state.peakBytes,
      stepTimeMs: state.stepTimeMs,
      planner,
      recomputations: state.recomputations(),
    };
    // A repeat at another place than the pin asks for may have been taken out as needless.
    if (!repeatsAll(plan.recomputations, pinned)) return;
    pool.add(plan);
    search.found?.(plan);
  };
  /** A search that ends early leaves a plan, if not the best it would have come to. */
  const orWhatIsThere = async <T>(state: InsertionState, planner: string, search: Promise<T>): Promise<T> => {
    try {
      return await search;
    } catch (thrown) {
      if (thrown instanceof SearchOver) add(state, planner);
      throw thrown;
    }
  };
  const descend = (
    state: InsertionState,
    targets: readonly number[],
    goesOn = (_budget: number): boolean => true,
  ): Promise<number | undefined> =>
    orWhatIsThere(
      state,
      insertionPlannerName,
      insertionGreedy(state, fixed, targets, job, (_, budget) => {
        const isWorthIt = goesOn(budget);
        add(state, insertionPlannerName);
        return isWorthIt;
      }),
    );

  const keepAllMs = context.evaluate(new Int32Array(0)).stepTimeMs;
  const leastKnownBytes = pool.least?.peakBytes ?? Infinity;
  let inVain = 0;
  const isInVain = (): boolean => step.nodeCount > smallStep && inVain >= patience;
  const afresh = new InsertionState(step, pinned, pinned);
  const stalledAt = await descend(afresh, budgets, (budget) => {
    const known = pool.under(budget);
    inVain = known && known.stepTimeMs <= afresh.stepTimeMs ? inVain + 1 : 0;
    return !isInVain();
  });
  if (budgets.length === 1 && stalledAt !== undefined) {
    let rounds = 0;
    const limit = { idleRounds: mostMendsInVain, isOver: () => ++rounds > mostMends };
    const mend = async (): Promise<void> => {
      if (!(await reduceExcess(afresh, fixed, stalledAt, limit, job))) return;
      await dropNeedlessRepeats(afresh, stalledAt, job);
      add(afresh, insertionPlannerName);
    };
    await orWhatIsThere(afresh, insertionPlannerName, mend());
  }
  const stride = Math.max(1, Math.floor(budgets.length / singleRuns));
  for (let i = stride - 1; i < budgets.length; i += stride) {
    const budget = budgets[i];
    // From a plan for this budget down to the next that is treated so.
    const below = budgets.slice(i + 1, i + stride);
    const fastest = pool.under(budget);
    if (budgets.length > 1 && fastest)
      await descend(new InsertionState(step, fastest.recomputations, pinned), [budget, ...below]);
    for (const rule of evictionRules) {
      await job.checkpoint();
      const known = pool.under(budget);
      // Hardly ever the fastest, but it may find room where the others find none.
      if (known && rule === 'latest-use') continue;
      const mostAddedMs = known && hopeless * known.stepTimeMs - keepAllMs;
      const start = { fixed, start: pinned, pinned: context.pinnedRecompute, mostAddedMs };
      const recomputations = await onDemandRecomputations(step, start, budget, rule, job);
      if (!recomputations) continue;
      const state = new InsertionState(step, recomputations, pinned);
      await orWhatIsThere(state, onDemandPlannerName, dropNeedlessRepeats(state, budget, job));
      add(state, onDemandPlannerName);
      await descend(state, below);
    }
    const isReached = stalledAt === undefined || budget > stalledAt;
    const isUnknown = isInVain() && budget < leastKnownBytes;
    if (budgets.length > 1 && (isReached || isUnknown)) {
      await descend(new InsertionState(step, pinned, pinned), [budget, ...below]);
    }
  }
  if (budgets.length === 1 && !pool.under(budgets[0])) {
    if (provenFloor(context).bytes > budgets[0]) return;
    const plan = await descendGradually(context, budgets[0], job);
    if (plan) add(new InsertionState(step, plan, pinned), gradualPlannerName);
  } else if (stalledAt !== undefined) {
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
}

/** Do all nodes run again that [before, node] pairs ask for? */
function repeatsAll(recomputations: Int32Array, pairs: Int32Array): boolean {
  if (pairs.length === 0) return true;
  const again = new Set(recomputations.filter((_, i) => i % 2 === 1));
  return pairs.every((node, i) => i % 2 === 0 || again.has(node));
}
