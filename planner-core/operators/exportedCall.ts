import type { Operator } from '../graph/modelGraph';

/**
 * The PyTorch call an operator comes from, without overload, where the exporter says so: `layer_norm` for the FX node
 * `layer_norm_12`. Several operators of one FX node are pieces of one call.
 */
export function exportedCall({ source }: Pick<Operator, 'source'>): string | undefined {
  return source?.fxNode?.replace(/_\d+$/, '');
}
