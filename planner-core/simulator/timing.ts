import type { StepGraph } from '../step/stepGraph';
import { Op, hostMemory, type Schedule } from './schedule';

/** When everything in a schedule happens. */
export interface Timing {
  /** By schedule entry; a free has one moment: when nothing uses the value there any more. */
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  readonly makespanMs: number;
  /** Time each device computes. */
  readonly deviceBusyMs: Float64Array;
  /** By channel of the step. */
  readonly channelBusyMs: Float64Array;
  readonly channelBytes: Float64Array;
}

/** Does anything run beside computations: other devices, transfers? */
export function overlaps(step: StepGraph, schedule: Schedule): boolean {
  return step.devices.length > 1 || schedule.op.includes(Op.copy);
}

/** The schedule in the order in which its entries begin, for what replays one entry after the other. */
export function inTimeOrder(step: StepGraph, schedule: Schedule): Schedule {
  if (!overlaps(step, schedule)) return schedule;
  const { startMs } = timeSchedule(step, schedule);
  const order = Int32Array.from(startMs, (_, entry) => entry).sort(
    (a, b) => startMs[a] - startMs[b] || a - b,
  );
  const inOrder = <T extends Uint8Array | Int16Array | Int32Array>(column: T): T =>
    column.map((_, i) => column[order[i]]) as T;
  const { length, op, subject, from, to } = schedule;
  return { length, op: inOrder(op), subject: inOrder(subject), from: inOrder(from), to: inOrder(to) };
}

/**
 * Executes a schedule on its devices: each computes one node at a time, each channel carries one transfer at a time,
 * both in the order of the schedule and as soon as what they read is there; transfers and computations overlap.
 * A transfer out of host memory, and any other where `transfersWait`, begins no sooner than the receiving device has
 * begun what the schedule lists before it: memory is not taken long before it is needed. A value that comes back to a
 * device waits until it has left; where a free is waited for, so does what the device computes next.
 * O(entries + their inputs and outputs).
 */
export function timeSchedule(step: StepGraph, schedule: Schedule): Timing {
  const { inputs, outputs, updates, valueBytes } = step;
  const host = step.devices.length;
  // Pairs (value, place); the last place is host memory.
  const places = host + 1;
  const readyMs = new Float64Array(step.valueCount * places);
  /** Until when it is read, written or sent; the last of these is also what a change in place waits for. */
  const usedMs = new Float64Array(step.valueCount * places);
  const leftMs = new Float64Array(step.valueCount * places);
  const sentMs = new Float64Array(step.valueCount * places);
  const startMs = new Float64Array(schedule.length);
  const endMs = new Float64Array(schedule.length);
  const deviceFreeMs = new Float64Array(host);
  const begunMs = new Float64Array(places);
  const deviceBusyMs = new Float64Array(host);
  const channelFreeMs = new Float64Array(step.channels.length);
  const channelBusyMs = new Float64Array(step.channels.length);
  const channelBytes = new Float64Array(step.channels.length);
  let makespanMs = 0;

  for (let entry = 0; entry < schedule.length; entry++) {
    const subject = schedule.subject[entry];
    const from = schedule.from[entry] === hostMemory ? host : schedule.from[entry];
    const to = schedule.to[entry] === hostMemory ? host : schedule.to[entry];
    let start = 0;
    let end: number;
    if (schedule.op[entry] === Op.compute) {
      start = deviceFreeMs[to];
      for (let i = inputs.offsets[subject]; i < inputs.offsets[subject + 1]; i++)
        start = Math.max(start, readyMs[inputs.items[i] * places + to]);
      for (const written of [updates, outputs]) {
        for (let i = written.offsets[subject]; i < written.offsets[subject + 1]; i++) {
          const pair = written.items[i] * places + to;
          start = Math.max(start, sentMs[pair], written === updates ? readyMs[pair] : leftMs[pair]);
        }
      }
      end = start + step.durationMs[to * step.nodeCount + subject];
      for (let i = inputs.offsets[subject]; i < inputs.offsets[subject + 1]; i++) {
        const pair = inputs.items[i] * places + to;
        usedMs[pair] = Math.max(usedMs[pair], end);
      }
      for (const written of [updates, outputs]) {
        for (let i = written.offsets[subject]; i < written.offsets[subject + 1]; i++) {
          const pair = written.items[i] * places + to;
          readyMs[pair] = end;
          usedMs[pair] = Math.max(usedMs[pair], end);
        }
      }
      begunMs[to] = start;
      deviceFreeMs[to] = end;
      deviceBusyMs[to] += end - start;
    } else if (schedule.op[entry] === Op.copy) {
      const source = subject * places + from;
      const target = subject * places + to;
      const link = from * places + to;
      const channel = step.linkChannel[link];
      start = Math.max(readyMs[source], leftMs[target]);
      if (channel >= 0) start = Math.max(start, channelFreeMs[channel]);
      if (from === host || schedule.transfersWait) start = Math.max(start, begunMs[to]);
      const bytesPerMs = step.linkBytesPerMs[link];
      end = start + (bytesPerMs > 0 ? step.linkLatencyMs[link] + valueBytes[subject] / bytesPerMs : 0);
      readyMs[target] = end;
      usedMs[target] = Math.max(usedMs[target], end);
      usedMs[source] = Math.max(usedMs[source], end);
      sentMs[source] = Math.max(sentMs[source], end);
      if (channel >= 0) {
        channelFreeMs[channel] = end;
        channelBusyMs[channel] += end - start;
        channelBytes[channel] += valueBytes[subject];
      }
    } else {
      const pair = subject * places + from;
      start = usedMs[pair];
      end = start;
      if (to === host) deviceFreeMs[from] = Math.max(deviceFreeMs[from], start);
      leftMs[pair] = start;
      readyMs[pair] = 0;
      usedMs[pair] = 0;
      sentMs[pair] = 0;
    }
    startMs[entry] = start;
    endMs[entry] = end;
    if (end > makespanMs) makespanMs = end;
  }
  return { startMs, endMs, makespanMs, deviceBusyMs, channelBusyMs, channelBytes };
}
