import type { ByteSource } from '../bytes/byteSource';
import { MemoryByteSource } from '../bytes/byteSource';
import { HeadroomError } from '../base/errors';
import { ControlledJob, type Job } from '../base/job';
import { toResult, type Result } from '../base/result';
import type { Export, ExportTarget } from '../exporters/targets';
import type { Calibration } from '../devices/calibration';
import type { MeasuredStep } from '../measurements/measuredStep';
import { wholeFile, type MeasurementFile } from '../measurements/readMeasurements';
import type { PlanInputs } from '../plan/planInputs';
import type { Frontier } from '../planners/frontier';
import type { AllocatorSettings } from '../session/allocatorSettings';
import type { GoalAnswer, GoalQuestion } from '../session/goals/goal';
import type { ScaleAnswer, ScaleQuestion } from '../session/machines/scaleModel';
import type { SplitAnswer, SplitQuestion } from '../session/machines/splitModel';
import type { PinPrice } from '../session/pinPrices';
import type { NamedText, SizesAnswer, SizesQuestion } from '../session/sizes/sizesModel';
import { PlannerSession } from '../session/plannerSession';
import type { Refinement } from '../session/sessionPlans';
import type { ModelSummary, PlanOfStep, PlanView, Progress, StepView } from '../session/types';
import type { MilpEngine } from '../solvers/engine';
import type { ModelSource, PlannerService, RefineSettings } from './plannerService';

/** A source that must be closed when the model has been read. */
export interface OpenedFile extends ByteSource {
  close(): void;
}

/** The planner service of a worker: one session, errors as values, jobs that can be cancelled. */
export class PlannerServer implements PlannerService {
  private session: PlannerSession | undefined;
  private readonly jobs = new Map<number, ControlledJob>();

  /**
   * `openFile` opens a path; without it (web workers) only bytes can be opened. `newEngine` makes what solves integer
   * programs; without it only the bounds that take no search are proven.
   */
  constructor(
    private readonly openFile?: (path: string) => OpenedFile,
    private readonly newEngine?: () => MilpEngine,
  ) {}

  open(source: ModelSource): Promise<Result<ModelSummary>> {
    return toResult(() => {
      this.session = undefined;
      this.session = this.reading(source, PlannerSession.open);
      return this.session.summary;
    });
  }

  configure(inputs: PlanInputs): Promise<Result<StepView>> {
    return toResult(() => this.model().configure(inputs));
  }

  frontier(
    inputs: PlanInputs,
    job: number,
    onProgress: (progress: Progress, soFar?: Frontier) => void,
  ): Promise<Result<Frontier>> {
    let progress: Progress = { stage: 'frontier' };
    return this.controlled(
      job,
      (control) => this.model().frontier(inputs, control, undefined, (soFar) => onProgress(progress, soFar)),
      (fraction) => {
        progress = { stage: 'frontier', fraction };
        onProgress(progress);
      },
    );
  }

  plan(inputs: PlanInputs, job: number, allocator?: AllocatorSettings): Promise<Result<PlanView>> {
    return this.controlled(job, (control) => this.model().plan(inputs, { allocator }, control));
  }

  async refine(
    inputs: PlanInputs,
    job: number,
    settings: RefineSettings,
    onProgress: (refinement: Refinement) => void,
  ): Promise<Result<Refinement>> {
    // Each time a new one: what a solver has taken of memory it only gives back with its thread.
    const engine = this.newEngine?.();
    try {
      return await this.controlled(job, (control) =>
        this.model().refine(inputs, { ...settings, engine }, control, onProgress),
      );
    } finally {
      engine?.dispose();
    }
  }

  pinPrices(inputs: PlanInputs, job: number): Promise<Result<readonly PinPrice[]>> {
    return this.controlled(job, (control) => this.model().pinPrices(inputs, control));
  }

  answer(
    question: GoalQuestion,
    job: number,
    onProgress: (fraction: number) => void,
    allocator?: AllocatorSettings,
  ): Promise<Result<GoalAnswer>> {
    const run = (control: Job): Promise<GoalAnswer> => this.model().answer(question, allocator, control);
    return this.controlled(job, run, onProgress);
  }

  scale(
    question: ScaleQuestion,
    job: number,
    onProgress: (fraction: number) => void,
  ): Promise<Result<ScaleAnswer>> {
    return this.controlled(job, (control) => this.model().scale(question, control), onProgress);
  }

  split(question: SplitQuestion, job: number): Promise<Result<SplitAnswer>> {
    return this.controlled(job, (control) => this.model().split(question, control));
  }

  sizes(
    question: SizesQuestion,
    job: number,
    onProgress: (fraction: number) => void,
  ): Promise<Result<SizesAnswer>> {
    const clock = (): number => performance.now();
    return this.controlled(job, (control) => this.model().sizes(question, control, clock), onProgress);
  }

  readPlan(text: string): Promise<Result<{ inputs: PlanInputs; stale: boolean }>> {
    return toResult(() => this.model().readPlan(text));
  }

  storedPlan(text: string): Promise<Result<PlanOfStep>> {
    return toResult(() => this.model().storedPlan(text));
  }

  export(
    inputs: PlanInputs,
    target: ExportTarget,
    source?: ModelSource,
    allocator?: AllocatorSettings,
  ): Promise<Result<Export>> {
    return toResult(async () => {
      const { plan } = await this.model().plan(inputs, { allocator });
      const frontier = await this.model().frontierOf(plan, target);
      const written = (bytes?: ByteSource): Export =>
        this.model().export(plan, target, bytes, frontier, allocator);
      return source ? this.reading(source, written) : written();
    });
  }

  measure(inputs: PlanInputs, files: readonly ModelSource[], job: number): Promise<Result<MeasuredStep>> {
    return this.controlled(job, (control) => this.model().measure(inputs, this.contents(files), control));
  }

  sizeTable(inputs: PlanInputs, file: ModelSource, job: number): Promise<Result<NamedText>> {
    return this.controlled(job, (control) =>
      this.model().sizeTable(inputs, this.reading(file, wholeFile), control),
    );
  }

  calibrate(inputs: PlanInputs, files: readonly ModelSource[], job: number): Promise<Result<Calibration>> {
    return this.controlled(job, async (control) => {
      const session = this.model();
      return session.calibration(inputs, await session.measure(inputs, this.contents(files), control));
    });
  }

  cancel(job: number): Promise<void> {
    this.jobs.get(job)?.cancel();
    return Promise.resolve();
  }

  private model(): PlannerSession {
    if (!this.session) throw new HeadroomError('bad-usage', 'No model is open.', 'Open a model file first.');
    return this.session;
  }

  private reading<T>(model: ModelSource, read: (source: ByteSource, name: string) => T): T {
    if (model.kind === 'bytes') return read(new MemoryByteSource(model.bytes), model.name);
    const { path } = model;
    if (!this.openFile)
      throw new HeadroomError('file-access', 'This worker cannot open paths.', 'Send the bytes.');
    const source = this.openFile(path);
    try {
      return read(source, path.split(/[\\/]/).at(-1) ?? path);
    } finally {
      source.close();
    }
  }

  private contents(files: readonly ModelSource[]): MeasurementFile[] {
    return files.map((file) => this.reading(file, wholeFile));
  }

  private async controlled<T>(
    id: number,
    run: (job: Job) => Promise<T>,
    onProgress?: (fraction: number) => void,
  ): Promise<Result<T>> {
    const job = new ControlledJob(onProgress);
    this.jobs.set(id, job);
    try {
      return await toResult(() => run(job));
    } finally {
      this.jobs.delete(id);
    }
  }
}
