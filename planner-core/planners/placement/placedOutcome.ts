import type { Directives, Schedule } from '../../simulator/schedule';
import type { Simulation } from '../../simulator/simulate';
import { Phase } from '../../step/stepGraph';
import type { PlacementObjective } from './placeStep';
import {
  stepPipeline,
  withReplicas,
  type PipelineRequest,
  type StepPipeline,
} from './throughput/stepPipeline';
import { stepStream, waitingBytes, type StepStream } from './throughput/stepStream';

/** What a placed step comes to. */
export interface PlacedOutcome {
  /**
   * latency: the makespan of the step. throughput: the period of a stream of steps, or the time of an update whose
   * micro-batches run through a pipeline.
   */
  readonly timeMs: number;
  /** By device, with all micro-batches or steps that are in flight. */
  readonly peakBytes: readonly number[];
  /** For throughput, where the layers are in an order that a pipeline can have. */
  readonly pipeline?: StepPipeline;
  /** A stream of steps as that pipeline runs it. */
  readonly stream?: StepStream;
}

/**
 * The outcome of a step whose nodes run on `devices`. Micro-batches and steps that no pipeline can run follow each other; a
 * stream has no more in flight than fits the problem's memory.
 */
export function placedOutcome(
  request: PipelineRequest & { readonly objective: PlacementObjective },
  devices: Uint8Array,
  schedule: Schedule,
  simulation: Simulation,
): PlacedOutcome {
  const { objective, microBatches, step, replicas } = request;
  const { stepTimeMs } = simulation;
  const peakBytes = withReplicas(simulation.perDevicePeakBytes, replicas);
  if (objective === 'latency') return { timeMs: stepTimeMs, peakBytes };
  const pipeline = stepPipeline(request, devices, schedule, simulation);
  if (microBatches > 1 && step.nodePhase.includes(Phase.backward)) {
    if (!pipeline) return { timeMs: stepTimeMs, peakBytes };
    return { timeMs: pipeline.run.makespanMs, peakBytes: pipeline.peakBytes, pipeline };
  }
  const waiting = waitingBytes(step, schedule, replicas);
  const stream = pipeline && stepStream(pipeline, waiting, request.problem.memoryBytes);
  if (!stream) return { timeMs: stepTimeMs, peakBytes, pipeline };
  const timeMs = Math.max(stream.periodMs, sharedMs(simulation, replicas));
  return { timeMs, peakBytes: stream.peakBytes, pipeline, stream };
}

/** Load of the busiest part; replicas take steps in turn and have a share of a device's work each. */
function sharedMs(simulation: Simulation, replicas: Directives['replicas']): number {
  const { timing } = simulation;
  if (!timing || !replicas) return periodMs(simulation);
  return Math.max(0, ...timing.deviceBusyMs.map((ms, device) => ms / (1 + (replicas[device]?.length ?? 0))));
}

/** Steps follow each other this fast in a pipeline whose parts are always busy: the busiest one decides. */
export function periodMs({ timing, stepTimeMs }: Simulation): number {
  return timing ? Math.max(0, ...timing.deviceBusyMs, ...timing.channelBusyMs) : stepTimeMs;
}
