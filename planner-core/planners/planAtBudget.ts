import type { Job } from '../base/job';
import { HeadroomError } from '../base/errors';
import { formatMemory } from '../base/format';
import type { Strategy } from '../plan/plan';
import { baselineNames, baselinePlan } from './baselines';
import { provenFloor } from './computeFrontier';
import { PlanningContext } from './context';
import type { PlannedDirectives, Planner, PlanningProblem } from './problem';
import { selectionGreedy } from './selectionGreedy';

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
}

const baselinePlanner = (name: string): Planner => ({
  name,
  strategy: 'module-checkpoint',
  plan(problem) {
    const plan = baselinePlan(new PlanningContext(problem), name);
    return plan
      ? Promise.resolve(plan)
      : Promise.reject(new HeadroomError('bad-usage', `There is no planner "${name}".`));
  },
});

/** All planners, searching ones first. */
export const planners: readonly Planner[] = [
  selectionGreedy('module-checkpoint'),
  selectionGreedy('selective'),
  ...baselineNames.map(baselinePlanner),
];

/**
 * The fastest plan under a budget that the planners of a strategy find, or the named planner alone. Throws 'bad-usage'
 * for an unknown planner, 'cancelled' when the job is.
 */
export async function planAtBudget(
  problem: PlanningProblem,
  budgetBytes: number,
  strategy: Strategy,
  plannerName: string | undefined,
  job: Job,
): Promise<BudgetPlan> {
  const asked = planners.filter((planner) =>
    plannerName === undefined ? planner.strategy === strategy : planner.name === plannerName,
  );
  if (asked.length === 0 && plannerName !== undefined) {
    const names = planners.map((planner) => `"${planner.name}"`).join(', ');
    throw new HeadroomError('bad-usage', `There is no planner "${plannerName}".`, `Planners: ${names}.`);
  }
  let best: PlannedDirectives | undefined;
  for (const planner of asked.length > 0 ? asked : planners) {
    const plan = await planner.plan(problem, budgetBytes, job);
    if (!best || isBetter(plan, best, budgetBytes)) best = plan;
  }
  if (best!.peakBytes <= budgetBytes) return best!;
  return { ...best!, infeasible: whyInfeasible(problem, best!, budgetBytes) };
}

function isBetter(plan: PlannedDirectives, than: PlannedDirectives, budgetBytes: number): boolean {
  const fits = plan.peakBytes <= budgetBytes;
  const otherFits = than.peakBytes <= budgetBytes;
  if (fits !== otherFits) return fits;
  return fits ? plan.stepTimeMs < than.stepTimeMs : plan.peakBytes < than.peakBytes;
}

function whyInfeasible(
  problem: PlanningProblem,
  least: PlannedDirectives,
  budgetBytes: number,
): Infeasibility {
  const context = new PlanningContext(problem);
  const floor = provenFloor(context);
  const floorNode = floor.node >= 0 ? problem.step.nodeName[floor.node] : 'what is there before the step';
  if (budgetBytes < floor.bytes) {
    const message =
      `No plan fits ${formatMemory(budgetBytes)}: the least possible is ${formatMemory(floor.bytes)}, ` +
      `because of ${floorNode}.`;
    return { leastBytes: floor.bytes, node: floorNode, message };
  }
  const evaluation = context.evaluate(least.directives.recomputations);
  const at = evaluation.peakPosition;
  const node = at >= 0 ? problem.step.nodeName[evaluation.nodes[at]] : floorNode;
  const message =
    `No plan found under ${formatMemory(budgetBytes)}: the least this strategy reaches is ` +
    `${formatMemory(least.peakBytes)}, at ${node}. Nothing can go below ${formatMemory(floor.bytes)}.`;
  return { leastBytes: least.peakBytes, node, message };
}
