import type { StepGraph } from '../step/stepGraph';
import { initialPlacement } from './initialPlacement';
import { Op, hostMemory, type Schedule } from './schedule';
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
  const ms: number[] = [];
  const rank: number[] = [];
  const devices: number[] = [];
  const values: number[] = [];
  const bytes: number[] = [];
  const add = (at: number, order: number, device: number, value: number, amount: number): void => {
    ms.push(at);
    rank.push(order);
    devices.push(device);
    values.push(value);
    bytes.push(amount);
  };
  const take = (entry: number, value: number, device: number): void => {
    const pair = value * deviceCount + device;
    if (resident[pair]) return;
    resident[pair] = 1;
    add(timing.startMs[entry], 2 * entry, device, value, valueBytes[value]);
  };
  for (let entry = 0; entry < schedule.length; entry++) {
    const { [entry]: subject } = schedule.subject;
    const { [entry]: from } = schedule.from;
    const { [entry]: to } = schedule.to;
    switch (schedule.op[entry]) {
      case Op.compute:
        for (let i = outputs.offsets[subject]; i < outputs.offsets[subject + 1]; i++)
          take(entry, outputs.items[i], to);
        // Without a workspace too, so that every computation has its moment.
        add(timing.startMs[entry], 2 * entry, to, -1, workspaceBytes[subject]);
        if (workspaceBytes[subject] > 0)
          add(timing.endMs[entry], 2 * entry + 1, to, -1, -workspaceBytes[subject]);
        break;
      case Op.copy:
        if (to !== hostMemory) take(entry, subject, to);
        break;
      case Op.free:
        resident[subject * deviceCount + from] = 0;
        add(timing.endMs[entry], 2 * entry, from, subject, -valueBytes[subject]);
        break;
    }
  }
  const order = Int32Array.from(ms, (_, i) => i).sort((a, b) => ms[a] - ms[b] || rank[a] - rank[b] || a - b);
  return {
    length: order.length,
    ms: Float64Array.from(order, (i) => ms[i]),
    entry: Int32Array.from(order, (i) => rank[i] >> 1),
    device: Uint8Array.from(order, (i) => devices[i]),
    value: Int32Array.from(order, (i) => values[i]),
    bytes: Float64Array.from(order, (i) => bytes[i]),
  };
}
