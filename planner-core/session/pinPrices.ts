import type { Job } from '../base/job';
import type { Decision, Strategy } from '../plan/plan';
import { pinnedFloor, PlanningContext } from '../planners/context';
import { ParetoPlans } from '../planners/paretoPlans';
import { planAtBudget } from '../planners/planAtBudget';
import type { PlannedDirectives, PlanningProblem } from '../planners/problem';

/** What one pin costs: the plan with all pins against the plan with all others. */
export interface PinPrice {
  readonly target: string;
  readonly kind: Decision['kind'];
  /**
   * Percentage points of overhead that planning without the pin would save; never below 0. undefined where there is
   * nothing to compare: no plan was found with all pins, or the pin was not priced because there are too many.
   */
  readonly overheadPercent?: number;
  /** No plan was found under the budget with all pins; without this one there is one. */
  readonly unlocksBudget: boolean;
  /** Budgets that are proven to be out of reach with all pins and are not without this one. */
  readonly unreachable?: { readonly fromBytes: number; readonly toBytes: number };
}

/** More are not priced one by one: each takes a plan of its own. */
const maxPriced = 64;

/** What the prices are for. */
export interface PinPriceRequest {
  readonly problem: PlanningProblem;
  /** Those of the problem's pins that are priced; absent: all. */
  readonly pins?: readonly Decision[];
  readonly budgetBytes: number;
  readonly strategy: Strategy;
  /** Time of keeping everything, which overheads refer to. */
  readonly keepAllMs: number;
  /**
   * Time of the best plan found under other pins, Infinity where none fits: for plans that do more than recompute. Absent:
   * plans that recompute.
   */
  readonly timeUnder?: (pins: readonly Decision[], job: Job) => Promise<number>;
  /** The plan under all pins. */
  readonly planned: Pick<PlannedDirectives, 'planner' | 'directives' | 'peakBytes' | 'stepTimeMs'>;
}

/**
 * The price of every pin, in the order of the pins: plans anew without each of them. A plan that is made under all pins
 * is a plan without one of them too, so no price is negative; and when planning without any pins is no faster, all
 * are 0 at once. Throws 'cancelled' when the job is.
 */
export async function pricesOfPins(request: PinPriceRequest, job: Job): Promise<PinPrice[]> {
  const { problem, budgetBytes, keepAllMs, planned, pins = problem.pins } = request;
  const fits = planned.peakBytes <= budgetBytes;
  const floorOf = (pinned: PlanningProblem): number => pinnedFloor(new PlanningContext(pinned)).bytes;
  const floorBytes = floorOf(problem);
  const timeWithout = async (without: readonly Decision[]): Promise<number> => {
    const rest = problem.pins.filter((pin) => !without.includes(pin));
    return request.timeUnder?.(rest, job) ?? leastTimeMs({ ...problem, pins: rest }, request, job);
  };

  const freest = pins.length > 0 ? await timeWithout(pins) : Infinity;
  const canGain = fits ? freest < planned.stepTimeMs : freest < Infinity;
  const prices: PinPrice[] = [];
  for (const [index, pin] of pins.entries()) {
    await job.checkpoint();
    job.progress(index / pins.length);
    const isPriced = index < maxPriced;
    const withoutMs =
      !canGain || !isPriced ? planned.stepTimeMs : pins.length === 1 ? freest : await timeWithout([pin]);
    const gainMs = Math.max(0, planned.stepTimeMs - withoutMs);
    const restFloor = floorOf({ ...problem, pins: problem.pins.filter((other) => other !== pin) });
    prices.push({
      target: pin.target,
      kind: pin.kind,
      overheadPercent:
        fits && (isPriced || !canGain) ? (keepAllMs > 0 ? (100 * gainMs) / keepAllMs : 0) : undefined,
      unlocksBudget: !fits && canGain && isPriced && withoutMs < Infinity,
      unreachable: restFloor < floorBytes ? { fromBytes: restFloor, toBytes: floorBytes } : undefined,
    });
  }
  job.progress(1);
  return prices;
}

/** The time of the best plan found for the budget; Infinity where none is. */
async function leastTimeMs(
  problem: PlanningProblem,
  { budgetBytes, strategy, planned }: PinPriceRequest,
  job: Job,
): Promise<number> {
  const context = new PlanningContext(problem);
  const { recomputations } = planned.directives;
  const { peakBytes, stepTimeMs } = context.evaluate(recomputations);
  const plans = new ParetoPlans();
  plans.add({ peakBytes, stepTimeMs, planner: planned.planner, recomputations });
  const known = { plans, areAll: false };
  const plan = await planAtBudget(problem, budgetBytes, strategy, undefined, job, known);
  return plan.peakBytes <= budgetBytes ? plan.stepTimeMs : Infinity;
}
