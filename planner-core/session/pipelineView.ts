import type { PlanInputs } from '../plan/planInputs';
import { placementOfStep } from '../planners/placement/ofStep';
import type { PlacedStep } from '../planners/placement/placeStep';
import type { PlacementProblem } from '../planners/placement/problem';
import { stepPipeline } from '../planners/placement/throughput/stepPipeline';
import { compileSchedule } from '../simulator/compileSchedule';
import type { Directives } from '../simulator/schedule';
import { deviceOfNodes } from '../simulator/sequence';
import { simulate } from '../simulator/simulate';
import { Phase } from '../step/stepGraph';
import { runView, streamOf } from './pipelineRun';
import { memoryLimits, microBatchesOf } from './placed';
import type { StepState } from './stepState';
import type { PipelineView, PlacementView } from './types';

/**
 * Adds to a view of a plan for throughput how it runs as a pipeline: an update's micro-batches by 1F1B, whose time and peaks
 * are then the plan's, or else a stream of samples (or steps).
 */
export function withPipeline(
  view: PlacementView | undefined,
  state: StepState,
  inputs: PlanInputs,
  directives: Directives,
  placed: Pick<PlacedStep, 'replicated'> = {},
): PlacementView | undefined {
  if (view?.objective !== 'throughput') return view;
  const { built, layers } = state;
  const { step } = built;
  const microBatches = microBatchesOf(inputs.workload);
  const isStream = microBatches === 1;
  const { problem } = placementOfStep(step, layers, inputs.pins, memoryLimits(inputs));
  const schedule = compileSchedule(step, directives);
  const simulation = simulate(step, schedule);
  const devices = deviceOfNodes(step, directives);
  const found = stepPipeline({ step, problem, microBatches }, devices, schedule, simulation);
  if (!found) return isStream ? view : ofUpdate(view, simulation.stepTimeMs, simulation.perDevicePeakBytes);
  const { stages, periodMs } = found;
  const timeMs = isStream ? view.timeMs : found.run.makespanMs;
  const used = new Set(stages.flatMap((stage) => stage.devices));
  // A stream has no end: its parts only wait for the busiest one.
  const busyMs = found.run.deviceBusyMs;
  const sumMs = [...used].reduce((sum, device) => sum + busyMs[device], 0);
  const bubble = timeMs > 0 ? Math.max(0, 1 - sumMs / (used.size * timeMs)) : 0;
  const drawn = isStream ? streamOf(found.pipeline) : found;
  const run = runView(drawn, step.devices, simulation.perDevicePeakBytes, timeMs, busyMs);
  const peakOf = new Map(run.devices.map(({ device, peakBytes }) => [device, peakBytes]));
  const deviceNames = (own: readonly number[]): string[] => own.map((device) => step.devices[device]);
  const { replicated } = placed;
  const shown: PipelineView = {
    schedule: isStream ? 'stream' : '1F1B',
    microBatches,
    stages: stages.map((stage, i) => ({
      devices: deviceNames(stage.devices),
      layers: layerNames(state, found.problem, stage.groups),
      forwardMs: found.pipeline.stages[i].forwardMs[0],
      backwardMs: found.pipeline.stages[i].backwardMs[0],
      inFlight: drawn.run.mostInFlight[i],
      peakBytes: peakOf.get(step.devices[stage.devices[0]]) ?? 0,
    })),
    fillMs: run.fillMs,
    periodMs: isStream ? timeMs : periodMs,
    drainMs: run.drainMs,
    bubblePercent: 100 * bubble,
    run,
    replicas: replicated && {
      timeMs: replicated.timeMs,
      fits: replicated.fits,
      stages: replicated.stages.map((stage) => ({
        devices: deviceNames(stage.devices),
        layers: layerNames(state, problem, stage.groups),
      })),
    },
  };
  return { ...(isStream ? view : ofUpdate(view, timeMs, found.peakBytes)), pipeline: shown };
}

/** What an update by micro-batches takes, instead of a stream of steps. */
function ofUpdate(view: PlacementView, timeMs: number, peakBytes: ArrayLike<number>): PlacementView {
  return {
    ...view,
    measure: 'update',
    timeMs,
    boundMs: Math.min(view.boundMs, timeMs),
    perDevice: view.perDevice.map((device, i) => ({
      ...device,
      idleMs: Math.max(0, timeMs - device.busyMs),
      peakBytes: peakBytes[i],
    })),
  };
}

/** The modules whose forward pass groups are, in the order they run; operators that are in none by their own name. */
function layerNames(
  { graph, built }: StepState,
  { groups }: PlacementProblem,
  own: readonly number[],
): string[] {
  const { step } = built;
  const nodes = own.flatMap((group) => [
    ...groups.items.subarray(groups.offsets[group], groups.offsets[group + 1]),
  ]);
  const names = new Set<string>();
  for (const node of nodes.sort((a, b) => a - b)) {
    if (step.nodePhase[node] !== Phase.forward) continue;
    const module = step.nodeModule[node];
    names.add((module >= 0 && graph.modules[module].name) || step.nodeName[node]);
  }
  return [...names];
}
