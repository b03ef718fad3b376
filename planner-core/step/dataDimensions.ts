import { symbolsOf } from '../graph/dim';
import type { ModelGraph } from '../graph/modelGraph';
import { dataDependentMark } from '../operators/dims';
import type { TensorFacts } from '../operators/rule';
import { freeDimensions } from './dimensions';

/** Names torch.export gives to what only the data tells. */
const unbacked = /^u\d+$/;

/**
 * Dimensions that depend on what is in the inputs, as of what NonZero finds: no size of an input tells them, a workload may. In the order
 * the tensors have them. `facts`: of the model with all dimensions open.
 */
export function dataDimensions(graph: ModelGraph, facts: readonly (TensorFacts | undefined)[]): string[] {
  const names = new Set<string>();
  for (const fact of facts) for (const dim of fact?.shape ?? []) symbolsOf(dim, names);
  for (const { name } of freeDimensions(graph)) names.delete(name);
  return [...names].filter((name) => unbacked.test(name) || name.includes(dataDependentMark));
}
