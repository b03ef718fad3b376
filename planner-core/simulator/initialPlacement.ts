import type { StepGraph } from '../step/stepGraph';
import { Op, hostMemory, type Schedule } from './schedule';

/**
 * Device of every value that exists before the step begins: where the schedule touches it first (device 0 when nothing
 * does); -1 for values the step computes, and for those in host memory: copied from there before anything else.
 */
export function initialPlacement(step: StepGraph, schedule: Schedule): Int16Array {
  const deviceOf = new Int16Array(step.valueCount).fill(-1);
  const inHost = new Uint8Array(step.valueCount);
  const place = (value: number, device: number): void => {
    if (!step.residentAtStart[value] || deviceOf[value] >= 0 || inHost[value]) return;
    if (device === hostMemory) inHost[value] = 1;
    else deviceOf[value] = device;
  };
  for (let entry = 0; entry < schedule.length; entry++) {
    const subject = schedule.subject[entry];
    if (schedule.op[entry] === Op.copy) place(subject, schedule.from[entry]);
    if (schedule.op[entry] !== Op.compute) continue;
    for (const rows of [step.inputs, step.updates]) {
      for (let i = rows.offsets[subject]; i < rows.offsets[subject + 1]; i++) {
        place(rows.items[i], schedule.to[entry]);
      }
    }
  }
  for (let value = 0; value < step.valueCount; value++) place(value, 0);
  return deviceOf;
}
