import type { AllocationTrack } from './allocationTrack';

/** One computation of a run, as a profiler or a table names it. */
export interface MeasuredCall {
  /** What ran: `aten::conv2d`, an ONNX node, or a row of a table. */
  readonly name: string;
  /** Operator type, where the source tells it beside the name (ONNX Runtime's `op_name`). */
  readonly type?: string;
  readonly phase: 'forward' | 'backward';
  readonly ms: number;
  /** Shapes of tensor arguments, scalars left out; absent where the source recorded none. */
  readonly inputShapes?: readonly (readonly number[])[];
  /** Elements of the first result, where the source tells. */
  readonly outputElements?: number;
  /** Modules the call ran in, outermost first: names or, from PyTorch's own events, class names. */
  readonly scopes?: readonly string[];
  /** Bytes allocated while it ran and still held when it returned. */
  readonly heldBytes?: number;
  /** Most bytes allocated on the device while it ran. */
  readonly liveBytes?: number;
  /** Autograd's numbers of the functions that the call recorded (forward), or of the one that it runs (backward). */
  readonly sequence?: readonly number[];
  /** When it began and ended, on the clock of the run's allocations. */
  readonly span?: { readonly start: number; readonly end: number };
}

/** Bytes allocated on one device over a run. */
export interface MeasuredMemory {
  readonly device: string;
  /** Before the first computation. */
  readonly startBytes: number;
  readonly peakBytes: number;
  /** Most that the allocator held from the driver. */
  readonly reservedBytes?: number;
}

export type MeasurementSource = 'pytorch-profiler' | 'onnxruntime' | 'memory-snapshot' | 'csv';

/** What a file of measurements says, before it is known which layers it is about. */
export interface MeasuredRun {
  /** Base name of the file. */
  readonly file: string;
  readonly source: MeasurementSource;
  /** The calls of each step that was recorded, in the order they began. */
  readonly steps: readonly (readonly MeasuredCall[])[];
  readonly memory?: MeasuredMemory;
  /** Every allocation, where the file has them. */
  readonly allocations?: AllocationTrack;
}
