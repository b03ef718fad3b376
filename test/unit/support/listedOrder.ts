import { initialPlacement } from '../../../planner-core/simulator/initialPlacement';
import { Op, type Schedule } from '../../../planner-core/simulator/schedule';
import type { StepGraph } from '../../../planner-core/step/stepGraph';

/** Memory if one entry ran after the other. */
export function inListedOrder(step: StepGraph, schedule: Schedule): { liveBytes: number[]; peaks: number[] } {
  const there = step.devices.map(() => new Set<number>());
  initialPlacement(step, schedule).forEach((device, value) => {
    if (device >= 0) there[device].add(value);
  });
  const live = (device: number): number =>
    [...there[device]].reduce((sum, value) => sum + step.valueBytes[value], 0);
  const peaks = step.devices.map((_, device) => live(device));
  const liveBytes: number[] = [];
  for (let entry = 0; entry < schedule.length; entry++) {
    const { [entry]: subject } = schedule.subject;
    const { [entry]: to } = schedule.to;
    let now = 0;
    if (schedule.op[entry] === Op.free) there[schedule.from[entry]].delete(subject);
    else if (schedule.op[entry] === Op.copy && to >= 0) now = live((there[to].add(subject), to));
    else if (schedule.op[entry] === Op.compute) {
      const { offsets, items } = step.outputs;
      for (const value of items.slice(offsets[subject], offsets[subject + 1])) there[to].add(value);
      liveBytes.push((now = live(to) + step.workspaceBytes[subject]));
    }
    if (now > 0) peaks[to] = Math.max(peaks[to], now);
  }
  return { liveBytes, peaks };
}
