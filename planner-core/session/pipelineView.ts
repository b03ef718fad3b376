import type { PlanInputs } from '../plan/planInputs';
import type { PlacementProblem } from '../planners/placement/problem';
import { withReplicas } from '../planners/placement/throughput/stepPipeline';
import type { Directives } from '../simulator/schedule';
import { Phase } from '../step/stepGraph';
import { runView } from './pipelineRun';
import { microBatchesOf } from './placed';
import type { StepState } from './stepState';
import { runThroughput } from './throughput';
import type { PipelineView, PlacementMeasure, PlacementView } from './types';

/**
 * Adds to a view of a plan for throughput how it runs as a pipeline: an update's micro-batches by 1F1B, whose time and peaks
 * are then the plan's, or else a stream of samples (or steps).
 */
export function withPipeline(
  view: PlacementView | undefined,
  state: StepState,
  inputs: PlanInputs,
  directives: Directives,
): PlacementView | undefined {
  if (view?.objective !== 'throughput') return view;
  const { step } = state.built;
  const microBatches = microBatchesOf(inputs.workload);
  const isStream = microBatches === 1;
  const { outcome, pipeline: found } = runThroughput(state, inputs, directives);
  const { timeMs, peakBytes } = outcome;
  const busyMs = isStream || !found ? shared(view, directives) : found.run.deviceBusyMs;
  const whole = ofThroughput(view, isStream ? 'period' : 'update', timeMs, busyMs, peakBytes);
  if (!found) return whole;
  const { stages, periodMs } = found;
  // A stream has no end: its parts only wait for the busiest one.
  const used = new Set(stages.flatMap((stage) => stage.devices));
  const sumMs = [...used].reduce((sum, device) => sum + busyMs[device], 0);
  const bubble = timeMs > 0 ? Math.max(0, 1 - sumMs / (used.size * timeMs)) : 0;
  const drawn = outcome.stream ?? found;
  const run = runView(drawn, step.devices, drawn.onePeakBytes, timeMs, busyMs);
  const peakOf = new Map(run.devices.map(({ device, peakBytes }) => [device, peakBytes]));
  const deviceNames = (own: readonly number[]): string[] => own.map((device) => step.devices[device]);
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
  };
  return { ...whole, pipeline: shown };
}

/** By device: its computations of a step, which replicas take in turn. */
function shared({ perDevice }: PlacementView, { replicas }: Directives): number[] {
  const shareMs = perDevice.map(({ busyMs }, device) => busyMs / (1 + (replicas?.[device]?.length ?? 0)));
  return withReplicas(shareMs, replicas);
}

/** What a stream of steps comes to, or an update by micro-batches. */
function ofThroughput(
  view: PlacementView,
  measure: PlacementMeasure,
  timeMs: number,
  busyMs: ArrayLike<number>,
  peakBytes: readonly number[],
): PlacementView {
  return {
    ...view,
    ...{ measure, timeMs, boundMs: Math.min(view.boundMs, timeMs) },
    perDevice: view.perDevice.map(({ device }, i) => ({
      ...{ device, busyMs: busyMs[i], idleMs: Math.max(0, timeMs - busyMs[i]), peakBytes: peakBytes[i] },
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
