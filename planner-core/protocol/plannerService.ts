import type { Result } from '../base/result';
import type { Export, ExportTarget } from '../exporters/targets';
import type { Calibration } from '../devices/calibration';
import type { MeasuredStep } from '../measurements/measuredStep';
import type { PlanInputs } from '../plan/planInputs';
import type { Frontier } from '../planners/frontier';
import type { AllocatorSettings } from '../session/allocatorSettings';
import type { GoalAnswer, GoalQuestion } from '../session/goals/goal';
import type { ScaleAnswer, ScaleQuestion } from '../session/machines/scaleModel';
import type { SplitAnswer, SplitQuestion } from '../session/machines/splitModel';
import type { PinPrice } from '../session/pinPrices';
import type { NamedText, SizesAnswer, SizesQuestion } from '../session/sizes/sizesModel';
import type { RefineOptions, Refinement } from '../session/sessionPlans';
import type { ModelSummary, PlanOfStep, PlanView, Progress, StepView } from '../session/types';

/** A model as the worker gets it: a path it opens itself, or the bytes where there is no path (virtual file systems). */
export type ModelSource =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'bytes'; readonly name: string; readonly bytes: Uint8Array };

/** How to refine; the engine is the worker's own. */
export type RefineSettings = Omit<RefineOptions, 'engine'>;

/**
 * The planner as the extension host calls it, over comlink. One service holds one model. Errors come back as values.
 * Calls with a `job` can be cancelled by `cancel(job)` while they run.
 */
export interface PlannerService {
  open(source: ModelSource): Promise<Result<ModelSummary>>;
  configure(inputs: PlanInputs): Promise<Result<StepView>>;
  /** `onProgress` is told what is known so far whenever that is more: curves that are not there yet are empty. */
  frontier(
    inputs: PlanInputs,
    job: number,
    onProgress: (progress: Progress, soFar?: Frontier) => void,
  ): Promise<Result<Frontier>>;
  /** `allocator`: how the memory of CUDA devices is accounted for, by default as PyTorch does by default. */
  plan(inputs: PlanInputs, job: number, allocator?: AllocatorSettings): Promise<Result<PlanView>>;
  /**
   * Tightens what is proven for the inputs' budget, and with the strategy 'schedule' the plan. What is found arrives
   * through `onProgress` and holds, however the call ends.
   */
  refine(
    inputs: PlanInputs,
    job: number,
    settings: RefineSettings,
    onProgress: (refinement: Refinement) => void,
  ): Promise<Result<Refinement>>;
  /** What each pin costs, in the order of the pins. */
  pinPrices(inputs: PlanInputs, job: number): Promise<Result<readonly PinPrice[]>>;
  /** Inputs that meet a goal: see `GoalQuestion`. */
  answer(
    question: GoalQuestion,
    job: number,
    onProgress: (fraction: number) => void,
    allocator?: AllocatorSettings,
  ): Promise<Result<GoalAnswer>>;
  /** Ways to train the model on like servers: see `ScaleQuestion`. */
  scale(
    question: ScaleQuestion,
    job: number,
    onProgress: (fraction: number) => void,
  ): Promise<Result<ScaleAnswer>>;
  /** Where to cut the model between two devices, by bandwidth: see `SplitQuestion`. */
  split(question: SplitQuestion, job: number): Promise<Result<SplitAnswer>>;
  /** Which plan for which size of the inputs: see `SizesQuestion`. */
  sizes(
    question: SizesQuestion,
    job: number,
    onProgress: (fraction: number) => void,
  ): Promise<Result<SizesAnswer>>;
  /** Reads a plan file: the inputs it was made from, and whether it was made for this model structure. */
  readPlan(text: string): Promise<Result<{ inputs: PlanInputs; stale: boolean }>>;
  /** What a plan file says, with the step it is for: nothing is planned anew. */
  storedPlan(text: string): Promise<Result<PlanOfStep>>;
  /** `source`: the model again, where the export is a copy of it. `allocator`: as for `plan`. */
  export(
    inputs: PlanInputs,
    target: ExportTarget,
    source?: ModelSource,
    allocator?: AllocatorSettings,
  ): Promise<Result<Export>>;
  /** What files of measurements say about the step of these inputs: see `PlannerSession.measure`. */
  measure(inputs: PlanInputs, files: readonly ModelSource[], job: number): Promise<Result<MeasuredStep>>;
  /** A trace of steps of several sizes as a table: see `PlannerSession.sizeTable`. */
  sizeTable(inputs: PlanInputs, file: ModelSource, job: number): Promise<Result<NamedText>>;
  /** A calibration of the first device from files of measurements that were made on it. */
  calibrate(inputs: PlanInputs, files: readonly ModelSource[], job: number): Promise<Result<Calibration>>;
  cancel(job: number): Promise<void>;
}
