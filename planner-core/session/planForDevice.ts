import type { Job } from '../base/job';
import type { ParetoPlans } from '../planners/paretoPlans';
import type { BudgetPlan } from '../planners/planAtBudget';
import type { PlanPools } from '../planners/planPools';
import type { DeviceRoom } from './deviceRoom';
import type { Taken } from './taken';

/** A plan and the budget that it was made for. */
export interface DevicePlan extends Taken {
  readonly budgetBytes: number;
  readonly plan: BudgetPlan;
  /** By how much it is too big for the device; 0: it fits. */
  readonly overflowBytes: number;
}

/** One budget and what its plan would overflow the device by. */
interface Tried {
  readonly budgetBytes: number;
  readonly peakBytes: number;
  readonly overflowBytes: number;
}

/** Plans for all budgets, as they were collected before. */
export interface CollectedPlans {
  readonly pools: PlanPools;
  readonly plans: ParetoPlans;
}

/** Budgets tried: weighing a plan that is known is quick; where none of those fits, there is little hope. */
const mostTried = { known: 12, planned: 6, hopeless: 2 } as const;
/** Budgets closer than this share of the memory are the same to a person. */
const closeEnough = 1 / 256;

/**
 * The plan for the largest budget up to `highestBytes` whose plan fits the device with its allocator's blocks and its
 * context. Where the budgets tried have none, the plan of least overflow. What blocks add to requests follows no rule, so
 * a larger budget that fits in spite of that can be missed. `planAt` plans; `collected`: among these
 * the search begins. Throws 'cancelled' when the job is.
 */
export async function planForDevice(
  room: DeviceRoom,
  highestBytes: number,
  planAt: (budgetBytes: number) => Promise<BudgetPlan>,
  job: Job,
  collected?: CollectedPlans,
): Promise<DevicePlan> {
  const weighed = (budgetBytes: number, plan: BudgetPlan): DevicePlan => {
    const taken = room.taken(plan);
    return { ...taken, budgetBytes, plan, overflowBytes: room.overflowBytes(taken) };
  };
  const tryAt = async (budgetBytes: number): Promise<DevicePlan | undefined> => {
    await job.checkpoint();
    const plan = await planAt(budgetBytes);
    if (!plan.infeasible) return weighed(budgetBytes, plan);
    // The least plan found is none for this budget, but one for its own peak.
    const least = plan.peakBytes <= highestBytes ? weighed(plan.peakBytes, plan) : undefined;
    if (!least || least.overflowBytes > 0) return undefined;
    const again = await planAt(plan.peakBytes);
    return again.infeasible ? undefined : weighed(plan.peakBytes, again);
  };
  const grainBytes = closeEnough * room.memoryBytes;
  const known = collected && (await amongKnown(room, highestBytes, collected, job));
  const first = await tryAt(known?.budgetBytes ?? highestBytes);
  // Nothing meets even the highest budget: the plan says why.
  if (!first) return weighed(highestBytes, await planAt(highestBytes));
  const most = known && known.overflowBytes > 0 ? mostTried.hopeless : mostTried.planned;
  return first.overflowBytes > 0 ? largestWithin(first, tryAt, most, grainBytes) : first;
}

/** The known plan to begin with: the one for the largest budget under which it fits, else the one of least overflow. */
async function amongKnown(
  room: DeviceRoom,
  highestBytes: number,
  { pools, plans }: CollectedPlans,
  job: Job,
): Promise<Tried | undefined> {
  const tryAt = async (budgetBytes: number): Promise<Tried | undefined> => {
    await job.checkpoint();
    const plan = plans.under(budgetBytes);
    if (!plan) return undefined;
    const { peakBytes, recomputations, paging } = plan;
    const taken = room.taken({ peakBytes, directives: pools.context.directives(recomputations, paging) });
    return { budgetBytes, peakBytes, overflowBytes: room.overflowBytes(taken) };
  };
  const first = await tryAt(highestBytes);
  if (!first || first.overflowBytes === 0) return first;
  return largestWithin(first, tryAt, mostTried.known, closeEnough * room.memoryBytes);
}

/**
 * Lowers the budget by what overflows until nothing does, then goes back up between the last two; `tryAt` gives nothing
 * where a budget is too low for any plan. Where nothing fits, what overflows least.
 */
async function largestWithin<T extends Tried>(
  first: T,
  tryAt: (budgetBytes: number) => Promise<T | undefined>,
  most: number,
  grainBytes: number,
): Promise<T> {
  let last = first;
  let best = first;
  let tooLow = 0;
  let tooHigh = first.budgetBytes;
  for (let count = 0; count < most; count++) {
    const isFound = best.overflowBytes === 0;
    const low = isFound ? best.budgetBytes : tooLow;
    if (tooHigh - low <= grainBytes) break;
    const lowered = Math.min(tooHigh, last.peakBytes) - last.overflowBytes;
    const middle = Math.round((low + tooHigh) / 2);
    const next = isFound || lowered <= tooLow ? middle : lowered;
    const tried = await tryAt(next);
    if (!tried) tooLow = next;
    else if (tried.overflowBytes > 0) [last, tooHigh] = [tried, next];
    if (!tried && isFound) tooHigh = next;
    if (tried && isBetter(tried, best)) best = tried;
  }
  return best;
}

/** What overflows less; of what fits, what a larger budget has. */
const isBetter = (a: Tried, b: Tried): boolean =>
  a.overflowBytes < b.overflowBytes || (a.overflowBytes === b.overflowBytes && a.budgetBytes > b.budgetBytes);
