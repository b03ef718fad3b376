import { hostMemory } from '../../planner-core/simulator/schedule';
import type { Timeline } from '../../planner-core/simulator/timeline';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import type { Evaluation } from '../state/evaluation';
import { peakSample } from '../timeline/columns';
import { sampleAt, type TimeAxis } from '../timeline/timeAxis';

/** What devices compute, by the moment it begins: parallel arrays. */
export interface Computations {
  readonly length: number;
  readonly node: Int32Array;
  /** 1 where the node runs for another time. */
  readonly again: Uint8Array;
  readonly device: Uint8Array;
  readonly start: Float64Array;
  readonly end: Float64Array;
}

/** A value on its way between devices; `hostMemory` for either end of an offload. */
export interface Transfer {
  readonly value: number;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

/** A device over the step. */
export interface DeviceLane {
  readonly device: number;
  readonly id: string;
  /** Its memory: a sample for each computation of any device. */
  readonly timeline: Timeline;
  /** A sample holds until the next one begins. */
  readonly axis: TimeAxis;
  /** Indices of its computations. */
  readonly runs: Int32Array;
  readonly busyMs: number;
  /** Where most is in memory; -1 for an empty timeline. */
  readonly peak: { readonly sample: number; readonly at: number; readonly bytes: number };
}

/** A step on several devices, ready to draw. Samples of timelines and computations have the same index. */
export interface LanesModel {
  readonly lanes: readonly DeviceLane[];
  readonly computations: Computations;
  /** By the moment they begin. */
  readonly transfers: readonly Transfer[];
  /** End of what ends last; with no durations known, how many computations there are. */
  readonly total: number;
  readonly unit: TimeAxis['unit'];
}

export function lanesModel(evaluation: Evaluation): LanesModel {
  const { step, simulation } = evaluation;
  const timelines = step.devices.map((_, device) => evaluation.timeline(device));
  const [{ node, again, runsOn, startMs, endMs, length }] = timelines;
  const isTimed = simulation.stepTimeMs > 0;
  const total = isTimed ? simulation.stepTimeMs : Math.max(1, length);
  const start = isTimed ? startMs : Float64Array.from({ length }, (_, i) => i);
  const end = isTimed ? endMs : start.map((at) => at + 1);
  const unit = isTimed ? 'ms' : 'samples';
  const axis: TimeAxis = { start, end: start.map((_, i) => start[i + 1] ?? total), total, unit };
  const lanes = timelines.map((timeline, device): DeviceLane => {
    const runs = Int32Array.from({ length }, (_, i) => i).filter((i) => runsOn[i] === device);
    const busyMs = runs.reduce((sum, run) => sum + end[run] - start[run], 0);
    const sample = peakSample(timeline.liveBytes);
    const peak =
      sample < 0
        ? { sample, at: 0, bytes: 0 }
        : { sample, at: start[sample], bytes: timeline.liveBytes[sample] };
    return { device, id: step.devices[device], timeline, axis, runs, busyMs, peak };
  });
  const transfers = timelines
    .flatMap((timeline) => transfersOf(timeline, step))
    .sort((a, b) => a.start - b.start);
  const computations = { length, node, again, device: runsOn, start, end };
  return { lanes, computations, transfers, total, unit };
}

/** What a device is sent, and what it sends to host memory: everything sent is told once. */
function transfersOf({ transfers }: Timeline, { valueBytes }: StepGraph): Transfer[] {
  return transfers
    .filter((transfer) => transfer.in || transfer.to === hostMemory)
    .map(({ value, from, to, startMs, endMs }) => ({
      ...{ value, from, to },
      bytes: valueBytes[value],
      start: startMs,
      end: endMs,
    }));
}

/** The computation of a device at a moment: the last that begins at or before it, or its first; -1 where it has none. */
export function computationAt({ lanes, computations }: LanesModel, device: number, moment: number): number {
  const { runs } = lanes[device];
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (computations.start[runs[middle]] <= moment) low = middle + 1;
    else high = middle;
  }
  return runs.length === 0 ? -1 : runs[Math.max(0, low - 1)];
}

/**
 * What to tell of a device at a moment: the computation it is at, or where it rests the last of any device that has
 * begun, which is the sample of its memory. -1 for a step without computations.
 */
export function sampleNear(model: LanesModel, device: number, moment: number, tolerance: number): number {
  const { computations, unit, total } = model;
  const own = computationAt(model, device, moment);
  const isRunning =
    own >= 0 && computations.start[own] <= moment + tolerance && moment <= computations.end[own] + tolerance;
  return isRunning ? own : sampleAt({ ...computations, unit, total }, moment);
}

/** Does anything run or lie on the device? */
export const isUsed = ({ runs, peak }: DeviceLane): boolean => runs.length > 0 || peak.bytes > 0;
