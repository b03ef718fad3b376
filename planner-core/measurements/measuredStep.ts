import type { MeasuredMemory, MeasurementSource } from './measuredRun';

/** Measurements of a step by its nodes: what is drawn beside what is predicted. NaN where nothing was measured. */
export interface MeasuredStep {
  readonly files: readonly { readonly name: string; readonly source: MeasurementSource }[];
  /** By node: median over the steps that were recorded. */
  readonly nodeMs: Float64Array;
  /** By node: bytes that it allocated and that were held when it was done. */
  readonly heldBytes: Float64Array;
  /** By node: most bytes on the device while it ran, counted from `startBytes` of the memory. */
  readonly grownBytes: Float64Array;
  /** By node: 1 where the time is that of an equal computation (same type, shapes, attributes). */
  readonly isReused: Uint8Array;
  readonly memory?: MeasuredMemory;
  readonly match: MatchReport;
}

/** How much of the measurements belongs to layers, and how much of the step was measured. */
export interface MatchReport {
  readonly steps: number;
  readonly calls: number;
  readonly matchedCalls: number;
  /** Share of the measured time of the forward and the backward pass that belongs to layers, 0..1. */
  readonly timeShare: number;
  readonly nodes: number;
  readonly matchedNodes: number;
  /** Share of the step's memory traffic in forward that was measured, 0..1. */
  readonly trafficShare: number;
  /** Measured calls of no layer, by name, most time first. */
  readonly otherCalls: readonly { readonly name: string; readonly count: number; readonly ms: number }[];
  /** Layers without a measurement. */
  readonly otherNodes: readonly string[];
}
