import {
  isTrained,
  pipelinePeriodMs,
  transferMs,
  updatedEachTime,
  type Pipeline,
} from '../../../simulator/pipeline/pipeline';
import { simulatePipeline, type PipelineRun } from '../../../simulator/pipeline/simulatePipeline';
import { Op, type Directives, type Schedule } from '../../../simulator/schedule';
import { Phase, ValueKind, type StepGraph } from '../../../step/stepGraph';
import { withReplicas, type StepPipeline } from './stepPipeline';

/** An endless stream of steps (or samples) through a pipeline, with as many in flight as memory allows and its period needs. */
export interface StepStream {
  /** With the first steps of the stream: enough to see its steady state. */
  readonly pipeline: Pipeline;
  readonly run: PipelineRun;
  /** Between the ends of two steps in the steady state of the run; never less than the load of the busiest part. */
  readonly periodMs: number;
  readonly stepsInFlight: number;
  /** By device: the peak of a single step, with what others have beyond what their stages keep. */
  readonly onePeakBytes: readonly number[];
  /** By device, with all that is in flight. */
  readonly peakBytes: readonly number[];
}

/** Steps more in flight count only where they shorten the period by this share: they cost memory. */
const leastGain = 0.005;
/** Steps beyond those that fill and drain the pipeline: the period is measured over these. */
const steadySteps = 4;
/** Beyond this many pairs of a pass and a hand-on placements are in too many pieces to be weighed while somebody waits. */
const mostWork = 2e6;

/**
 * Lets steps follow each other through a pipeline, one in flight at first, then more while the period falls and every
 * device keeps to its memory: a stream that does not fit is throttled. A stage has so many steps in flight as begin between
 * its forward and its backward pass (Little's law; Beaumont, Eyraud-Dubois and Shilova, "Pipelined model parallelism:
 * complexity results and memory considerations", Euro-Par 2021). `besideBytes`: by device, what `waitingBytes`
 * says. A stream that never fits has one step in flight. undefined where the placement is in too many pieces.
 */
export function stepStream(
  found: StepPipeline,
  besideBytes: readonly number[],
  memoryBytes: ArrayLike<number>,
): StepStream | undefined {
  const pipeline = updatedEachTime(found.pipeline);
  const tailMs = tailsMs(pipeline);
  const loadMs = pipelinePeriodMs(pipeline);
  const enough = 2 * Math.ceil(loadMs > 0 ? tailMs[0] / loadMs : 1);
  let best: StepStream | undefined;
  for (let steps = 1; steps <= enough; steps++) {
    const microBatches = 3 * steps + steadySteps;
    if (pipeline.stages.length * microBatches * (1 + pipeline.handOns.length) > mostWork) break;
    const inFlight = tailMs.map((ms) => Math.max(1, Math.ceil((steps * ms) / (tailMs[0] || 1))));
    const stream = streamOf({ ...pipeline, microBatches, inFlight }, found, besideBytes, loadMs);
    if (!best) best = stream;
    if (stream.peakBytes.some((bytes, device) => bytes > memoryBytes[device])) break;
    if (stream.periodMs < best.periodMs * (1 - leastGain)) best = stream;
    if (best.periodMs <= loadMs * (1 + leastGain)) break;
  }
  return best;
}

function streamOf(
  pipeline: Pipeline,
  { onePeakBytes: aloneBytes, passBytes }: StepPipeline,
  besideBytes: readonly number[],
  loadMs: number,
): StepStream {
  const { stages, inFlight = [1] } = pipeline;
  const [stepsInFlight] = inFlight;
  const run = simulatePipeline(pipeline);
  const isTraining = isTrained(pipeline);
  const countedBytes = aloneBytes.map((_, device) =>
    stages
      .filter(({ devices }) => devices.includes(device))
      .reduce((sum, stage) => sum + stage.residentBytes + stage.keptBytes, 0),
  );
  const onePeakBytes = aloneBytes.map((bytes, device) => {
    if (stepsInFlight === 1) return bytes;
    const others = (stepsInFlight - 1) * besideBytes[device];
    // A step may be in any of its passes when most of the others is in flight.
    return others + (isTraining ? Math.max(bytes, countedBytes[device] + passBytes[device]) : bytes);
  });
  const peakBytes = onePeakBytes.map(
    (bytes, device) => bytes + Math.max(0, run.devicePeakBytes[device] - countedBytes[device]),
  );
  const periodMs = Math.max(loadMs, steadyPeriodMs(pipeline, run, stepsInFlight));
  return { pipeline, run, periodMs, stepsInFlight, onePeakBytes, peakBytes };
}

/** By stage: time from the start of its forward pass to the end of its backward pass in a step that never waits. */
function tailsMs(pipeline: Pipeline): number[] {
  const { stages, handOns } = pipeline;
  const tails: number[] = [];
  let tail = 0;
  for (let stage = stages.length - 1; stage >= 0; stage--) {
    const { forwardMs, backwardMs } = stages[stage];
    tail += Math.max(...forwardMs.map((ms, replica) => ms + backwardMs[replica]));
    for (const handOn of handOns)
      if (handOn.from === stage)
        tail += transferMs(pipeline, handOn, 0, false) + transferMs(pipeline, handOn, 0, true);
    tails[stage] = tail;
  }
  return tails;
}

/** Mean time between the ends of steps, without those that fill and drain the pipeline. */
function steadyPeriodMs(pipeline: Pipeline, { endMs }: PipelineRun, stepsInFlight: number): number {
  const { stages, microBatches } = pipeline;
  const pass = isTrained(pipeline) ? 1 : 0;
  const ends = Array.from({ length: microBatches }, (_, step) =>
    stages.reduce((last, __, stage) => Math.max(last, endMs[(stage * microBatches + step) * 2 + pass]), 0),
  );
  const [first, last] = [stepsInFlight - 1, microBatches - stepsInFlight];
  return (ends[last] - ends[first]) / (last - first);
}

/**
 * By device: what a step that waits has there beyond what its stages keep. The batch it was given; of inference, where nothing
 * is kept, also the most it leaves there while it computes on another device or hands on.
 */
export function waitingBytes(
  step: StepGraph,
  schedule: Schedule,
  replicas: Directives['replicas'],
): readonly number[] {
  const batch = batchBytes(step, schedule);
  const isTraining = step.nodePhase.includes(Phase.backward);
  const left = isTraining ? undefined : leftBetweenStages(step, schedule);
  const bytes = batch.map((own, device) => own + (left?.[device] ?? 0));
  return withReplicas(bytes, replicas);
}

/** By device: inputs of the step that are read there. */
function batchBytes({ inputs, valueKind, valueBytes, devices }: StepGraph, schedule: Schedule): Float64Array {
  const bytes = new Float64Array(devices.length);
  const counted = new Set<number>();
  for (let entry = 0; entry < schedule.length; entry++) {
    if (schedule.op[entry] !== Op.compute) continue;
    const node = schedule.subject[entry];
    const device = schedule.to[entry];
    for (let i = inputs.offsets[node]; i < inputs.offsets[node + 1]; i++) {
      const value = inputs.items[i];
      const pair = value * devices.length + device;
      if (valueKind[value] !== ValueKind.input || counted.has(pair)) continue;
      counted.add(pair);
      bytes[device] += valueBytes[value];
    }
  }
  return bytes;
}

function leftBetweenStages(step: StepGraph, schedule: Schedule): Float64Array {
  const live = new Float64Array(step.devices.length);
  const most = new Float64Array(step.devices.length);
  const { outputs, valueBytes, residentAtStart } = step;
  const holds = new Set<number>();
  const change = (value: number, device: number, isThere: boolean): void => {
    const pair = value * live.length + device;
    if (device < 0 || residentAtStart[value] || holds.has(pair) === isThere) return;
    live[device] += isThere ? valueBytes[value] : -valueBytes[value];
    if (isThere) holds.add(pair);
    else holds.delete(pair);
  };
  for (let entry = 0; entry < schedule.length; entry++) {
    const subject = schedule.subject[entry];
    const [from, to] = [schedule.from[entry], schedule.to[entry]];
    if (schedule.op[entry] === Op.free) change(subject, from, false);
    else if (schedule.op[entry] === Op.copy) {
      change(subject, to, true);
      for (const device of [from, to]) if (device >= 0) most[device] = Math.max(most[device], live[device]);
    } else {
      live.forEach((bytes, device) => {
        if (device !== to) most[device] = Math.max(most[device], bytes);
      });
      for (let i = outputs.offsets[subject]; i < outputs.offsets[subject + 1]; i++)
        change(outputs.items[i], to, true);
    }
  }
  return most;
}
