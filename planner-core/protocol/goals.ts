import type { ErrorValue } from '../base/errors';
import type { PlanInputs } from '../plan/planInputs';
import type { FitOptions, GoalQuestion, LargestSize, LeastBudget } from '../session/goals/goal';

/** What a person asks to fit: the goals are asked of the document's inputs one after the other. */
export type GoalsQuestion = Omit<GoalQuestion, 'goal' | 'inputs'>;

/** The answers that are there so far. */
export interface GoalsState {
  /** Rises with every question. */
  readonly run: number;
  readonly question: GoalsQuestion;
  /** What the answers are about: their edits lead from these inputs, and from no others. */
  readonly inputs: PlanInputs;
  readonly leastBudget?: LeastBudget;
  readonly largestSize?: LargestSize;
  readonly options?: FitOptions;
  /** 0..1; absent once all is answered, or it was cancelled. */
  readonly progress?: number;
  /** The last goal that could not be answered. */
  readonly error?: ErrorValue;
}
