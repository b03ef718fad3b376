import type { Job } from '../../base/job';
import type { PlanInputs } from '../../plan/planInputs';
import type { FreeDimension } from '../../step/dimensions';
import type { AllocatorSettings } from '../allocatorSettings';
import type { StepState } from '../stepState';
import { fitOptions } from './fitOptions';
import type { GoalAnswer, GoalQuestion } from './goal';
import { largestSize } from './largestSize';
import { leastBudget } from './leastBudget';
import { PlanningQuestion } from './planningQuestion';

/** The answer of a kind of question. */
export type AnswerOf<Q extends GoalQuestion> = Extract<GoalAnswer, { readonly goal: Q['goal'] }>;

/** Answers a question about a model with these dimensions. Same question, same answer. */
export function answerGoal<Q extends GoalQuestion>(
  question: Q,
  dims: readonly FreeDimension[],
  build: (inputs: PlanInputs) => StepState,
  allocator: AllocatorSettings,
  job: Job,
): Promise<AnswerOf<Q>> {
  const planning = new PlanningQuestion(question, dims, build, allocator);
  const answers = { 'least-budget': leastBudget, 'largest-size': largestSize, options: fitOptions } as const;
  return answers[question.goal](planning, job) as Promise<AnswerOf<Q>>;
}
