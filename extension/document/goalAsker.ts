import { isDeepEqual } from './deepEqual';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { GoalsQuestion, GoalsState } from '../../planner-core/protocol/goals';
import type { AllocatorSettings } from '../../planner-core/session/allocatorSettings';
import type { GoalAnswer, GoalQuestion } from '../../planner-core/session/goals/goal';
import type { PlannerHost } from '../planner/plannerHost';

/** In the order they are answered: the fastest first. */
const goals: readonly GoalQuestion['goal'][] = ['least-budget', 'largest-size', 'options'];

/**
 * Asks the planner what fits, one question at a time. Answers arrive through `publish` as they are found; a newer
 * question and other inputs end the one before, whose answers so far stay.
 */
export class GoalAsker {
  private current?: GoalsState;
  private job?: number;

  constructor(
    private readonly planner: Pick<PlannerHost, 'newJob' | 'answer' | 'cancel'>,
    private readonly publish: (goals: GoalsState) => void,
    /** How the memory of CUDA devices is accounted for. */
    private readonly allocator?: AllocatorSettings,
  ) {}

  /** Resolves once everything is answered, or the question has been given up. */
  async ask(question: GoalsQuestion, inputs: PlanInputs): Promise<void> {
    await this.cancel();
    const run = (this.current?.run ?? 0) + 1;
    this.change({ run, question, inputs, progress: 0 });
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

  /** Ends what is being asked; what is answered stays. */
  async cancel(): Promise<void> {
    const { job } = this;
    if (job === undefined) return;
    this.job = undefined;
    this.update({ progress: undefined });
    await this.planner.cancel(job);
  }

  /** Call when the inputs have changed: answers about others are not worth waiting for. */
  inputsChanged(inputs: PlanInputs): void {
    if (this.job !== undefined && !isDeepEqual(this.current?.inputs, inputs)) void this.cancel();
  }

  private update(parts: Partial<GoalsState>): void {
    if (this.current) this.change({ ...this.current, ...parts });
  }

  private change(goals: GoalsState): void {
    this.current = goals;
    this.publish(goals);
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
