import type { Job } from '../base/job';
import { eachDevice } from '../devices/machine';
import type { Objective } from '../plan/plan';
import type { PlanInputs } from '../plan/planInputs';
import {
  periodMs,
  placeStep,
  type PlacedStep,
  type PlaceRequest,
  type PlacementObjective,
} from '../planners/placement/placeStep';
import { compileSchedule } from '../simulator/compileSchedule';
import type { Directives } from '../simulator/schedule';
import { simulate } from '../simulator/simulate';
import type { StepGraph } from '../step/stepGraph';
import type { Workload } from '../step/workload';
import type { StepState } from './stepState';
import type { ChannelUse, DeviceUse, PlacementView } from './types';

/** What unpinned layers are to be placed for; undefined where they stay on the first device. */
export function placementObjective({ objective, devices }: PlanInputs): PlacementObjective | undefined {
  return objective === undefined || objective === 'fit' || eachDevice(devices).length < 2
    ? undefined
    : objective;
}

/** The memory limit of each device; the budget is the first one's. */
export function memoryLimits({ devices, budgetBytes }: PlanInputs): number[] {
  return eachDevice(devices).map(({ memoryBytes }, i) =>
    i === 0 ? (budgetBytes ?? memoryBytes) : memoryBytes,
  );
}

/** How many micro-batches an update has; inference has none. */
export const microBatchesOf = ({ mode, microBatches }: Workload): number =>
  mode === 'training' ? microBatches : 1;

/** Places what is not pinned. Throws 'infeasible' for pins that contradict each other, 'cancelled' when the job is. */
export function placeInputs(
  state: StepState,
  inputs: PlanInputs,
  objective: PlacementObjective,
  job: Job,
  options: Pick<PlaceRequest, 'engine' | 'rounds' | 'timeLimitS' | 'onImproved'> = {},
): Promise<PlacedStep> {
  const { built, layers, hints } = state;
  const request = {
    step: built.step,
    layers,
    ...{ pins: inputs.pins, strategy: inputs.strategy, objective },
    memoryBytes: memoryLimits(inputs),
    microBatches: microBatchesOf(inputs.workload),
    hints: hints?.deviceOfNode,
  };
  return placeStep({ ...request, ...options }, job);
}

/** What a plan on several devices makes of them; undefined on one device. `placed`: what placed its layers. */
export function placementView(
  step: StepGraph,
  directives: Directives,
  objective: Objective,
  placed: Partial<Pick<PlacedStep, 'boundMs' | 'baselines'>> = {},
): PlacementView | undefined {
  const simulation = simulate(step, compileSchedule(step, directives));
  const { timing, perDevicePeakBytes, stepTimeMs } = simulation;
  if (!timing || step.devices.length < 2) return undefined;
  const timeMs = objective === 'throughput' ? periodMs(simulation) : stepTimeMs;
  return {
    objective,
    measure: objective === 'throughput' ? 'period' : 'step',
    timeMs,
    boundMs: Math.min(placed.boundMs ?? 0, timeMs),
    baselines: (placed.baselines ?? []).map(({ name, timeMs, peakBytes, fits }) => ({
      ...{ name, timeMs, peakBytes, fits },
    })),
    perDevice: step.devices.map((device, i): DeviceUse => ({
      device,
      busyMs: timing.deviceBusyMs[i],
      idleMs: Math.max(0, timeMs - timing.deviceBusyMs[i]),
      peakBytes: perDevicePeakBytes[i],
    })),
    channels: step.channels.map((name, i): ChannelUse => ({
      name,
      busyMs: timing.channelBusyMs[i],
      bytes: timing.channelBytes[i],
    })),
  };
}
