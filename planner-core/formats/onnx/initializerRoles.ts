import type { ModuleNode, TensorId } from '../../graph/modelGraph';
import { parentName } from '../../graph/moduleTree';
import type { ExportSignature } from './exportSignature';
import type { OperatorRecord } from './operatorBuilder';
import type { TensorDraft } from './tensorTable';

/**
 * Corrects which initializers are parameters and buffers, where the exporter says so. Those it does not name are
 * results of constant folding: of a parameter or buffer when a module that has some reads them, else literals.
 */
export function correctRoles(
  tensors: readonly TensorDraft[],
  records: readonly OperatorRecord[],
  modules: readonly ModuleNode[],
  signature: ExportSignature,
): void {
  if (signature.size === 0) return;
  const readByTrained = readByOwnersOf('PARAMETER', records, modules, signature);
  const readByBuffered = readByOwnersOf('BUFFER', records, modules, signature);
  for (const tensor of tensors) {
    if (tensor.role !== 'parameter' && tensor.role !== 'buffer') continue;
    const kind = signature.get(tensor.name);
    const isLiteral = tensor.shape?.every((dim) => dim === 1) ?? false;
    const isFolded = tensor.role === 'parameter' && !isLiteral;
    const folded = readByTrained.has(tensor.id)
      ? 'parameter'
      : readByBuffered.has(tensor.id)
        ? 'buffer'
        : 'constant';
    tensor.role = kind ? roleOf(kind) : isFolded ? folded : 'constant';
  }
}

/** Tensors that operators of modules with a parameter (or buffer) of their own read. */
function readByOwnersOf(
  wanted: string,
  records: readonly OperatorRecord[],
  modules: readonly ModuleNode[],
  signature: ExportSignature,
): ReadonlySet<TensorId> {
  const owners = new Set<string>();
  for (const [name, kind] of signature) if (kind === wanted) owners.add(parentName(name));
  const read = new Set<TensorId>();
  for (const { operator } of records) {
    if (!owners.has(modules[operator.module].name)) continue;
    for (const id of operator.inputs) read.add(id);
  }
  return read;
}

function roleOf(kind: string): TensorDraft['role'] {
  return kind === 'PARAMETER' ? 'parameter' : kind === 'BUFFER' ? 'buffer' : 'constant';
}
