import type { Edit, PlanInputs } from '../../plan/planInputs';
import type { Taken } from '../taken';

/** A question that asks for inputs instead of a plan: planning turned round. */
export interface GoalQuestion {
  readonly goal: 'least-budget' | 'largest-size' | 'options';
  readonly inputs: PlanInputs;
  /** Name in the device catalogue: what the first device is replaced by. */
  readonly device?: string;
  /**
   * What may be taken of the first device; absent: its whole memory. As nvidia-smi counts where the device is a CUDA
   * device: blocks and segments of PyTorch's allocator, library workspaces and the CUDA context included.
   */
  readonly memoryBytes?: number;
  /** Most step time a plan may add to keeping everything, in percent. */
  readonly maxOverheadPercent: number;
  /** 'largest-size': the named dimension that grows; absent: the batch, else the first one. */
  readonly dimension?: string;
}

/**
 * What a step needs under the plan found for it. Without a plan: the least peak that was found, and no total. It fits where
 * the total does, whatever the context takes within its tolerance.
 */
export interface Need extends Taken {
  readonly stepTimeMs: number;
  /** Against keeping everything under the same workload. */
  readonly overheadPercent: number;
}

/**
 * Whether a step fits. 'impossible': the model does not take this size; 'too-big': memory; 'too-slow': it fits, but no
 * plan that was found adds as little time as was asked for.
 */
export type Verdict = 'fits' | 'impossible' | 'too-big' | 'too-slow';

/** One size of a dimension and what became of it. */
export interface SizeProbe extends Need {
  readonly size: number;
  readonly verdict: Verdict;
  /** Of a refusal: no plan at all can do it. Otherwise none was found. */
  readonly proven: boolean;
  /** Why not; '' when it fits. */
  readonly reason: string;
  /** Samples of the batch dimensions, over all micro-batches. */
  readonly samplesPerSecond: number;
}

/** The largest size of a dimension that fits. */
export interface LargestSize {
  readonly goal: 'largest-size';
  readonly dimension: string;
  /** Does the dimension count samples? */
  readonly isBatch: boolean;
  /** Sizes are multiples of it: the model takes no others near the size it had. */
  readonly granularity: number;
  readonly currentSize: number;
  /** Absent when not even the smallest size fits. */
  readonly largest?: SizeProbe & { readonly edit: Edit };
  /** The next size, which does not fit, and why; absent when the search ended at the largest size it tries. */
  readonly next?: SizeProbe;
  /** Of a batch: the size with most samples per second among those that were tried and fit. */
  readonly fastest?: SizeProbe & { readonly edit: Edit };
  /** All sizes that were tried, ascending. */
  readonly probes: readonly SizeProbe[];
}

/** The smallest budget under which a plan is fast enough. */
export interface LeastBudget {
  readonly goal: 'least-budget';
  /** Absent when no plan is fast enough, which only pins can cause. */
  readonly plan?: Need & { readonly budgetBytes: number; readonly planner: string; readonly edit: Edit };
  /** Proven: under a smaller budget no plan is fast enough. */
  readonly provenLeastBytes: number;
  readonly keepAllPeakBytes: number;
}

/** What an option does to the numbers that training computes. */
export type Effect = 'none' | 'rounding' | 'training';

/** One thing to change, or two, and what it costs. */
export interface FitOption {
  /** Stable name, e.g. "precision:bf16-autocast" or "strategy:selective + micro-batches". */
  readonly id: string;
  /** What changes, for people. */
  readonly label: string;
  /** What to know about it. */
  readonly note: string;
  readonly effect: Effect;
  /** Another device: what it costs is not in these numbers. */
  readonly isOtherDevice: boolean;
  readonly fits: boolean;
  /** Why not; '' when it fits. */
  readonly reason: string;
  readonly need: Need;
  /** Step time for the same amount of data, over that of keeping everything now. */
  readonly relativeTime: number;
  /** One change of the inputs that were asked about; under it the planner makes the plan that `need` is about. */
  readonly edit: Edit;
}

/** What to change so that the step fits. */
export interface FitOptions {
  readonly goal: 'options';
  /** Keeping everything, unchanged. */
  readonly now: Need & { readonly fits: boolean };
  readonly memoryBytes: number;
  /** Those that fit first, by what they cost; then the others, by what they need. Empty when nothing has to change. */
  readonly options: readonly FitOption[];
}

export type GoalAnswer = LeastBudget | LargestSize | FitOptions;

export const defaultMaxOverheadPercent = 10;
