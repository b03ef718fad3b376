import { l10n } from 'vscode';
import type { ErrorValue } from '../../planner-core/base/errors';
import { toResult, type Result } from '../../planner-core/base/result';
import type { PlannerService } from '../../planner-core/protocol/plannerService';
import type { PlannerWorker, StartWorker } from './plannerWorker';

type Failure = { readonly ok: false; readonly error: ErrorValue };
type Fail = (failure: Failure) => void;

/** How long a worker may take to react to a cancellation before it is terminated. */
export const cancelGraceMs = 2000;

/** One worker whose every call settles: with its result, or with an error value when the worker dies first. */
export class SupervisedWorker {
  private readonly worker: PlannerWorker;
  private readonly pending = new Set<Fail>();
  private readonly jobs = new Map<number, { fail: Fail; settled: Promise<unknown> }>();
  private death?: Failure;

  constructor(
    start: StartWorker,
    private readonly onDeath: (reason: string) => void,
  ) {
    this.worker = start();
    this.worker.onDeath((reason) => this.end(reason));
  }

  get alive(): boolean {
    return !this.death;
  }

  /** Never rejects. A call with a `job` can be cancelled by that number until it settles. */
  call<T>(invoke: (service: PlannerService) => Promise<Result<T>>, job?: number): Promise<Result<T>> {
    if (this.death) return Promise.resolve(this.death);
    let fail: Fail = () => undefined;
    const result = new Promise<Result<T>>((resolve) => {
      fail = resolve;
      void toResult(() => invoke(this.worker.service)).then((outer) =>
        resolve(outer.ok ? outer.value : outer),
      );
    }).finally(() => {
      this.pending.delete(fail);
      if (job !== undefined) this.jobs.delete(job);
    });
    this.pending.add(fail);
    if (job !== undefined) this.jobs.set(job, { fail, settled: result });
    return result;
  }

  /** Resolves once the job has settled, which it does within the grace period: a deaf worker is terminated. */
  async cancel(job: number): Promise<void> {
    const running = this.jobs.get(job);
    if (!running) return;
    void this.call(async (service) => ({ ok: true, value: await service.cancel(job) }));
    const timer = setTimeout(() => {
      running.fail(cancelled);
      this.terminate(l10n.t('it did not react to a cancellation'));
    }, cancelGraceMs);
    await running.settled;
    clearTimeout(timer);
  }

  /** Stops the worker now; every pending call fails with 'worker-died'. */
  terminate(reason: string): void {
    this.end(reason);
    this.worker.terminate();
  }

  private end(reason: string): void {
    if (this.death) return;
    this.death = { ok: false, error: workerDied(reason) };
    for (const fail of [...this.pending]) fail(this.death);
    this.onDeath(reason);
  }
}

/** What a cancelled job results in. */
export const cancelled: Failure = {
  ok: false,
  error: { code: 'cancelled', message: l10n.t('The computation was cancelled.') },
};

function workerDied(reason: string): ErrorValue {
  return {
    code: 'worker-died',
    message: l10n.t('The planner stopped: {0}.', reason),
    hint: l10n.t('The next change starts it again. If this repeats, the log says more.'),
  };
}
