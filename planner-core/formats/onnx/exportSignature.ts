import type { GraphProto, Metadata } from './protoTypes';

const kindKey = 'pkg.torch.export.graph_signature.InputSpec.kind';
const signatureKey = 'pkg.torch.export.ExportedProgram.graph_signature';

/** PARAMETER, BUFFER or CONSTANT_TENSOR by qualified name; empty for files that do not say. */
export type ExportSignature = ReadonlyMap<string, string>;

/**
 * Reads what PyTorch's exporter for torch.export programs says of parameters and buffers: in the metadata of each
 * initializer or of its value, and for all of the program, folded ones included, in the metadata of the graph, with
 * lines such as `p_fc_weight: PARAMETER target='fc.weight'`. Lines of results name tensors, too: what they write to.
 */
export function exportSignature(graph: GraphProto): ExportSignature {
  const kinds = new Map<string, string>();
  const add = ({ name, metadata }: { name: string; metadata: Metadata }): void => {
    const kind = metadata.get(kindKey);
    if (kind && kind !== 'USER_INPUT') kinds.set(name, kind);
  };
  graph.valueInfos.forEach(add);
  graph.initializers.forEach(add);
  const lines =
    graph.metadata.get(signatureKey)?.matchAll(/: (PARAMETER|BUFFER|CONSTANT_TENSOR) target='([^']+)'/g) ??
    [];
  for (const [, kind, target] of lines) kinds.set(target, kind);
  return kinds;
}

/** The parameters and buffers of the program; undefined for files that do not say. */
export function declaredState(
  signature: ExportSignature,
): ReadonlyMap<string, 'parameter' | 'buffer'> | undefined {
  if (signature.size === 0) return undefined;
  const declared = new Map<string, 'parameter' | 'buffer'>();
  for (const [name, kind] of signature) {
    if (kind === 'PARAMETER') declared.set(name, 'parameter');
    if (kind === 'BUFFER') declared.set(name, 'buffer');
  }
  return declared;
}
