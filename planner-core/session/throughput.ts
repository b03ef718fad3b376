import type { ThroughputPrediction } from '../plan/plan';
import type { PlanInputs } from '../plan/planInputs';
import { placementOfStep } from '../planners/placement/ofStep';
import { placedOutcome, type PlacedOutcome } from '../planners/placement/placedOutcome';
import type { StepPipeline } from '../planners/placement/throughput/stepPipeline';
import { compileSchedule } from '../simulator/compileSchedule';
import type { Directives } from '../simulator/schedule';
import { deviceOfNodes } from '../simulator/sequence';
import { simulate } from '../simulator/simulate';
import { memoryLimits, microBatchesOf, placementObjective } from './placed';
import type { StepState } from './stepState';

/** A plan for throughput, run. */
export interface ThroughputRun {
  readonly outcome: PlacedOutcome;
  /** Where the layers are in an order that a pipeline can have. */
  readonly pipeline?: StepPipeline;
}

/** Runs a plan for throughput through the simulators of steps and of pipelines. */
export function runThroughput(
  { built, layers }: StepState,
  inputs: PlanInputs,
  directives: Directives,
): ThroughputRun {
  const { step } = built;
  const { problem } = placementOfStep(step, layers, inputs.pins, memoryLimits(inputs));
  const schedule = compileSchedule(step, directives);
  const simulation = simulate(step, schedule);
  const devices = deviceOfNodes(step, directives);
  const { replicas } = directives;
  const request = { step, problem, microBatches: microBatchesOf(inputs.workload), replicas };
  const outcome = placedOutcome({ ...request, objective: 'throughput' }, devices, schedule, simulation);
  return { outcome, pipeline: outcome.pipeline };
}

/** What a plan file says of throughput; undefined for other objectives and on one device. */
export function throughputPrediction(
  state: StepState,
  inputs: PlanInputs,
  directives: Directives,
): ThroughputPrediction | undefined {
  if (placementObjective(inputs) !== 'throughput') return undefined;
  const { timeMs, peakBytes } = runThroughput(state, inputs, directives).outcome;
  const { devices } = state.built.step;
  return {
    timeMs,
    perDevicePeakBytes: Object.fromEntries(devices.map((id, device) => [id, peakBytes[device]])),
  };
}
