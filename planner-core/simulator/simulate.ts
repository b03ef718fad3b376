import { HeadroomError } from '../base/errors';
import type { StepGraph } from '../step/stepGraph';
import { initialPlacement } from './initialPlacement';
import { memoryEvents } from './memoryEvents';
import { Op, hostMemory, type Schedule } from './schedule';
import { hostMemoryOverTime } from './hostMemory';
import { overlaps, timeSchedule, type Timing } from './timing';

/** What a schedule costs. Every number Headroom shows comes from here. */
export interface Simulation {
  /** Highest live bytes on any device. */
  readonly peakBytes: number;
  /** Schedule entry (a compute or a copy) at which the peak is reached first; -1 for an empty schedule. */
  readonly peakEntry: number;
  readonly peakDevice: number;
  readonly perDevicePeakBytes: Float64Array;
  /**
   * On one device without transfers the sum of its computations; else the makespan: transfers overlap with computations,
   * devices with each other.
   */
  readonly stepTimeMs: number;
  readonly computeMs: number;
  readonly transferMs: number;
  readonly transferBytes: number;
  /**
   * For each schedule entry: bytes live on the entry's device while it runs (workspace included), or after a free. On
   * several devices, and where there are transfers: when it begins.
   */
  readonly liveBytes: Float64Array;
  /** Of a step on several devices, or with transfers. */
  readonly timing?: Timing;
  /** Highest memory in use where offloaded values go. */
  readonly hostPeakBytes: number;
}

/**
 * Replays a schedule: allocates what computations produce, charges workspaces, frees what the schedule frees.
 * O(entries + their inputs and outputs). Throws HeadroomError 'check-failed' when the schedule is not valid: a
 * computation without its inputs on its device, a free of what is not there, a copy without a source.
 */
export function simulate(step: StepGraph, schedule: Schedule): Simulation {
  const deviceCount = step.devices.length;
  const { inputs, outputs, updates, valueBytes } = step;
  const resident = new Uint8Array(step.valueCount * deviceCount);
  const inHost = new Uint8Array(step.valueCount);
  const live = new Float64Array(deviceCount);
  initialPlacement(step, schedule).forEach((device, value) => {
    if (device < 0) {
      inHost[value] = step.residentAtStart[value];
      return;
    }
    resident[value * deviceCount + device] = 1;
    live[device] += valueBytes[value];
  });

  const perDevicePeakBytes = Float64Array.from(live);
  const liveBytes = new Float64Array(schedule.length);
  let peakBytes = -1;
  let peakEntry = -1;
  let peakDevice = 0;
  let computeMs = 0;
  let transferMs = 0;
  let transferBytes = 0;

  for (let entry = 0; entry < schedule.length; entry++) {
    const subject = schedule.subject[entry];
    const device = schedule.op[entry] === Op.free ? schedule.from[entry] : schedule.to[entry];
    let moment = 0;
    switch (schedule.op[entry]) {
      case Op.compute: {
        for (const rows of [inputs, updates]) {
          for (let i = rows.offsets[subject]; i < rows.offsets[subject + 1]; i++) {
            if (!resident[rows.items[i] * deviceCount + device]) {
              throw invalid(
                `${step.nodeName[subject]} reads ${step.valueName[rows.items[i]]}, which is not there`,
              );
            }
          }
        }
        for (let i = outputs.offsets[subject]; i < outputs.offsets[subject + 1]; i++) {
          const pair = outputs.items[i] * deviceCount + device;
          if (resident[pair]) continue;
          resident[pair] = 1;
          live[device] += valueBytes[outputs.items[i]];
        }
        moment = live[device] + step.workspaceBytes[subject];
        computeMs += step.durationMs[device * step.nodeCount + subject];
        break;
      }
      case Op.free: {
        const pair = subject * deviceCount + device;
        if (!resident[pair]) throw invalid(`${step.valueName[subject]} is freed but not there`);
        resident[pair] = 0;
        live[device] -= valueBytes[subject];
        moment = live[device];
        break;
      }
      case Op.copy: {
        const from = schedule.from[entry];
        const there = from === hostMemory ? inHost[subject] : resident[subject * deviceCount + from];
        if (!there) throw invalid(`${step.valueName[subject]} is copied from where it is not`);
        transferBytes += valueBytes[subject];
        transferMs += transferTimeMs(step, subject, from, device);
        if (device === hostMemory) {
          inHost[subject] = 1;
          moment = live[from];
        } else {
          const pair = subject * deviceCount + device;
          if (!resident[pair]) live[device] += valueBytes[subject];
          resident[pair] = 1;
          moment = live[device];
        }
        break;
      }
    }
    liveBytes[entry] = moment;
    if (device === hostMemory) continue;
    if (moment > perDevicePeakBytes[device]) perDevicePeakBytes[device] = moment;
    if (moment > peakBytes) {
      peakBytes = moment;
      peakEntry = entry;
      peakDevice = device;
    }
  }
  if (overlaps(step, schedule)) {
    const timing = timeSchedule(step, schedule);
    const memory = memoryOverTime(step, schedule, timing);
    const hostPeakBytes = hostMemoryOverTime(step, schedule, timing).peakBytes;
    const stepTimeMs = timing.makespanMs;
    return { ...memory, stepTimeMs, computeMs, transferMs, transferBytes, timing, hostPeakBytes };
  }
  return {
    peakBytes: Math.max(peakBytes, ...perDevicePeakBytes),
    peakEntry,
    peakDevice,
    perDevicePeakBytes,
    stepTimeMs: computeMs,
    computeMs,
    transferMs,
    transferBytes,
    liveBytes,
    hostPeakBytes: 0,
  };
}

/** Memory of devices that run at once. */
function memoryOverTime(
  step: StepGraph,
  schedule: Schedule,
  timing: Timing,
): Pick<Simulation, 'peakBytes' | 'peakEntry' | 'peakDevice' | 'perDevicePeakBytes' | 'liveBytes'> {
  const live = new Float64Array(step.devices.length);
  initialPlacement(step, schedule).forEach((device, value) => {
    if (device >= 0) live[device] += step.valueBytes[value];
  });
  const perDevicePeakBytes = Float64Array.from(live);
  const liveBytes = new Float64Array(schedule.length);
  const events = memoryEvents(step, schedule, timing);
  let peakBytes = -1;
  let peakEntry = -1;
  let peakDevice = 0;
  for (let i = 0; i < events.length; i++) {
    const device = events.device[i];
    const entry = events.entry[i];
    live[device] += events.bytes[i];
    // A workspace that is given back changes nothing about what its computation had.
    if (events.value[i] < 0 && events.bytes[i] < 0) continue;
    liveBytes[entry] = live[device];
    if (live[device] > perDevicePeakBytes[device]) perDevicePeakBytes[device] = live[device];
    if (live[device] <= peakBytes || events.bytes[i] < 0) continue;
    peakBytes = live[device];
    peakEntry = entry;
    peakDevice = device;
  }
  return {
    peakBytes: Math.max(peakBytes, ...perDevicePeakBytes),
    ...{ peakEntry, peakDevice, perDevicePeakBytes, liveBytes },
  };
}

/** Milliseconds to move a value between two devices (hostMemory for either). */
export function transferTimeMs(step: StepGraph, value: number, from: number, to: number): number {
  const count = step.devices.length;
  const row = from === hostMemory ? count : from;
  const column = to === hostMemory ? count : to;
  const bytesPerMs = step.linkBytesPerMs[row * (count + 1) + column];
  const latencyMs = step.linkLatencyMs[row * (count + 1) + column];
  return bytesPerMs > 0 ? latencyMs + step.valueBytes[value] / bytesPerMs : 0;
}

function invalid(what: string): HeadroomError {
  return new HeadroomError('check-failed', `Invalid schedule: ${what}.`);
}
