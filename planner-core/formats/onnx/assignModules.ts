import type { ModuleNode, Tensor, TensorId } from '../../graph/modelGraph';
import { moduleTree, parentName } from '../../graph/moduleTree';
import { modulesOfScopes, type ScopedOperator } from '../../graph/scopePaths';
import type { ExportSignature } from './exportSignature';
import { exporterMetadata } from './exporterMetadata';
import type { OperatorRecord } from './operatorBuilder';

/** Longer names are no module names: no model nests hundreds of modules. */
const longestName = 1024;

/** The module of each operator; undefined where the file does not say. */
type ModuleNames = (string | undefined)[];

/**
 * Finds the module of every operator, sets it, and returns the module tree. Which convention the exporter follows shows
 * in the file: scopes in the nodes' metadata (torch.export), or in their names (tracing). Other files have a root only.
 */
export function assignModules(
  records: readonly OperatorRecord[],
  tensors: readonly Tensor[],
  signature: ExportSignature,
): readonly ModuleNode[] {
  const owners = new Set(tensors.map(ownerOf).filter((name) => name !== undefined));
  for (const name of signature.keys()) if (name.length <= longestName) owners.add(parentName(name));
  const classPaths = new Map<string, string>();
  const called = new Set<string>();
  const stated =
    namesFromMetadata(records, classPaths, called) ?? namesFromScopes(records, tensors, owners, called);
  if (!stated) return moduleTree([]).modules;
  const names = placedByNeighbours(stated, records);
  const { modules, idOf } = moduleTree([...names, ...owners], classPaths, called);
  records.forEach(({ operator }, index) => (operator.module = idOf.get(names[index]) ?? 0));
  return modules;
}

/** `layer1.0.conv1` of the initializer `layer1.0.conv1.weight`; names such as `onnx::MatMul_12` say nothing. */
function ownerOf({ name, role }: Tensor): string | undefined {
  const isInitializer = role === 'parameter' || role === 'buffer';
  return isInitializer && name.length <= longestName && /^\w+(\.\w+)+$/.test(name)
    ? parentName(name)
    : undefined;
}

/** Scopes in the nodes' metadata; undefined when no node has any. */
function namesFromMetadata(
  records: readonly OperatorRecord[],
  classPaths: Map<string, string>,
  called: Set<string>,
): ModuleNames | undefined {
  let found = false;
  const names = records.map(({ operator, metadata }) => {
    const known = exporterMetadata(metadata);
    if (!known || (known.modules.at(-1) ?? '').length > longestName) return undefined;
    found = true;
    operator.source = known.source;
    for (const name of known.modules) called.add(name);
    known.classPaths.forEach((classPath, index) => classPaths.set(known.modules[index], classPath));
    return known.modules.at(-1) ?? '';
  });
  return found ? names : undefined;
}

/** Node names such as `/layer1/layer1.0/conv1/Conv`; undefined when no node has one. */
function namesFromScopes(
  records: readonly OperatorRecord[],
  tensors: readonly Tensor[],
  owners: ReadonlySet<string>,
  called: Set<string>,
): ModuleNames | undefined {
  const isScoped = ({ scopedName }: OperatorRecord): boolean =>
    scopedName.startsWith('/') && scopedName.length <= longestName;
  if (!records.some(isScoped)) return undefined;
  const known = new Set<string>();
  for (const owner of owners) for (let name = owner; name !== ''; name = parentName(name)) known.add(name);
  const scoped = records.filter(isScoped);
  const operators = scoped.map(({ operator, scopedName }): ScopedOperator => {
    const read = operator.inputs.map((id) => (id >= 0 ? ownerOf(tensors[id]) : undefined));
    return {
      scopes: scopedName.split('/').slice(1, -1),
      weightOwners: read.filter((owner) => owner !== undefined),
    };
  });
  const found = modulesOfScopes(operators, known, called);
  const moduleOf = new Map(scoped.map((record, index) => [record, found[index]]));
  return records.map((record) => moduleOf.get(record));
}

/**
 * Operators that a graph optimizer put in have no scope: they go to the innermost module that holds all known
 * producers of their inputs and consumers of their outputs.
 */
function placedByNeighbours(stated: ModuleNames, records: readonly OperatorRecord[]): string[] {
  if (isComplete(stated)) return stated;
  const producer = new Map<TensorId, string>();
  const consumers = new Map<TensorId, string>();
  records.forEach(({ operator }, index) => {
    const module = stated[index];
    if (module === undefined) return;
    for (const id of operator.outputs) producer.set(id, module);
    for (const id of operator.inputs) {
      const others = consumers.get(id);
      consumers.set(id, others === undefined ? module : commonModule(others, module));
    }
  });
  return records.map(({ operator }, index) => {
    const neighbours = [
      ...operator.inputs.map((id) => (id >= 0 ? producer.get(id) : undefined)),
      ...operator.outputs.map((id) => (id >= 0 ? consumers.get(id) : undefined)),
    ].filter((module) => module !== undefined);
    return stated[index] ?? (neighbours.length > 0 ? neighbours.reduce(commonModule) : '');
  });
}

const isComplete = (names: ModuleNames): names is string[] => names.every((name) => name !== undefined);

/** The innermost module that contains both. */
function commonModule(a: string, b: string): string {
  let common = a;
  while (common !== '' && b !== common && !b.startsWith(`${common}.`)) common = parentName(common);
  return common;
}
