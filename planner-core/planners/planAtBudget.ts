import { HeadroomError } from '../base/errors';
import { formatMemory } from '../base/format';
import type { Job } from '../base/job';
import type { Strategy } from '../plan/plan';
import { pinnedFloor, provenFloor, PlanningContext } from './context';
import { findPlanner } from './planners';
import type { KnownPlans, PlannedDirectives, Planner, PlanningProblem } from './problem';

/** The plan for a budget. */
export interface BudgetPlan extends PlannedDirectives {
  /** Set when the plan does not meet the budget: it is then the one with the least peak that was found. */
  readonly infeasible?: Infeasibility;
}

/** Why no plan fits. */
export interface Infeasibility {
  /** The least peak: proven when the budget is under the floor, else the least that was found. */
  readonly leastBytes: number;
  /** Operator at which memory is highest then. */
  readonly node: string;
  readonly message: string;
  /** Does nothing fit, whatever is tried? */
  readonly isProven: boolean;
}

/**
 * The fastest plan under a budget that the planners of a strategy find, or the named planner's; never worse than the
 * best of the plans `known` before. Throws 'bad-usage' for
 * an unknown planner and for NaN, 'unknown-module' and 'unknown-device' for pins that do not fit the model, 'cancelled' when the
 * job is.
 */
export async function planAtBudget(
  problem: PlanningProblem,
  budgetBytes: number,
  strategy: Strategy,
  plannerName: string | undefined,
  job: Job,
  known?: KnownPlans,
): Promise<BudgetPlan> {
  if (Number.isNaN(budgetBytes)) throw new HeadroomError('bad-usage', 'The budget is no number.');
  const planner = findPlanner(strategy, plannerName);
  const plan = await planner.plan(problem, budgetBytes, job, known);
  if (plan.peakBytes <= budgetBytes) return plan;
  const leanest =
    plannerName === undefined && !known?.areAll ? await leaner(problem, plan, planner, job) : plan;
  if (leanest.peakBytes <= budgetBytes) return leanest;
  return { ...leanest, infeasible: whyInfeasible(problem, leanest, budgetBytes) };
}

/**
 * The plan with the least peak that is found, when `plan` has missed its budget: descents end early under a budget that
 * they cannot meet, and get furthest when asked for the least that is proven.
 */
async function leaner(
  problem: PlanningProblem,
  plan: PlannedDirectives,
  planner: Planner,
  job: Job,
): Promise<PlannedDirectives> {
  const context = new PlanningContext(problem);
  const { bytes } = problem.pins.length > 0 ? pinnedFloor(context) : provenFloor(context);
  if (plan.peakBytes <= bytes) return plan;
  const other = await planner.plan(problem, bytes, job);
  return other.peakBytes < plan.peakBytes ? other : plan;
}

/**
 * Says what stands in the way of a budget, given the plan with the least peak that was `found`. `isProven`: there is a
 * proof from elsewhere that no plan fits. `isSought`: plans with less memory were looked for, although the budget is less
 * than what is proven.
 */
export function whyInfeasible(
  problem: PlanningProblem,
  found: Pick<PlannedDirectives, 'directives' | 'peakBytes'>,
  budgetBytes: number,
  { isProven = false, isSought = true } = {},
): Infeasibility {
  const context = new PlanningContext(problem);
  const floor = provenFloor(context);
  const nameOf = (node: number): string =>
    node >= 0 ? `operator ${problem.step.nodeName[node]}` : 'what is there before the step';
  if (budgetBytes < floor.bytes) {
    const [asked, least, lowest] = [budgetBytes, found.peakBytes, floor.bytes].map(formatMemory);
    // What was found comes first, because it is what can be had.
    const message =
      !isSought || found.peakBytes <= floor.bytes
        ? `No plan fits ${asked}: the least possible is ${lowest}, because of ${nameOf(floor.node)}.`
        : `No plan fits ${asked}: the least found needs ${least}, and none can need less than ${lowest}, ` +
          `because of ${nameOf(floor.node)}.`;
    return {
      leastBytes: floor.bytes,
      node: problem.step.nodeName[floor.node] ?? '',
      message,
      isProven: true,
    };
  }
  const pinned = problem.pins.length > 0 ? pinnedFloor(context) : floor;
  if (budgetBytes < pinned.bytes) {
    const [asked, least, lowest] = [budgetBytes, found.peakBytes, pinned.bytes].map(formatMemory);
    const message =
      found.peakBytes <= pinned.bytes
        ? `No plan with these pins fits ${asked}: the least possible is ${lowest}, because of ` +
          `${nameOf(pinned.node)}. Without pins no plan can go below ${formatMemory(floor.bytes)}.`
        : `No plan with these pins fits ${asked}: the least found needs ${least}, and none can need less than ` +
          `${lowest}, because of ${nameOf(pinned.node)}. Without pins no plan can go below ` +
          `${formatMemory(floor.bytes)}.`;
    return {
      leastBytes: pinned.bytes,
      node: problem.step.nodeName[pinned.node] ?? '',
      message,
      isProven: true,
    };
  }
  const { peakPosition, nodes } = context.evaluate(found.directives.recomputations);
  const peakNode = peakPosition >= 0 ? nodes[peakPosition] : -1;
  const message = isProven
    ? `No plan fits ${formatMemory(budgetBytes)}: proven. The least found needs ` +
      `${formatMemory(found.peakBytes)}, because of ${nameOf(peakNode)}.`
    : `No plan found under ${formatMemory(budgetBytes)}: the least this strategy reaches is ` +
      `${formatMemory(found.peakBytes)}, because of ${nameOf(peakNode)}. ` +
      `No plan at all can go below ${formatMemory(floor.bytes)}.`;
  return { leastBytes: found.peakBytes, node: problem.step.nodeName[peakNode] ?? '', message, isProven };
}
