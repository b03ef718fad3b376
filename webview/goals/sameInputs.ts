import type { PlanInputs } from '../../planner-core/plan/planInputs';

/** Text that is equal for equal inputs, in whatever order their fields came about. */
export function inputsKey(inputs: PlanInputs): string {
  return JSON.stringify(inputs, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
