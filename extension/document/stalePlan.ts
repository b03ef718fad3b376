import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { LayerRow, ModelSummary } from '../../planner-core/session/types';

/**
 * Carries decisions over to a model whose structure has changed: pins of layers and values of dimensions that no
 * longer exist are dropped, the rest stays. Pure.
 */
export function rebaseInputs(
  inputs: PlanInputs,
  model: Pick<ModelSummary, 'dims'>,
  layers: readonly Pick<LayerRow, 'kind' | 'name'>[],
): PlanInputs {
  const known = new Set(layers.map(({ kind, name }) => `${kind} ${name}`));
  return {
    ...inputs,
    workload: { ...inputs.workload, dims: knownDimensions(inputs.workload.dims, model) },
    pins: inputs.pins.filter(({ kind, target }) => known.has(`${kind} ${target}`)),
  };
}

/** The values of the dimensions that the model has. */
export function knownDimensions(
  dims: Readonly<Record<string, number>>,
  model: Pick<ModelSummary, 'dims'>,
): Record<string, number> {
  return Object.fromEntries(
    model.dims.filter(({ name }) => name in dims).map(({ name }) => [name, dims[name]]),
  );
}
