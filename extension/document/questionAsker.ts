import type { Result } from '../../planner-core/base/result';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { Asked } from '../../planner-core/protocol/machineQuestions';
import type { PlannerHost } from '../planner/plannerHost';
import { isDeepEqual } from './deepEqual';

/** Has the planner work on a question; `job` cancels it. */
export type Answering<Question, Answer> = (
  question: Question,
  inputs: PlanInputs,
  job: number,
  onProgress: (fraction: number) => void,
) => Promise<Result<Answer>>;

/** One question to the planner at a time: a newer one and other inputs end the one before. */
export class QuestionAsker<Question, Answer> {
  private current?: Asked<Question, Answer>;
  private job?: number;

  constructor(
    private readonly planner: Pick<PlannerHost, 'newJob' | 'cancel'>,
    private readonly answering: Answering<Question, Answer>,
    private readonly publish: (asked: Asked<Question, Answer>) => void,
  ) {}

  /** Resolves once it is answered, or has been given up. */
  async ask(question: Question, inputs: PlanInputs): Promise<void> {
    await this.cancel();
    const job = this.planner.newJob();
    this.job = job;
    this.change({ run: (this.current?.run ?? 0) + 1, question, inputs, progress: 0 });
    const result = await this.answering(question, inputs, job, (progress) => {
      if (this.job === job) this.update({ progress });
    });
    if (this.job !== job) return;
    this.job = undefined;
    if (result.ok) this.update({ answer: result.value, progress: undefined });
    else if (result.error.code === 'cancelled') this.update({ progress: undefined });
    else this.update({ error: result.error, progress: undefined });
  }

  /** Ends the work on the question. */
  async cancel(): Promise<void> {
    const { job } = this;
    if (job === undefined) return;
    this.job = undefined;
    this.update({ progress: undefined });
    await this.planner.cancel(job);
  }

  /** Call when the inputs have changed: an answer about others is not worth waiting for. */
  inputsChanged(inputs: PlanInputs): void {
    if (this.job !== undefined && !isDeepEqual(this.current?.inputs, inputs)) void this.cancel();
  }

  private update(parts: Partial<Asked<Question, Answer>>): void {
    if (this.current) this.change({ ...this.current, ...parts });
  }

  private change(asked: Asked<Question, Answer>): void {
    this.current = asked;
    this.publish(asked);
  }
}
