import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { PlannerHost } from '../planner/plannerHost';
import { isDeepEqual } from './deepEqual';

/** What every question to the planner has, whatever comes of it. */
interface AskedState {
  /** Rises with every question. */
  readonly run: number;
  readonly inputs: PlanInputs;
  /** 0..1; absent once it is answered, or was cancelled. */
  readonly progress?: number;
}

/** One question to the planner at a time: a newer one and other inputs end the one before, whose answers so far stay. */
export abstract class Asking<State extends AskedState> {
  protected current?: State;
  /** Of the planner, which works on the question. */
  protected job?: number;

  constructor(
    private readonly host: Pick<PlannerHost, 'cancel'>,
    private readonly publish: (state: State) => void,
  ) {}

  /** Ends the work on the question; what is answered stays. */
  async cancel(): Promise<void> {
    const { job } = this;
    if (job === undefined) return;
    this.job = undefined;
    this.update({ progress: undefined } as Partial<State>);
    await this.host.cancel(job);
  }

  /** Call when the inputs have changed: an answer about others is not worth waiting for. */
  inputsChanged(inputs: PlanInputs): void {
    if (this.job !== undefined && !isDeepEqual(this.current?.inputs, inputs)) void this.cancel();
  }

  protected get nextRun(): number {
    return (this.current?.run ?? 0) + 1;
  }

  protected update(parts: Partial<State>): void {
    if (this.current) this.change({ ...this.current, ...parts });
  }

  protected change(state: State): void {
    this.current = state;
    this.publish(state);
  }
}
