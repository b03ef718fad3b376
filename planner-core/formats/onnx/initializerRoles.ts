import type { ModuleNode, TensorId } from '../../graph/modelGraph';
import { parentName } from '../../graph/moduleTree';
import type { ExportSignature } from './exportSignature';
import type { OperatorRecord } from './operatorBuilder';
import type { TensorDraft } from './tensorTable';

/**
 * Corrects which initializers are parameters and buffers, where the exporter says so. Those it does not name are
 * results of constant folding: of a parameter when a module that has parameters reads them, else literals.
 */
export function correctRoles(
  tensors: readonly TensorDraft[],
  records: readonly OperatorRecord[],
  modules: readonly ModuleNode[],
  signature: ExportSignature,
): void {
  if (signature.size === 0) return;
  const trained = new Set<string>();
  for (const [name, kind] of signature) if (kind === 'PARAMETER') trained.add(parentName(name));
  const readByTrained = new Set<TensorId>();
  for (const { operator } of records) {
    if (!trained.has(modules[operator.module].name)) continue;
    for (const id of operator.inputs) readByTrained.add(id);
  }
  for (const tensor of tensors) {
    if (tensor.role !== 'parameter' && tensor.role !== 'buffer') continue;
    const kind = signature.get(tensor.name);
    const isLiteral = tensor.shape?.every((dim) => dim === 1) ?? false;
    const isFolded = tensor.role === 'parameter' && readByTrained.has(tensor.id) && !isLiteral;
    tensor.role = kind ? roleOf(kind) : isFolded ? 'parameter' : 'constant';
  }
}

function roleOf(kind: string): TensorDraft['role'] {
  return kind === 'PARAMETER' ? 'parameter' : kind === 'BUFFER' ? 'buffer' : 'constant';
}
