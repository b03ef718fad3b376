import { pipelinePeriodMs, updatedEachTime } from '../../simulator/pipeline/pipeline';
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

/** What a placed step comes to. */
export interface PlacedOutcome {
  /**
   * latency: the makespan of the step. throughput: the period of a stream of steps, or the time of an update whose
   * micro-batches run through a pipeline.
   */
  readonly timeMs: number;
  /** By device, with all micro-batches in flight. */
  readonly peakBytes: readonly number[];
  /** Where micro-batches are trained for throughput and the layers are in an order that a pipeline can have. */
  readonly pipeline?: StepPipeline;
}

/** The outcome of a step whose nodes run on `devices`. Micro-batches that no pipeline can run follow each other. */
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
  const isStream = microBatches === 1 || !step.nodePhase.includes(Phase.backward);
  if (isStream && !replicas) return { timeMs: periodMs(simulation), peakBytes };
  const pipeline = stepPipeline(request, devices, schedule, simulation);
  if (isStream) return { timeMs: sharedPeriodMs(simulation, replicas, pipeline), peakBytes };
  if (!pipeline) return { timeMs: stepTimeMs, peakBytes };
  return { timeMs: pipeline.run.makespanMs, peakBytes: pipeline.peakBytes, pipeline };
}

/** The period where replicas take steps in turn: each has its share of a device's work, and sums up gradients. */
function sharedPeriodMs(
  simulation: Simulation,
  replicas: Directives['replicas'],
  found: StepPipeline | undefined,
): number {
  const { timing } = simulation;
  if (!found || !timing) return periodMs(simulation);
  const sharesMs = timing.deviceBusyMs.map((ms, device) => ms / (1 + (replicas?.[device]?.length ?? 0)));
  return Math.max(0, ...sharesMs, pipelinePeriodMs(updatedEachTime(found.pipeline)));
}

/** Steps follow each other this fast in a pipeline whose parts are always busy: the busiest one decides. */
export function periodMs({ timing, stepTimeMs }: Simulation): number {
  return timing ? Math.max(0, ...timing.deviceBusyMs, ...timing.channelBusyMs) : stepTimeMs;
}
