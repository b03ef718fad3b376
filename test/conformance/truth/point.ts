import type { Workload } from '../../../planner-core/step/workload';

/** One training or inference step that real PyTorch ran, and what it measured. Bytes. */
export interface TruthPoint {
  /** '1.13' or '2.13': the release that ran it. */
  readonly release: string;
  readonly model: string;
  /** Which plan and size, for people. */
  readonly label: string;
  /** Model inputs, in order. */
  readonly inputShapes: readonly (readonly number[])[];
  readonly workload: Partial<Workload>;
  /** 'none', a checkpoint plan, or 'inference'. */
  readonly plan: string;
  /** Modules wrapped in torch.utils.checkpoint. */
  readonly checkpointed: readonly string[];
  readonly parameterBytes: number;
  readonly gradientBytes: number;
  readonly optimizerBytes: number;
  readonly bufferBytes: number;
  /** Kept for backward; with what the loss keeps where `lossIsInSaved`. */
  readonly savedBytes: number;
  readonly lossIsInSaved: boolean;
  /** By innermost module; '<root>' for operators outside any. */
  readonly savedByModule?: Readonly<Record<string, number>>;
  /** The program ran dropout that an export of the evaluation mode does not show. */
  readonly hasDropout: boolean;
  readonly peakBytes: number;
  readonly phasePeakBytes?: Readonly<Record<string, number>>;
  readonly macs?: number;
}

/** A model with its exported files and all its measured steps. */
export interface TruthModel {
  readonly release: string;
  readonly model: string;
  /** Exports that keep what training needs: BatchNorm un-folded, Dropout present. */
  readonly trainFile: string;
  /** Exports of the evaluation mode. */
  readonly evalFiles: readonly string[];
  /** The programs that torch.export saved in training and evaluation mode, where they were kept. */
  readonly archives?: { readonly train: string; readonly evaluation: string };
  readonly points: readonly TruthPoint[];
  /** Blocks under selective checkpointing that keeps the results of matrix products, convolutions and attention. */
  readonly selectivePoints: readonly TruthPoint[];
  /** PyTorch's own MemTracker on this model: measured milliseconds and error of its peak, where it ran. */
  readonly memTracker: readonly {
    readonly label: string;
    readonly peakBytes: number;
    readonly timeMs: number;
  }[];
}
