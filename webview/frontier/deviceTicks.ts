import { isProcessor } from '../../planner-core/devices/isProcessor';
import type { PlanDevice } from '../../planner-core/plan/plan';
import type { ViewState } from '../../planner-core/protocol/messages';
import { labelBox, overlaps, type Box } from '../base/labelPlacement';

export interface DeviceTick {
  readonly name: string;
  readonly x: number;
}

/**
 * Memory sizes of known devices along the budget axis: one name a size (the chosen device's where it has it), only as
 * many as can be read. For an accelerator accelerators alone, for a processor processors.
 */
export function deviceTicks(
  catalogue: ViewState['deviceCatalogue'],
  chosen: PlanDevice,
  x: (bytes: number) => number,
  left: number,
  right: number,
): DeviceTick[] {
  const ticks: DeviceTick[] = [];
  const taken: Box[] = [];
  const alike = catalogue.filter(({ name }) => isProcessor(name) === isProcessor(chosen.name));
  for (const { name, memoryBytes } of [chosen, ...alike]) {
    const tick = { name, x: x(memoryBytes) };
    const box = labelBox(`${name}  `, { x: tick.x, y: 0, anchor: 'middle' });
    if (tick.x < left || tick.x > right) continue;
    if (taken.some((other) => overlaps(box, other))) continue;
    taken.push(box);
    ticks.push(tick);
  }
  return ticks;
}
