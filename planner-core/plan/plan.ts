import type { NamedCalibration } from '../devices/calibration';
import type { MachineDevice, MachineLink } from '../devices/machine';
import type { Workload } from '../step/workload';
import type { Minimise, OffloadTarget, PlannedOffload } from './offloadTarget';
import type { SizePlan } from './sizePlan';

/** How a plan is applied; the simulator reproduces each one's real memory behaviour. */
export type Strategy = 'module-checkpoint' | 'selective' | 'schedule';
export const strategies: readonly Strategy[] = ['module-checkpoint', 'selective', 'schedule'];

export type Choice = 'keep' | 'recompute' | 'offload';
export const choices: readonly Choice[] = ['keep', 'recompute', 'offload'];

/** What a person or a planner decided for a module (and everything in it) or a single operator. */
export interface Decision {
  /** Qualified module name or operator name. */
  readonly target: string;
  readonly kind: 'module' | 'operator';
  readonly choice?: Choice;
  /** Device id. */
  readonly device?: string;
  /** Chosen by a person: planners must respect it. */
  readonly pinned?: boolean;
}

export type PlanDevice = MachineDevice;
export type PlanLink = MachineLink;

/**
 * Where layers run that nobody pinned. fit: on the first device. latency: where one step takes the least time.
 * throughput: where a pipeline of steps has the shortest period.
 */
export type Objective = 'fit' | 'latency' | 'throughput';
export const objectives: readonly Objective[] = ['fit', 'latency', 'throughput'];

export interface Prediction {
  readonly peakBytes: number;
  readonly peakPhase: string;
  readonly peakNode: string;
  readonly peakModule: string;
  readonly stepTimeMs: number;
  readonly keepAllPeakBytes: number;
  readonly keepAllStepTimeMs: number;
  readonly overheadPercent: number;
  /** Proven: no plan of this step under the budget can have less overhead. 0 when nothing better is proven. */
  readonly lowerBoundPercent: number;
  readonly savedBytes: number;
  readonly perDevicePeakBytes: Readonly<Record<string, number>>;
  /** Highest memory in use where offloaded values go; absent: nothing is offloaded. */
  readonly offloadPeakBytes?: number;
  /** Time the first device waits for transfers; absent: nothing is offloaded. */
  readonly stallMs?: number;
  /** Energy of the step; absent where it was not asked for. */
  readonly energyJoules?: number;
  /** Of that energy at `carbonGramsPerKWh`. */
  readonly carbonGrams?: number;
  /** Of plans for throughput on several devices; absent in those of before there was one. */
  readonly throughput?: ThroughputPrediction;
}

/** What a stream of steps, or an update by micro-batches that run as a pipeline, comes to. */
export interface ThroughputPrediction {
  /** Of an update with all its micro-batches; without micro-batches the time between two steps of the stream. */
  readonly timeMs: number;
  /** By device id, with all micro-batches or steps that are in flight. */
  readonly perDevicePeakBytes: Readonly<Record<string, number>>;
}

/**
 * Devices that run all layers of `device` too, each with parameters of its own (data parallelism inside a pipeline):
 * micro-batches, of a stream its steps, go to `device` and to each of the replicas in turn, and gradients are summed
 * before the update. Replicas run nothing else.
 */
export interface PlannedReplicas {
  /** Device id: what decisions name. */
  readonly device: string;
  /** Device ids. */
  readonly replicas: readonly string[];
}

/** Before `before` runs, compute `operator` again. */
export interface PlannedRecomputation {
  readonly before: string;
  readonly operator: string;
  /** Device id; absent: where it first ran. */
  readonly device?: string;
}

export const planFormat = 'headroom-plan/1';

/** The plan file: `<model file>.plan.json`. Schema: media/plan.schema.json. */
export interface Plan {
  readonly format: typeof planFormat;
  readonly model: {
    readonly file: string;
    /** Hash of the structure (operators, shapes, wiring), not of the weights. */
    readonly fingerprint: string;
  };
  readonly workload: Workload;
  readonly devices: readonly PlanDevice[];
  /** Absent: what the device catalogue says of the devices' links. */
  readonly links?: readonly PlanLink[];
  /** Absent: 'fit'. */
  readonly objective?: Objective;
  /** Where values may go that are not needed for a while; absent: planners send nothing. */
  readonly offload?: OffloadTarget;
  /** What is made least of under the budget; absent: time. */
  readonly minimise?: Minimise;
  /** Grams of carbon dioxide for a kilowatt-hour, where the step runs. */
  readonly carbonGramsPerKWh?: number;
  /** What times were calibrated with; absent: the roofline's starting points. */
  readonly calibration?: NamedCalibration;
  readonly budgetBytes: number;
  readonly strategy: Strategy;
  /** Name of the planner that made the decisions. */
  readonly planner: string;
  /** Sorted by kind, then target. */
  readonly decisions: readonly Decision[];
  /** Strategy 'schedule' only, in execution order. */
  readonly recomputations?: readonly PlannedRecomputation[];
  /** What is away for a part of the step, sorted by value; absent: what decisions offload, fetched just before its use. */
  readonly offloads?: readonly PlannedOffload[];
  /** Results are sent to other devices just before they are read there; absent: as soon as they are made. */
  readonly lateTransfers?: boolean;
  /** Objective 'throughput' only: stages that several devices share. In the order of the devices; absent: none. */
  readonly replicas?: readonly PlannedReplicas[];
  /** Plans for other sizes of the inputs. */
  readonly sizes?: SizePlan;
  readonly prediction: Prediction;
  readonly assumptions: readonly string[];
}
