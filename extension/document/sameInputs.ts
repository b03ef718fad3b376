import type { PlanInputs } from '../../planner-core/plan/planInputs';
import { isDeepEqual } from './deepEqual';

/** Do both describe the same step, so that no new one must be built? */
export function sameStep(a: PlanInputs, b: PlanInputs): boolean {
  return (
    isDeepEqual(a.workload, b.workload) &&
    isDeepEqual(a.devices, b.devices) &&
    isDeepEqual(a.links, b.links) &&
    isDeepEqual(a.links, b.links) &&
    isDeepEqual(a.calibration, b.calibration)
  );
}

/** Frontier and bounds cover all budgets and all strategies, but depend on the decisions made by hand and on what layers are placed for. */
export function samePools(a: PlanInputs, b: PlanInputs): boolean {
  return sameStep(a, b) && isDeepEqual(a.pins, b.pins) && (a.objective ?? 'fit') === (b.objective ?? 'fit');
}
