import type { StepGraph } from '../step/stepGraph';
import { initialPlacement } from './initialPlacement';
import { Op, hostMemory, type Schedule } from './schedule';
import { timeOrder } from './timeOrder';
import type { Timing } from './timing';

/** Allocations and releases of a timed schedule, as parallel arrays in the order they happen. */
export interface MemoryEvents {
  readonly length: number;
  readonly ms: Float64Array;
  /** The schedule entry that asks for it. */
  readonly entry: Int32Array;
  readonly device: Uint8Array;
  /** -1: a workspace. */
  readonly value: Int32Array;
  /** Negative: a release. */
  readonly bytes: Float64Array;
}

/**
 * When memory is taken and given back: results and workspaces when their computation begins, copies when their transfer
 * begins; a workspace when its computation ends, a value when the last that uses it there ends. What happens at one
 * moment happens in the order of the schedule, so that a chain on one device has the memory it has step by step.
 */
export function memoryEvents(step: StepGraph, schedule: Schedule, timing: Timing): MemoryEvents {
  const { outputs, valueBytes, workspaceBytes } = step;
  const deviceCount = step.devices.length;
  const resident = new Uint8Array(step.valueCount * deviceCount);
  initialPlacement(step, schedule).forEach((device, value) => {
    if (device >= 0) resident[value * deviceCount + device] = 1;
  });
  const mostEvents = eventsAtMost(step, schedule);
  const ms = new Float64Array(mostEvents);
  const entryOf = new Int32Array(mostEvents);
  const deviceOf = new Uint8Array(mostEvents);
  const valueOf = new Int32Array(mostEvents);
  const bytesOf = new Float64Array(mostEvents);
  /** Computations of each device, transfers to it, releases on it: nearly in order, each for itself. */
  const streamOf = new Int32Array(mostEvents);
  let length = 0;
  const add = (atMs: number, entry: number, device: number, value: number, bytes: number): void => {
    ms[length] = atMs;
    entryOf[length] = entry;
    deviceOf[length] = device;
    valueOf[length] = value;
    bytesOf[length] = bytes;
    streamOf[length++] = schedule.op[entry] * deviceCount + device;
  };
  const take = (entry: number, value: number, device: number): void => {
    const pair = value * deviceCount + device;
    if (resident[pair]) return;
    resident[pair] = 1;
    add(timing.startMs[entry], entry, device, value, valueBytes[value]);
  };
  for (let entry = 0; entry < schedule.length; entry++) {
    const subject = schedule.subject[entry];
    const from = schedule.from[entry];
    const to = schedule.to[entry];
    switch (schedule.op[entry]) {
      case Op.compute:
        for (let i = outputs.offsets[subject]; i < outputs.offsets[subject + 1]; i++)
          take(entry, outputs.items[i], to);
        // Without a workspace too, so that every computation has its moment.
        add(timing.startMs[entry], entry, to, -1, workspaceBytes[subject]);
        if (workspaceBytes[subject] > 0) add(timing.endMs[entry], entry, to, -1, -workspaceBytes[subject]);
        break;
      case Op.copy:
        if (to !== hostMemory) take(entry, subject, to);
        break;
      case Op.free:
        resident[subject * deviceCount + from] = 0;
        add(timing.endMs[entry], entry, from, subject, -valueBytes[subject]);
        break;
    }
  }
  // Events were added in the order of the schedule: what happens at one moment keeps it.
  const order = timeOrder(ms, byStream(streamOf.subarray(0, length)));
  const events = {
    length,
    ms: new Float64Array(length),
    entry: new Int32Array(length),
    device: new Uint8Array(length),
    value: new Int32Array(length),
    bytes: new Float64Array(length),
  };
  for (let at = 0; at < length; at++) {
    const event = order[at];
    events.ms[at] = ms[event];
    events.entry[at] = entryOf[event];
    events.device[at] = deviceOf[event];
    events.value[at] = valueOf[event];
    events.bytes[at] = bytesOf[event];
  }
  return events;
}

function eventsAtMost({ outputs }: StepGraph, { length, op, subject }: Schedule): number {
  let count = 0;
  for (let entry = 0; entry < length; entry++) {
    const node = subject[entry];
    count += op[entry] === Op.compute ? outputs.offsets[node + 1] - outputs.offsets[node] + 2 : 1;
  }
  return count;
}

/** Indices stream by stream, each in its order. */
function byStream(streamOf: Int32Array): Int32Array {
  const begin = new Int32Array(streamOf.reduce((most, stream) => Math.max(most, stream), -1) + 2);
  for (const stream of streamOf) begin[stream + 1]++;
  for (let stream = 1; stream < begin.length; stream++) begin[stream] += begin[stream - 1];
  const order = new Int32Array(streamOf.length);
  for (let event = 0; event < streamOf.length; event++) order[begin[streamOf[event]]++] = event;
  return order;
}
