import type { ModuleNode, Tensor } from '../../graph/modelGraph';
import { moduleTree, parentName } from '../../graph/moduleTree';
import { modulesOfScopes, type ScopedOperator } from '../../graph/scopePaths';
import { exporterMetadata } from './exporterMetadata';
import type { OperatorRecord } from './operatorBuilder';

/**
 * Finds the module of every operator, sets it, and returns the module tree. Which convention the exporter follows shows
 * in the file: scopes in the nodes' metadata (torch.export), or in their names (tracing). Other files have a root only.
 */
export function assignModules(
  records: readonly OperatorRecord[],
  tensors: readonly Tensor[],
): readonly ModuleNode[] {
  const owners = weightOwners(tensors);
  const classNames = new Map<string, string>();
  const names = namesFromMetadata(records, classNames) ?? namesFromScopes(records, tensors, owners);
  if (!names) return moduleTree([]).modules;
  const { modules, idOf } = moduleTree([...names, ...owners], classNames);
  records.forEach(({ operator }, index) => (operator.module = idOf.get(names[index]) ?? 0));
  return modules;
}

/** Qualified names of the modules that own initializers, in the order of the file. */
function weightOwners(tensors: readonly Tensor[]): Set<string> {
  return new Set(tensors.map(ownerOf).filter((name) => name !== undefined));
}

/** `layer1.0.conv1` of the initializer `layer1.0.conv1.weight`; names such as `onnx::MatMul_12` say nothing. */
function ownerOf({ name, role }: Tensor): string | undefined {
  const isInitializer = role === 'parameter' || role === 'buffer';
  return isInitializer && /^\w+(\.\w+)+$/.test(name) ? parentName(name) : undefined;
}

function namesFromMetadata(
  records: readonly OperatorRecord[],
  classNames: Map<string, string>,
): string[] | undefined {
  let found = false;
  const names = records.map(({ operator, metadata }) => {
    const known = exporterMetadata(metadata);
    if (!known) return '';
    found = true;
    operator.source = known.source;
    known.classNames.forEach((className, index) => classNames.set(known.modules[index], className));
    return known.modules.at(-1) ?? '';
  });
  return found ? names : undefined;
}

/** Node names such as `/layer1/layer1.0/conv1/Conv`; undefined when no node has one. */
function namesFromScopes(
  records: readonly OperatorRecord[],
  tensors: readonly Tensor[],
  owners: ReadonlySet<string>,
): string[] | undefined {
  if (!records.some(({ givenName }) => givenName.startsWith('/'))) return undefined;
  const operators = records.map(({ operator, givenName }): ScopedOperator => {
    const scopes = givenName.startsWith('/') ? givenName.split('/').slice(1, -1) : [];
    const read = operator.inputs.map((id) => (id >= 0 ? ownerOf(tensors[id]) : undefined));
    return { scopes, weightOwners: read.filter((owner) => owner !== undefined) };
  });
  const known = new Set<string>();
  for (const owner of owners) for (let name = owner; name !== ''; name = parentName(name)) known.add(name);
  return modulesOfScopes(operators, known);
}
