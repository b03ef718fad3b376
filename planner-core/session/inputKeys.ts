import type { PlanInputs } from '../plan/planInputs';
import type { PlacementObjective } from '../planners/placement/placeStep';
import { defaultAllocatorSettings } from './allocatorSettings';
import { memoryLimits } from './placed';
import { stepKey } from './stepState';

/** Two inputs with the same key have the same plans for all budgets. */
export const poolsKey = (inputs: PlanInputs): string => `${stepKey(inputs)} ${JSON.stringify(inputs.pins)}`;

/** Two inputs with the same key have the same placements. */
export const placementKey = (inputs: PlanInputs, objective: PlacementObjective): string =>
  `${poolsKey(inputs)} ${JSON.stringify([objective, memoryLimits(inputs)])}`;

/** Two inputs with the same key have the same plan. */
export function planKey(inputs: PlanInputs, allocator = defaultAllocatorSettings): string {
  const { strategy, devices, objective, minimise, carbonGramsPerKWh, sizes } = inputs;
  const aims = [strategy, devices, objective, minimise, carbonGramsPerKWh, sizes];
  return `${poolsKey(inputs)} ${JSON.stringify([...aims, inputs.budgetBytes ?? 'device', allocator])}`;
}

/** May the plan do anything but recompute, or be made for anything but time? */
export const mayOffload = ({ offload, minimise = 'time' }: PlanInputs): boolean =>
  offload !== undefined || minimise !== 'time';
