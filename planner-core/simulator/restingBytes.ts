import type { StepGraph } from '../step/stepGraph';
import { initialPlacement } from './initialPlacement';
import { Op, type Schedule } from './schedule';

/** What a device holds between two steps, bytes: the more of what is there at the end of a step and at the beginning. */
export function restingBytes(step: StepGraph, schedule: Schedule, device = 0): number {
  const isThere = Uint8Array.from(initialPlacement(step, schedule), (place) => Number(place === device));
  const total = (): number => step.valueBytes.reduce((sum, bytes, value) => sum + isThere[value] * bytes, 0);
  const atStart = total();
  const { outputs } = step;
  for (let entry = 0; entry < schedule.length; entry++) {
    const subject = schedule.subject[entry];
    if (schedule.op[entry] === Op.free) {
      if (schedule.from[entry] === device) isThere[subject] = 0;
    } else if (schedule.to[entry] === device) {
      if (schedule.op[entry] === Op.copy) isThere[subject] = 1;
      else
        for (let i = outputs.offsets[subject]; i < outputs.offsets[subject + 1]; i++)
          isThere[outputs.items[i]] = 1;
    }
  }
  return Math.max(atStart, total());
}
