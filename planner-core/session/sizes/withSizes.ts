import type { PlanInputs } from '../../plan/planInputs';
import type { Size } from '../../plan/sizePlan';

/** The inputs with other sizes. */
export function withSizes(inputs: PlanInputs, dimensions: readonly string[], size: Size): PlanInputs {
  const dims = {
    ...inputs.workload.dims,
    ...Object.fromEntries(dimensions.map((name, i) => [name, size[i]])),
  };
  return { ...inputs, workload: { ...inputs.workload, dims } };
}
