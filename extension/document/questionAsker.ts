import type { Result } from '../../planner-core/base/result';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { Asked } from '../../planner-core/protocol/machineQuestions';
import type { PlannerHost } from '../planner/plannerHost';
import { Asking } from './asking';

/** Has the planner work on a question; `job` cancels it. */
export type Answering<Question, Answer> = (
  question: Question,
  inputs: PlanInputs,
  job: number,
  onProgress: (fraction: number) => void,
) => Promise<Result<Answer>>;

/** Asks questions that have one answer. */
export class QuestionAsker<Question, Answer> extends Asking<Asked<Question, Answer>> {
  constructor(
    private readonly planner: Pick<PlannerHost, 'newJob' | 'cancel'>,
    private readonly answering: Answering<Question, Answer>,
    publish: (asked: Asked<Question, Answer>) => void,
  ) {
    super(planner, publish);
  }

  /** Shows the question without asking it: something has to be filled in first. An answer to an earlier one stays. */
  show(question: Question, inputs: PlanInputs): void {
    this.change({ ...(this.current ?? { inputs }), question, run: this.nextRun });
  }

  /** Resolves once it is answered, or has been given up. */
  async ask(question: Question, inputs: PlanInputs): Promise<void> {
    await this.cancel();
    const job = this.planner.newJob();
    this.job = job;
    this.change({ run: this.nextRun, question, inputs, progress: 0 });
    const result = await this.answering(question, inputs, job, (progress) => {
      if (this.job === job) this.update({ progress });
    });
    if (this.job !== job) return;
    this.job = undefined;
    if (result.ok) this.update({ answer: result.value, progress: undefined });
    else if (result.error.code === 'cancelled') this.update({ progress: undefined });
    else this.update({ error: result.error, progress: undefined });
  }
}
