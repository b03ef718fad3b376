import { HeadroomError } from '../../planner-core/base/errors';
import { Op } from '../../planner-core/simulator/schedule';
import type { Simulation } from '../../planner-core/simulator/simulate';
import type { Timing } from '../../planner-core/simulator/timing';
import type { Timeline } from '../../planner-core/simulator/timeline';
import type { Evaluation } from '../state/evaluation';
import { peakSample } from '../timeline/columns';
import { timeAxis, type TimeAxis } from '../timeline/timeAxis';

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
  readonly timeline: Timeline;
  readonly axis: TimeAxis;
  /** Indices of its computations. */
  readonly runs: Int32Array;
  readonly busyMs: number;
  /** Where most is in memory; -1 for an empty timeline. */
  readonly peak: { readonly sample: number; readonly at: number; readonly bytes: number };
}

/** A step on several devices, ready to draw. */
export interface LanesModel {
  readonly lanes: readonly DeviceLane[];
  readonly computations: Computations;
  readonly transfers: readonly Transfer[];
  /** End of what ends last, at least 1. */
  readonly total: number;
  readonly unit: TimeAxis['unit'];
}

export function lanesModel(evaluation: Evaluation): LanesModel {
  const { step } = evaluation;
  const timelines = step.devices.map((_, device) => evaluation.timeline(device));
  const axes = timelines.map(timeAxis);
  const computations = computationsOf(evaluation);
  const lanes = step.devices.map((id, device): DeviceLane => {
    const runs: number[] = [];
    let busyMs = 0;
    for (let i = 0; i < computations.length; i++) {
      if (computations.device[i] !== device) continue;
      runs.push(i);
      busyMs += computations.end[i] - computations.start[i];
    }
    const timeline = timelines[device];
    const axis = axes[device];
    const sample = peakSample(timeline.liveBytes);
    const peak =
      sample < 0
        ? { sample, at: 0, bytes: 0 }
        : { sample, at: (axis.start[sample] + axis.end[sample]) / 2, bytes: timeline.liveBytes[sample] };
    return { device, id, timeline, axis, runs: Int32Array.from(runs), busyMs, peak };
  });
  const transfers = transfersOf(evaluation);
  const ends = [...axes.map(({ total }) => total), ...transfers.map(({ end }) => end)];
  return { lanes, computations, transfers, total: Math.max(1, ...ends), unit: axes[0].unit };
}

function computationsOf({ schedule, simulation }: Evaluation): Computations {
  const entries: number[] = [];
  const again = new Uint8Array(schedule.length);
  const ran = new Set<number>();
  for (let entry = 0; entry < schedule.length; entry++) {
    if (schedule.op[entry] !== Op.compute) continue;
    entries.push(entry);
    again[entry] = Number(ran.has(schedule.subject[entry]));
    ran.add(schedule.subject[entry]);
  }
  const { startMs, endMs } = timingOf(simulation);
  entries.sort((a, b) => startMs[a] - startMs[b] || a - b);
  return {
    length: entries.length,
    node: Int32Array.from(entries, (entry) => schedule.subject[entry]),
    again: Uint8Array.from(entries, (entry) => again[entry]),
    device: Uint8Array.from(entries, (entry) => schedule.to[entry]),
    start: Float64Array.from(entries, (entry) => startMs[entry]),
    end: Float64Array.from(entries, (entry) => endMs[entry]),
  };
}

function transfersOf({ step, schedule, simulation }: Evaluation): Transfer[] {
  const { startMs, endMs } = timingOf(simulation);
  const transfers: Transfer[] = [];
  for (let entry = 0; entry < schedule.length; entry++) {
    if (schedule.op[entry] !== Op.copy) continue;
    const value = schedule.subject[entry];
    transfers.push({
      value,
      bytes: step.valueBytes[value],
      from: schedule.from[entry],
      to: schedule.to[entry],
      start: startMs[entry],
      end: endMs[entry],
    });
  }
  return transfers;
}

function timingOf({ timing }: Simulation): Timing {
  if (!timing) throw new HeadroomError('internal', 'A step on one device has no lanes.');
  return timing;
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

/** Does anything run or lie on the device? */
export const isUsed = ({ runs, peak }: DeviceLane): boolean => runs.length > 0 || peak.bytes > 0;
