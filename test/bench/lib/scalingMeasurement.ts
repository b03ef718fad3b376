/** The stages between a file and its picture, in the order of the work. */
export const scalingStages = [
  'parse',
  'shapes',
  'step (with shapes)',
  'patterns',
  'layer index',
  'layer rows',
  'simulate',
  'JSON',
  'clone',
] as const;
export type ScalingStage = (typeof scalingStages)[number];

/** What one process measured. */
export interface ScalingMeasurement {
  readonly operators: number;
  /** The first time, in a process that has run nothing yet. */
  readonly coldMs: Readonly<Record<ScalingStage, number>>;
  /** The fastest of the runs after it: what else the machine does only makes runs slower. */
  readonly warmMs: Readonly<Record<ScalingStage, number>>;
  /** What the view is sent, as JSON text and as typed arrays beside it. */
  readonly jsonBytes: number;
  readonly arrayBytes: number;
  /** Highest resident set after the first run, above what it was before. */
  readonly addedPeakBytes: number;
}
