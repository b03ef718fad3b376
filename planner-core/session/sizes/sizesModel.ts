import type { Edit, PlanInputs } from '../../plan/planInputs';
import type { FittedDimension, Size } from '../../plan/sizePlan';

/** A text of sizes or of measurements, and the name of the file it comes from where there is one. */
export interface NamedText {
  readonly text: string;
  readonly name?: string;
}

/** Which plan for which size of the inputs. */
export interface SizesQuestion {
  readonly inputs: PlanInputs;
  /** Sizes, in any of the forms of `readSizes`; absent: those the inputs have from a plan before. */
  readonly sizes?: NamedText;
  /** Dimensions that the sizes are of; absent: those the text names, else the sequence, or height and width. */
  readonly dimensions?: readonly string[];
  /** A plan may be used where it is slower than the best one known by at most so much of the step time. */
  readonly mergePercent?: number;
  /** What was measured at a few sizes: a table with columns for the size, `layer`, `bytes` and, if it has them, `ms`. */
  readonly measurements?: readonly NamedText[];
  /** Replay what others do on the same sizes too, which takes longer. */
  readonly compare?: boolean;
}

/** Memory and time of one size. */
export interface SizePoint {
  readonly size: Size;
  /** Of all batches, 0..1. */
  readonly share: number;
  readonly keepAllPeakBytes: number;
  readonly keepAllMs: number;
  /** Under the plan of the table; absent where none fits. */
  readonly planned?: {
    /** Index into `rows`. */
    readonly row: number;
    readonly peakBytes: number;
    readonly stepMs: number;
    /** Of the best plan known for this very size. */
    readonly bestMs: number;
  };
}

/** A part of the curve on which the peak of keeping everything is one polynomial (one dimension only). */
export interface PeakPiece {
  readonly from: number;
  readonly to: number;
  /** Of 1, x, x² and so on: bytes. */
  readonly coefficients: readonly number[];
  /** Where the peak is then. */
  readonly node: string;
}

/** One plan of the table. */
export interface SizeRow {
  /** In one dimension: the sizes it is used for, both included. */
  readonly range?: readonly [from: number, to: number];
  /** It is valid for each of these and for all that are no larger in any dimension. */
  readonly upTo: readonly Size[];
  /** It is for these sizes only: the step does something else at others. */
  readonly exactly?: boolean;
  readonly planner: string;
  /** Modules and operators that it computes again. */
  readonly recomputed: readonly string[];
  /** Operators whose results leave the device meanwhile; absent: nothing leaves. */
  readonly offloaded?: readonly string[];
  /** Of all that leaves, at the largest size of the row. */
  readonly offloadedBytes?: number;
  /** Highest, over the sizes it is used for. */
  readonly peakBytes: number;
  /** Against keeping everything: lowest and highest over the sizes it is used for. */
  readonly overheadPercent: readonly [least: number, most: number];
  /** Most that it is slower than the best plan known for a size, of the step time. */
  readonly regretPercent: number;
  /** Of all batches, 0..1. */
  readonly share: number;
  /**
   * monotone: proven for all smaller sizes, since nothing shrinks when inputs grow, however long transfers take. checked: at every size in question. fitted: only as
   * far as the fit of what depends on data goes.
   */
  readonly proof: 'monotone' | 'checked' | 'fitted';
  /** Gives the inputs the largest size of the row. */
  readonly edit: Edit;
}

/** How one way of planning does on the sizes. */
export interface SizeMethod {
  readonly id:
    'table' | 'table-recompute' | 'best' | 'static' | 'mimose' | 'mimose-largest-first' | 'dtr' | 'none';
  readonly name: string;
  /** What it does, in a sentence. */
  readonly description: string;
  /** Mean over the batches that it has a plan for. */
  readonly expectedMs: number;
  /** Against keeping everything. */
  readonly overheadPercent: number;
  /** Of the batches, 0..1: those whose peak is above the budget, and those it has no plan for. */
  readonly overBudgetShare: number;
  readonly highestPeakBytes: number;
  /** Different plans it uses. */
  readonly planCount: number;
  /** Lookups of a plan made before, of all batches, 0..1; absent where it keeps none. */
  readonly hitRate?: number;
  /** To plan for a size it has not seen; absent where nobody measured it. */
  readonly planningMs?: number;
  /** Memory that it leaves free so that no batch is over the budget: the least, where the method has such a buffer. */
  readonly bufferBytes?: number;
}

/** Least squares over a few measured sizes, as Mimose's online estimator has it. */
export interface FittedLayer {
  readonly layer: string;
  /** Of 1, x, x²: bytes. */
  readonly bytes: readonly number[];
  /** The same of milliseconds, where they were measured. */
  readonly ms?: readonly number[];
  /** Largest, over the sizes measured. */
  readonly relativeError: number;
  /** Largest, of each size measured when the fit knows the others only; absent where they are too few. */
  readonly leftOutError?: number;
  /** Largest of the milliseconds, over the sizes measured. */
  readonly msError?: number;
  /** Largest difference of the fit from what is computed here, over all sizes; absent for layers the model does not have. */
  readonly errorToExact?: number;
}

export interface FittedPredictor {
  readonly sizes: readonly Size[];
  readonly layers: readonly FittedLayer[];
  readonly medianError: number;
  readonly worstError: number;
  readonly worstLeftOutError?: number;
  readonly medianMsError?: number;
  /** Layers whose fit is off by more than Mimose accepts: 10 %, and 10 MB. */
  readonly refused: readonly string[];
}

export interface SizesAnswer {
  readonly dimensions: readonly string[];
  readonly budgetBytes: number;
  /** Batches of a trace, in order; 0 where only shares are known. */
  readonly batches: number;
  /** By ascending size (the first dimension counts most): all that occur and, of one dimension, others that draw the curve. */
  readonly points: readonly SizePoint[];
  /** Of batches, smallest sizes first (one dimension), or least work first. */
  readonly percentiles: readonly { readonly percent: number; readonly size: Size }[];
  readonly pieces: readonly PeakPiece[];
  /** Fewest recomputations first. */
  readonly rows: readonly SizeRow[];
  /** A sentence each: "Up to seq 384 nothing needs recomputing.", "From 385 on: …" */
  readonly summary: readonly string[];
  /** Sizes that no plan was found for, with the least peak found. */
  readonly unplanned: readonly { readonly size: Size; readonly share: number; readonly leastBytes: number }[];
  /** The table first. */
  readonly comparison: readonly SizeMethod[];
  readonly predictor?: FittedPredictor;
  /**
   * polynomial: bytes and times of every computation are exact functions of the sizes, checked at `checkedSizes`.
   * built: the model does something else at every size, so each one that occurs was built.
   */
  readonly exactness: {
    readonly kind: 'polynomial' | 'built';
    readonly checkedSizes: readonly Size[];
    /** What depends on data is a fit: then nothing is exact. */
    readonly fitted?: readonly FittedDimension[];
  };
  /** What to know about it. */
  readonly notes: readonly string[];
  /** Keeps sizes and table with the plan. */
  readonly edit: Edit;
}
