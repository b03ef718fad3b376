import { initialPlacement } from '../../planner-core/simulator/initialPlacement';
import { Op, type Schedule } from '../../planner-core/simulator/schedule';
import { ValueKind, type StepGraph } from '../../planner-core/step/stepGraph';
import { valueTitle } from './valueTitle';

export interface Alive {
  /** The largest computed values in memory, largest first (ties by index). */
  readonly largest: readonly { readonly name: string; readonly bytes: number }[];
  /** How many other computed values there are, and their sum. */
  readonly otherCount: number;
  readonly otherBytes: number;
}

/**
 * Computed values (activations and their gradients) on a device while the sample-th computation of the schedule runs.
 * Parameters, states and inputs are always there and tell nothing. O(schedule).
 */
export function aliveAt(
  step: StepGraph,
  schedule: Schedule,
  device: number,
  sample: number,
  count: number,
): Alive {
  const alive = new Set<number>();
  initialPlacement(step, schedule).forEach((where, value) => {
    if (where === device) alive.add(value);
  });
  let computed = -1;
  for (let entry = 0; entry < schedule.length && computed < sample; entry++) {
    const subject = schedule.subject[entry];
    if (schedule.op[entry] === Op.free) {
      if (schedule.from[entry] === device) alive.delete(subject);
    } else if (schedule.op[entry] === Op.copy) {
      if (schedule.to[entry] === device) alive.add(subject);
    } else {
      computed++;
      if (schedule.to[entry] !== device) continue;
      for (let i = step.outputs.offsets[subject]; i < step.outputs.offsets[subject + 1]; i++) {
        alive.add(step.outputs.items[i]);
      }
    }
  }
  const values = [...alive].filter(
    (value) => step.valueKind[value] >= ValueKind.activation && step.valueBytes[value] > 0,
  );
  values.sort((a, b) => step.valueBytes[b] - step.valueBytes[a] || a - b);
  const others = values.slice(count);
  return {
    largest: values
      .slice(0, count)
      .map((value) => ({ name: valueTitle(step, value), bytes: step.valueBytes[value] })),
    otherCount: others.length,
    otherBytes: others.reduce((sum, value) => sum + step.valueBytes[value], 0),
  };
}
