import type { Job } from '../../base/job';
import type { PlanningContext } from '../context';
import { dropNeedlessRepeats } from './dropNeedlessRepeats';
import { insertionGreedy } from './insertionGreedy';
import { InsertionState } from './insertionState';
import { evictionRules, onDemandRecomputations } from './onDemand';
import { reduceExcess } from './reduceExcess';
import { ruinAndRecreate } from './ruinAndRecreate';

/** Share of the keep-everything peak from one budget to the next. */
const stepDown = 0.02;

/** Patience at each budget: rounds without improvement, when there is a plan and when there is none yet. */
const idleRounds = 10;
const idleRoundsOver = 100;

const never = (): boolean => false;

/**
 * Goes down to a budget that the greedy cannot meet at once, in small steps: the plan for each budget starts from an
 * improved one for the budget before, so that repeats which only made sense together are found one after the other.
 * Returns the plan's [before, node] pairs; undefined where it gets no further.
 */
export async function descendGradually(
  context: PlanningContext,
  budgetBytes: number,
  job: Job,
): Promise<Int32Array | undefined> {
  const { step, fixed, pinnedRecomputations: pinned } = context;
  let plan = pinned;
  const startBytes = context.evaluate(plan).peakBytes;
  const count = Math.max(1, Math.ceil((startBytes - budgetBytes) / (stepDown * startBytes)));
  for (let i = 1; i <= count; i++) {
    const budget = startBytes - ((startBytes - budgetBytes) * i) / count;
    const state = new InsertionState(step, plan, pinned);
    const stalledAt = await insertionGreedy(state, fixed, [budget], job, () => undefined);
    const limit = { idleRounds: idleRoundsOver, isOver: never };
    if (stalledAt === undefined || (await reduceExcess(state, fixed, budget, limit, job))) {
      await dropNeedlessRepeats(state, budget, job);
      const patience = { idleRounds, isOver: never };
      plan = i < count ? await ruinAndRecreate(state, fixed, budget, patience, job) : state.recomputations();
      continue;
    }
    const repaired =
      (await repairOnDemand(context, state.recomputations(), budget, job)) ??
      (await repairOnDemand(context, plan, budget, job));
    if (!repaired) return undefined;
    plan = repaired;
  }
  return plan;
}

/** The fastest of what running a plan on demand gives; undefined when no rule finds a way. */
async function repairOnDemand(
  context: PlanningContext,
  start: Int32Array,
  budgetBytes: number,
  job: Job,
): Promise<Int32Array | undefined> {
  const { step, fixed, pinnedRecompute, pinnedRecomputations } = context;
  let best: InsertionState | undefined;
  for (const rule of evictionRules) {
    const plan = { fixed, start, pinned: pinnedRecompute };
    const found = await onDemandRecomputations(step, plan, budgetBytes, rule, job);
    if (!found) continue;
    const state = new InsertionState(step, found, pinnedRecomputations);
    await dropNeedlessRepeats(state, budgetBytes, job);
    if (!best || state.stepTimeMs < best.stepTimeMs) best = state;
  }
  return best?.recomputations();
}
