import type { Job } from '../../base/job';
import type { Decision, Strategy } from '../../plan/plan';
import { withPins } from '../context';
import { planAtBudget, type BudgetPlan } from '../planAtBudget';
import type { PlanningProblem } from '../problem';
import type { PlacedStep } from './placeStep';

/** Recomputation under a placement, for the memory of the first device. The placement stays as it is. */
export async function planPlaced(
  problem: PlanningProblem,
  placed: PlacedStep,
  budgetBytes: number,
  strategy: Strategy,
  planner: string | undefined,
  job: Job,
): Promise<BudgetPlan> {
  const keyOf = ({ kind, target }: Decision): string => `${kind} ${target}`;
  const pins = placed.decisions;
  const answer = await planAtBudget({ ...problem, pins }, budgetBytes, strategy, planner, job);
  const byHand = new Set(problem.pins.map(keyOf));
  // What was placed was no person's choice.
  const chosen = answer.decisions.map((decision) =>
    byHand.has(keyOf(decision)) ? decision : { ...decision, pinned: undefined },
  );
  return { ...answer, decisions: withPins(chosen, problem.pins) };
}
