import type { PlanInputs } from '../../plan/planInputs';
import type { FittedDimension, Size } from '../../plan/sizePlan';
import { fittedSizes } from '../../planners/input-sizes/fittedDimensions';

/** The inputs with other sizes, and with what depends on data as it was fitted. */
export function withSizes(
  inputs: PlanInputs,
  dimensions: readonly string[],
  size: Size,
  fitted: readonly FittedDimension[] = [],
): PlanInputs {
  const dims = {
    ...inputs.workload.dims,
    ...Object.fromEntries(dimensions.map((name, i) => [name, size[i]])),
    ...fittedSizes(fitted, size),
  };
  return { ...inputs, workload: { ...inputs.workload, dims } };
}
