import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { GoalsQuestion, GoalsState } from '../../planner-core/protocol/goals';
import type { AllocatorSettings } from '../../planner-core/session/allocatorSettings';
import type { GoalAnswer, GoalQuestion } from '../../planner-core/session/goals/goal';
import type { PlannerHost } from '../planner/plannerHost';
import { Asking } from './asking';

/** In the order they are answered: the fastest first. */
const goals: readonly GoalQuestion['goal'][] = ['least-budget', 'largest-size', 'options'];

/** Asks the planner what fits. Answers arrive through `publish` as they are found. */
export class GoalAsker extends Asking<GoalsState> {
  constructor(
    private readonly planner: Pick<PlannerHost, 'newJob' | 'answer' | 'cancel'>,
    publish: (goals: GoalsState) => void,
    /** How the memory of CUDA devices is accounted for. */
    private readonly allocator?: AllocatorSettings,
  ) {
    super(planner, publish);
  }

  /** Resolves once everything is answered, or the question has been given up. */
  async ask(question: GoalsQuestion, inputs: PlanInputs): Promise<void> {
    await this.cancel();
    this.change({ run: this.nextRun, question, inputs, progress: 0 });
    for (const [i, goal] of goals.entries()) {
      const job = this.planner.newJob();
      this.job = job;
      const onProgress = (fraction: number): void => {
        if (this.job === job) this.update({ progress: (i + fraction) / goals.length });
      };
      const asked = { goal, inputs, ...question };
      const result = await this.planner.answer(asked, job, onProgress, this.allocator);
      if (this.job !== job) return;
      if (result.ok) this.update({ ...partOf(result.value), progress: (i + 1) / goals.length });
      else if (result.error.code === 'cancelled') break;
      else this.update({ error: result.error });
    }
    this.job = undefined;
    this.update({ progress: undefined });
  }
}

function partOf(answer: GoalAnswer): Partial<GoalsState> {
  switch (answer.goal) {
    case 'least-budget':
      return { leastBudget: answer };
    case 'largest-size':
      return { largestSize: answer };
    case 'options':
      return { options: answer };
  }
}
