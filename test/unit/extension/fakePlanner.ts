import type { ErrorValue } from '../../../planner-core/base/errors';
import type { Result } from '../../../planner-core/base/result';
import { defaultPlanInputs, type PlanInputs } from '../../../planner-core/plan/planInputs';
import type { Calibration } from '../../../planner-core/devices/calibration';
import type { MeasuredStep } from '../../../planner-core/measurements/measuredStep';
import type { Frontier } from '../../../planner-core/planners/frontier';
import type {
  ModelSource,
  PlannerService,
  RefineSettings,
} from '../../../planner-core/protocol/plannerService';
import type { PinPrice } from '../../../planner-core/session/pinPrices';
import type { Refinement } from '../../../planner-core/session/sessionPlans';
import type { Proof } from '../../../planner-core/session/refine';
import type { ScaleAnswer, ScaleQuestion } from '../../../planner-core/session/machines/scaleModel';
import type { SplitAnswer, SplitQuestion } from '../../../planner-core/session/machines/splitModel';
import type { GoalAnswer, GoalQuestion } from '../../../planner-core/session/goals/goal';
import type { SizesAnswer, SizesQuestion } from '../../../planner-core/session/sizes/sizesModel';
import type {
  ModelSummary,
  PlanOfStep,
  PlanView,
  Progress,
  StepView,
} from '../../../planner-core/session/types';
import type { PlannerWorker } from '../../../extension/planner/plannerWorker';

const gib = 1024 ** 3;

export const someInputs: PlanInputs = defaultPlanInputs([{ id: 'gpu0', name: 'T4', memoryBytes: 16 * gib }]);

export const withBudget = (gibibytes: number): PlanInputs => ({
  ...someInputs,
  budgetBytes: gibibytes * gib,
});

/** A promise that the test settles. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Lets everything that is ready to run, run; also with fake timers. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const failure = (code: ErrorValue['code'], message: string = code): Result<never> => ({
  ok: false,
  error: { code, message },
});

export const someProof = (inputs: PlanInputs, state: Proof['state'], lowerBoundPercent = 1): Proof => ({
  budgetBytes: inputs.budgetBytes ?? inputs.devices[0].memoryBytes,
  strategy: inputs.strategy,
  state,
  lowerBoundPercent,
  bounds: [],
  infeasibleBytes: 0,
  elapsedMs: 1,
});

/** The model a fake planner has opened. Results are recognisable, not meaningful. */
export class FakePlanner implements PlannerService {
  /** Names of the calls, in order, with what tells them apart. */
  readonly calls: string[] = [];
  fingerprint = 'f1';
  dims: ModelSummary['dims'] = [{ name: 'batch', assumed: 1 }];
  layers = ['a', 'b'];
  openResult?: Result<never>;
  configureResult?: Result<never>;
  planResult?: Result<PlanView> | Promise<Result<PlanView>>;
  frontierResult?: Promise<Result<Frontier>>;
  refineResult?: Promise<Result<Refinement>>;
  /** Reported before the result. */
  refineProgress: Refinement[] = [];
  pinPricesResult?: Promise<Result<readonly PinPrice[]>>;
  answerResult?: Result<GoalAnswer> | Promise<Result<GoalAnswer>>;
  measureResult?: Result<MeasuredStep>;
  cancel = async (job: number): Promise<void> => void this.calls.push(`cancel ${job}`);

  async open(): Promise<Result<ModelSummary>> {
    this.calls.push('open');
    return this.openResult ?? ok({ fingerprint: this.fingerprint, dims: this.dims } as ModelSummary);
  }
  async configure(inputs: PlanInputs): Promise<Result<StepView>> {
    this.calls.push(`configure ${JSON.stringify(inputs.workload.dims)}`);
    const layers = this.layers.map((name) => ({ kind: 'module', name }));
    return this.configureResult ?? ok({ layers } as unknown as StepView);
  }
  /** What is known of the frontier before it is there. */
  frontierSoFar?: Frontier;
  async frontier(
    inputs: PlanInputs,
    job: number,
    onProgress: (progress: Progress, soFar?: Frontier) => void,
  ) {
    this.calls.push(`frontier ${job}`);
    onProgress({ stage: 'frontier' }, this.frontierSoFar);
    return this.frontierResult ?? ok({ floorNode: `pins ${inputs.pins.length}` } as Frontier);
  }
  async plan(inputs: PlanInputs, job: number): Promise<Result<PlanView>> {
    this.calls.push(`plan ${job}`);
    return this.planResult ?? ok({ plan: { budgetBytes: inputs.budgetBytes } } as PlanView);
  }
  async refine(
    inputs: PlanInputs,
    job: number,
    _settings: RefineSettings,
    onProgress: (refinement: Refinement) => void,
  ): Promise<Result<Refinement>> {
    this.calls.push(`refine ${job}`);
    this.refineProgress.forEach(onProgress);
    return this.refineResult ?? ok({ proof: someProof(inputs, 'optimal') });
  }
  async pinPrices({ pins }: PlanInputs, job: number) {
    this.calls.push(`pinPrices ${job}`);
    const price = { overheadPercent: 1, unlocksBudget: false };
    return this.pinPricesResult ?? ok(pins.map(({ target, kind }) => ({ target, kind, ...price })));
  }
  async answer(question: GoalQuestion, job: number, onProgress: (fraction: number) => void) {
    this.calls.push(`answer ${question.goal} ${job}`);
    onProgress(0.5);
    return this.answerResult ?? ok({ goal: question.goal } as GoalAnswer);
  }
  async scale(question: ScaleQuestion, job: number, onProgress: (fraction: number) => void) {
    this.calls.push(`scale ${question.servers} ${job}`);
    onProgress(0.5);
    return ok({ globalBatch: question.globalBatch } as ScaleAnswer);
  }
  async split(question: SplitQuestion, job: number) {
    this.calls.push(`split ${question.between.join()} ${job}`);
    return ok({ between: question.between } as SplitAnswer);
  }
  async sizes(question: SizesQuestion, job: number, onProgress: (fraction: number) => void) {
    this.calls.push(`sizes ${question.sizes?.text} ${job}`);
    onProgress(0.5);
    return ok({ dimensions: question.dimensions } as SizesAnswer);
  }
  async measure(_inputs: PlanInputs, files: readonly ModelSource[], job: number) {
    this.calls.push(`measure ${files.length} ${job}`);
    return this.measureResult ?? ok({ files } as unknown as MeasuredStep);
  }
  async sizeTable(_inputs: PlanInputs, file: ModelSource, job: number) {
    const name = file.kind === 'path' ? (file.path.split('/').at(-1) ?? '') : file.name;
    this.calls.push(`sizeTable ${name} ${job}`);
    return ok({ name, text: 'seq,layer,bytes' });
  }
  async calibrate({ devices }: PlanInputs, files: readonly ModelSource[], job: number) {
    this.calls.push(`calibrate ${files.length} ${job}`);
    return ok({ device: devices[0].name, classes: {} } as unknown as Calibration);
  }
  async readPlan(text: string) {
    if (!text.startsWith('{"plan":')) return failure('bad-plan', 'This is no plan.');
    const { plan, fingerprint } = JSON.parse(text) as { plan: PlanInputs; fingerprint: string };
    return ok({ inputs: plan, stale: fingerprint !== this.fingerprint });
  }
  async storedPlan(text: string) {
    this.calls.push('storedPlan');
    const read = await this.readPlan(text);
    if (!read.ok) return read;
    if (read.value.stale) return failure('stale-plan');
    return ok({ plan: { plan: { budgetBytes: read.value.inputs.budgetBytes } } } as PlanOfStep);
  }
  async export(inputs: PlanInputs) {
    const file = { suffix: '.plan.json', mediaType: 'application/json', text: this.planText(inputs) };
    return ok({ files: [file], carried: [], notCarried: [] });
  }

  /** What a plan file holds here. */
  planText(inputs: PlanInputs): string {
    return JSON.stringify({ plan: inputs, fingerprint: this.fingerprint });
  }
}

/** A worker whose death the test decides. */
export class FakeWorker implements PlannerWorker {
  terminated = false;
  private readonly listeners: ((reason: string) => void)[] = [];
  constructor(readonly service: PlannerService) {}
  onDeath(listener: (reason: string) => void): void {
    this.listeners.push(listener);
  }
  die(reason = 'out of memory'): void {
    for (const listener of this.listeners) listener(reason);
  }
  terminate(): void {
    this.terminated = true;
    this.die('terminated');
  }
}
