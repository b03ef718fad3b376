import { l10n } from 'vscode';
import { toErrorValue } from '../../planner-core/base/errors';
import { toResult, type Result } from '../../planner-core/base/result';
import { copyingTargets, type Export, type ExportTarget } from '../../planner-core/exporters/targets';
import type { Calibration } from '../../planner-core/devices/calibration';
import type { MeasuredStep } from '../../planner-core/measurements/measuredStep';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { Frontier } from '../../planner-core/planners/frontier';
import type { ModelSource, PlannerService, RefineSettings } from '../../planner-core/protocol/plannerService';
import type { AllocatorSettings } from '../../planner-core/session/allocatorSettings';
import type { GoalAnswer, GoalQuestion } from '../../planner-core/session/goals/goal';
import type { ScaleAnswer, ScaleQuestion } from '../../planner-core/session/machines/scaleModel';
import type { SplitAnswer, SplitQuestion } from '../../planner-core/session/machines/splitModel';
import type { PinPrice } from '../../planner-core/session/pinPrices';
import type { NamedText, SizesAnswer, SizesQuestion } from '../../planner-core/session/sizes/sizesModel';
import type { Refinement } from '../../planner-core/session/sessionPlans';
import type {
  ModelSummary,
  PlanOfStep,
  PlanView,
  Progress,
  StepView,
} from '../../planner-core/session/types';
import type { StartWorker } from './plannerWorker';
import { cancelled, SupervisedWorker } from './supervisedWorker';

/** Reads the model anew for each worker that needs it, so that no copy of its bytes is kept here. */
export type LoadModel = () => Promise<ModelSource>;

interface RunningWorker {
  readonly supervised: SupervisedWorker;
  /** Settles once the model is open in this worker; a failure is the answer to every call. */
  prepared: Promise<Result<unknown>>;
}

/**
 * The planner of one document. It starts a worker when one is needed; in a worker that replaces a dead one it reopens
 * the model and configures the last workload before anything else runs. No call rejects.
 */
export class PlannerHost {
  private worker?: RunningWorker;
  /** Jobs that have been asked for but have not reached the worker. */
  private readonly waiting = new Set<number>();
  private model?: LoadModel;
  private configured?: PlanInputs;
  private lastJob = 0;
  private isDisposed = false;

  constructor(
    private readonly start: StartWorker,
    private readonly onDeath: (reason: string) => void,
  ) {}

  /** A number no other job of this planner has. */
  newJob(): number {
    return ++this.lastJob;
  }

  /** A model that is not read when its job has been cancelled for a while costs the worker its life. */
  async open(load: LoadModel, job?: number): Promise<Result<ModelSummary>> {
    this.model = this.configured = undefined;
    const running = this.runningWorker();
    this.model = load;
    if (!running.ok) return running;
    const { supervised, prepared } = running.value;
    const opened = prepared.then(() => supervised.call((service) => openModel(service, load), job));
    running.value.prepared = opened;
    return opened;
  }

  /** Like `open`, a step that takes long ends with its worker when its job is cancelled. */
  async configure(inputs: PlanInputs, job?: number): Promise<Result<StepView>> {
    this.configured = undefined;
    const result = await this.call((service) => service.configure(inputs), job);
    if (result.ok) this.configured = inputs;
    return result;
  }

  frontier(
    inputs: PlanInputs,
    job: number,
    onProgress: (progress: Progress, soFar?: Frontier) => void,
  ): Promise<Result<Frontier>> {
    return this.call((service) => service.frontier(inputs, job, onProgress), job);
  }

  plan(inputs: PlanInputs, job: number, allocator?: AllocatorSettings): Promise<Result<PlanView>> {
    return this.call((service) => service.plan(inputs, job, allocator), job);
  }

  refine(
    inputs: PlanInputs,
    job: number,
    settings: RefineSettings,
    onProgress: (refinement: Refinement) => void,
  ): Promise<Result<Refinement>> {
    return this.call((service) => service.refine(inputs, job, settings, onProgress), job);
  }

  pinPrices(inputs: PlanInputs, job: number): Promise<Result<readonly PinPrice[]>> {
    return this.call((service) => service.pinPrices(inputs, job), job);
  }

  answer(
    question: GoalQuestion,
    job: number,
    onProgress: (fraction: number) => void,
    allocator?: AllocatorSettings,
  ): Promise<Result<GoalAnswer>> {
    return this.call((service) => service.answer(question, job, onProgress, allocator), job);
  }

  scale(
    question: ScaleQuestion,
    job: number,
    onProgress: (fraction: number) => void,
  ): Promise<Result<ScaleAnswer>> {
    return this.call((service) => service.scale(question, job, onProgress), job);
  }

  split(question: SplitQuestion, job: number): Promise<Result<SplitAnswer>> {
    return this.call((service) => service.split(question, job), job);
  }

  sizes(
    question: SizesQuestion,
    job: number,
    onProgress: (fraction: number) => void,
  ): Promise<Result<SizesAnswer>> {
    return this.call((service) => service.sizes(question, job, onProgress), job);
  }

  measure(inputs: PlanInputs, files: readonly ModelSource[], job: number): Promise<Result<MeasuredStep>> {
    return this.call((service) => service.measure(inputs, files, job), job);
  }

  sizeTable(inputs: PlanInputs, file: ModelSource, job: number): Promise<Result<NamedText>> {
    return this.call((service) => service.sizeTable(inputs, file, job), job);
  }

  calibrate(inputs: PlanInputs, files: readonly ModelSource[], job: number): Promise<Result<Calibration>> {
    return this.call((service) => service.calibrate(inputs, files, job), job);
  }

  readPlan(text: string): Promise<Result<{ inputs: PlanInputs; stale: boolean }>> {
    return this.call((service) => service.readPlan(text));
  }

  storedPlan(text: string): Promise<Result<PlanOfStep>> {
    return this.call((service) => service.storedPlan(text));
  }

  export(inputs: PlanInputs, target: ExportTarget, allocator?: AllocatorSettings): Promise<Result<Export>> {
    return this.call(async (service) => {
      const source = copyingTargets.has(target) ? await this.model?.() : undefined;
      return service.export(inputs, target, source, allocator);
    });
  }

  /** Resolves once the job no longer runs. */
  async cancel(job: number): Promise<void> {
    if (this.waiting.delete(job)) return;
    await this.worker?.supervised.cancel(job);
  }

  /** Ends the worker, and with it whatever it does; none is started any more. */
  dispose(): void {
    this.isDisposed = true;
    this.worker?.supervised.terminate(l10n.t('its editor was closed'));
  }

  private async call<T>(
    invoke: (service: PlannerService) => Promise<Result<T>>,
    job?: number,
  ): Promise<Result<T>> {
    const running = this.runningWorker();
    if (!running.ok) return running;
    const { supervised, prepared } = running.value;
    if (job !== undefined) this.waiting.add(job);
    const preparation = await prepared;
    if (job !== undefined && !this.waiting.delete(job)) return cancelled;
    return preparation.ok ? supervised.call(invoke, job) : preparation;
  }

  private runningWorker(): Result<RunningWorker> {
    if (this.worker?.supervised.alive) return { ok: true, value: this.worker };
    if (this.isDisposed) return cancelled;
    try {
      const supervised = new SupervisedWorker(this.start, this.onDeath);
      this.worker = { supervised, prepared: this.prepare(supervised) };
      return { ok: true, value: this.worker };
    } catch (thrown) {
      const message = l10n.t('The planner cannot start: {0}', toErrorValue(thrown).message);
      return { ok: false, error: { code: 'worker-died', message } };
    }
  }

  /** Brings a fresh worker to where the last one was. */
  private async prepare(supervised: SupervisedWorker): Promise<Result<unknown>> {
    const { model, configured } = this;
    if (!model) return { ok: true, value: undefined };
    const opened = await supervised.call((service) => openModel(service, model));
    if (!opened.ok || !configured) return opened;
    return supervised.call((service) => service.configure(configured));
  }
}

async function openModel(service: PlannerService, load: LoadModel): Promise<Result<ModelSummary>> {
  const source = await toResult(load);
  return source.ok ? service.open(source.value) : source;
}
