import type { Diagnostic } from '../base/diagnostic';
import type { Bound } from '../devices/roofline';
import type { DType } from '../graph/dtype';
import type { ModuleNode } from '../graph/modelGraph';
import type { SourceLine } from '../graph/sourceLine';
import type { Directives } from '../simulator/schedule';
import type { Objective, Plan } from '../plan/plan';
import type { Recognition } from '../recognition/recognise';
import type { FreeDimension } from '../step/dimensions';
import type { StepGraph } from '../step/stepGraph';
import type { AllocatorView } from './allocatorView';
import type { EnergyView, OffloadView } from './offload/offloadView';
import type { KvCacheView } from './kvCacheView';

/** What is known about a model before a workload is chosen. */
export interface ModelSummary {
  /** Base name of the file. */
  readonly file: string;
  readonly format: string;
  readonly producer: string;
  readonly opset: number;
  readonly inputs: readonly TensorSummary[];
  readonly outputs: readonly TensorSummary[];
  readonly operatorCount: number;
  readonly parameterCount: number;
  readonly parameterBytes: number;
  /** The type most bytes of the parameters have in the file. */
  readonly weightType: DType;
  /** What the program itself has torch.autocast compute in, where it does. */
  readonly autocast?: DType;
  /** Names of the dimensions a workload must bind, with the value assumed when it does not. */
  readonly dims: readonly FreeDimension[];
  readonly unprofiledOperators: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  readonly fingerprint: string;
}

export interface TensorSummary {
  readonly name: string;
  readonly dtype: string;
  /** Dimensions that stay symbolic are strings; null when not even the rank is known. */
  readonly shape: readonly (number | string)[] | null;
}

/** One row of the layer tree; parents come before children. */
export interface LayerRow {
  /** Index in the list. */
  readonly id: number;
  /** -1 for the root's children. */
  readonly parent: number;
  readonly kind: 'module' | 'operator';
  /** Qualified module name or operator name: the target of decisions. */
  readonly name: string;
  /** Last part of the name. */
  readonly label: string;
  /** Class name of a module, operator type of an operator. */
  readonly type: string;
  /** Output shape and dtype of an operator, e.g. "16×1024×768 float32"; '' for modules. */
  readonly output: string;
  readonly parameterBytes: number;
  /** Bytes kept for backward that this layer is the first to save (the convention of saved_tensors_hooks). */
  readonly savedBytes: number;
  /** Multiply-accumulates of the forward pass. */
  readonly macs: number;
  /** Bytes the forward pass reads and writes. */
  readonly trafficBytes: number;
  readonly forwardMs: number;
  readonly backwardMs: number;
  /** What most of that time is spent on, on the first device. */
  readonly bound: Bound;
  /** Forward nodes of the step inside this row: what a decision for the row covers. */
  readonly forwardNodes: readonly number[];
  /** Where an operator comes from in the program, as far as the exporter recorded it. */
  readonly source?: SourceLine;
  /** May this module be wrapped in a checkpoint (module-checkpoint strategy)? */
  readonly checkpointable: boolean;
}

/** Sums over a step, by the conventions of PyTorch's own accounting. */
export interface StepTotals {
  readonly parameterBytes: number;
  readonly gradientBytes: number;
  readonly optimizerBytes: number;
  readonly bufferBytes: number;
  /** Model inputs and loss targets. */
  readonly inputBytes: number;
  /** Unique storages kept for backward, without parameters, buffers, inputs and targets. */
  readonly savedBytes: number;
  /** Multiply-accumulates of the forward pass; one is two floating-point operations. */
  readonly macs: number;
  /** Bytes the forward pass reads and writes. */
  readonly trafficBytes: number;
}

/** A model under a workload: what every plan is measured against. */
export interface StepView extends StepTotals {
  readonly step: StepGraph;
  readonly layers: readonly LayerRow[];
  /** The module tree that `nodeModule` points into: with it the view compiles decisions itself, to show what-ifs. */
  readonly modules?: readonly ModuleNode[];
  /** Where the file's operators are read as the PyTorch calls they were exported from. */
  readonly recognitions: readonly Recognition[];
  /** Inference of a decoder: its key-value cache. */
  readonly kvCache?: KvCacheView;
  readonly keepAllPeakBytes: number;
  readonly keepAllStepTimeMs: number;
  /** Sentences the numbers rest on, e.g. "eager PyTorch, CUDA semantics". */
  readonly assumptions: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Where layers run and what that gives: for plans that place layers, or run on several devices. */
export interface PlacementView {
  readonly objective: Objective;
  /** What `timeMs`, the bound and the times of the baselines are times of. */
  readonly measure: PlacementMeasure;
  readonly timeMs: number;
  /** Proven: no placement within the devices' memory is faster. 0 where nothing is proven. */
  readonly boundMs: number;
  /** What simple rules give, by name; those that need more memory than there is do not fit. */
  readonly baselines: readonly PlacementBaseline[];
  /** In the order of the step's devices. */
  readonly perDevice: readonly DeviceUse[];
  readonly channels: readonly ChannelUse[];
  /** Of plans for throughput whose layers are in an order that a pipeline can have. */
  readonly pipeline?: PipelineView;
}

/**
 * step: the makespan of one step. period: the time between steps of an endless stream, the busy time of its busiest part.
 * update: an update of the weights by the micro-batches of a pipeline, its fill and drain included.
 */
export type PlacementMeasure = 'step' | 'period' | 'update';

/** A placed step as a pipeline. */
export interface PipelineView {
  /** 1F1B: the micro-batches of an update. stream: one sample or step after the other. */
  readonly schedule: '1F1B' | 'stream';
  readonly microBatches: number;
  /** In the order in which results are handed on; a device may have several. */
  readonly stages: readonly PipelineStageView[];
  /**
   * Until the last stage begins; what the busiest part takes for a micro-batch (of a stream: a step); from the first stage's
   * end to the last's.
   */
  readonly fillMs: number;
  readonly periodMs: number;
  readonly drainMs: number;
  /** Share of the time that the devices of the stages wait. */
  readonly bubblePercent: number;
  /** Every pass over time: of an update all of them, of a stream the first steps. */
  readonly run: PipelineRunView;
}

export interface PipelineStageView {
  /** Several where replicas share the stage: micro-batch m (of a stream: step m) is run by the m-th of them, in turn. */
  readonly devices: readonly string[];
  /** Qualified names of modules; names of operators that are in none. */
  readonly layers: readonly string[];
  /** Of one micro-batch, on each of the devices. */
  readonly forwardMs: number;
  readonly backwardMs: number;
  /** Micro-batches (of a stream: steps) whose activations the stage holds at most. */
  readonly inFlight: number;
  /** Of the stage's device, with all its stages and all that is in flight. */
  readonly peakBytes: number;
}

/** What a pipeline does over time, from the pipeline simulator. */
export interface PipelineRunView {
  /** How many micro-batches (of a stream: steps) run. */
  readonly microBatches: number;
  /** [(stage * microBatches + microBatch) * 2 + (backward ? 1 : 0)]; NaN for passes that are not run. */
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  /** Until everything is done, the optimizer included. */
  readonly makespanMs: number;
  /** Until the last stage begins; from the first stage's end to the last's. */
  readonly fillMs: number;
  readonly drainMs: number;
  /** Those that have stages, in the order of their first. */
  readonly devices: readonly PipelineDeviceView[];
}

export interface PipelineDeviceView {
  readonly device: string;
  /** Of an update; of a stream in a period. */
  readonly busyMs: number;
  readonly idleMs: number;
  /** After its last pass: the all-reduce of gradients among replicas, the optimizer. A stream has it in its backward passes. */
  readonly updateMs: number;
  /** With all that is in flight. */
  readonly peakBytes: number;
  readonly memory: MemoryOverTime;
}

/** At most so many bytes from each moment on, until the next one. */
export interface MemoryOverTime {
  /** Of them what is there without any micro-batch in flight, at the peak of one. */
  readonly baseBytes: number;
  readonly atMs: readonly number[];
  readonly bytes: readonly number[];
}

export interface PlacementBaseline {
  readonly name: string;
  readonly timeMs: number;
  /** By device. */
  readonly peakBytes: readonly number[];
  readonly fits: boolean;
}

export interface DeviceUse {
  readonly device: string;
  readonly busyMs: number;
  readonly idleMs: number;
  readonly peakBytes: number;
}

export interface ChannelUse {
  readonly name: string;
  readonly busyMs: number;
  readonly bytes: number;
}

/** A plan with what is needed to draw it. */
export interface PlanView {
  readonly plan: Plan;
  readonly directives: Directives;
  /** What PyTorch and the driver count under the plan, for each CUDA device. */
  readonly allocators?: readonly AllocatorView[];
  /** Absent where everything runs on one device that nobody asked to leave. */
  readonly placement?: PlacementView;
  /** Absent where nothing may leave the device, and nothing does. */
  readonly offload?: OffloadView;
  /** Energy of the step; absent where the catalogue does not know the device's power. */
  readonly energy?: EnergyView;
  /** Set when no plan meets the budget: the plan shown is then the one with the least peak. */
  readonly infeasible?: { readonly message: string; readonly leastBytes: number; readonly node: string };
}

/** A plan with the step it is for. */
export interface PlanOfStep {
  readonly step: StepView;
  readonly plan: PlanView;
}

export interface Progress {
  readonly stage: 'reading' | 'profiling' | 'frontier' | 'planning';
  /** 0..1, or undefined when unknown. */
  readonly fraction?: number;
}
