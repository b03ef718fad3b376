import type { ModuleNode, TensorId } from '../../graph/modelGraph';
import { parentName } from '../../graph/moduleTree';
import type { ExportSignature } from './exportSignature';
import type { OperatorRecord } from './operatorBuilder';
import type { TensorDraft } from './tensorTable';

/**
 * Corrects which floating-point initializers are parameters, where the exporter says so. Those it does not name are
 * results of constant folding: of a parameter when a module that has parameters reads them, else of buffers and literals.
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
    if (tensor.role !== 'parameter') continue;
    const kind = signature.get(tensor.name);
    const isLiteral = tensor.shape?.every((dim) => dim === 1) ?? false;
    const isParameter = kind ? kind === 'PARAMETER' : readByTrained.has(tensor.id) && !isLiteral;
    if (!isParameter) tensor.role = 'buffer';
  }
}
