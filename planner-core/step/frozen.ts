import { didYouMean } from '../base/didYouMean';
import { HeadroomError } from '../base/errors';
import type { ModelGraph, TensorRole } from '../graph/modelGraph';

/**
 * Marks (by TensorId) the parameters that requires_grad_(False) freezes, in the program where the file tells, or on the
 * named modules or parameters: a name stands
 * for itself and everything below it. A parameter whose name the exporter replaced belongs to the module that reads it
 * first. Throws 'unknown-module' for a name the model does not have.
 */
export function frozenParameters(
  graph: ModelGraph,
  roles: readonly TensorRole[],
  frozen: readonly string[],
): Uint8Array {
  const marks = Uint8Array.from(graph.tensors, ({ isTrained }) => Number(isTrained === false));
  if (frozen.length === 0) return marks;
  const owners = ownerNames(graph, roles);
  for (const name of frozen) {
    let isKnown = graph.modules.some((module) => module.name === name);
    for (const [parameter, owner] of owners) {
      if (!isWithin(owner, name)) continue;
      marks[parameter] = 1;
      isKnown = true;
    }
    if (!isKnown) {
      throw new HeadroomError(
        'unknown-module',
        `There is no module or parameter "${name}" to freeze.`,
        didYouMean(name, namesOf(graph, owners)) ?? 'Modules are named as in the model file.',
      );
    }
  }
  return marks;
}

const namesOf = ({ modules }: ModelGraph, owners: ReadonlyMap<number, string>): string[] => [
  ...new Set([...modules.map(({ name }) => name), ...owners.values()]),
];

/** By parameter: its own name where that tells the module, else the name of the module that reads it first. */
function ownerNames(graph: ModelGraph, roles: readonly TensorRole[]): Map<number, string> {
  const modules = new Set(graph.modules.map((module) => module.name));
  const owners = new Map<number, string>();
  for (const { id, name } of graph.tensors) if (roles[id] === 'parameter') owners.set(id, name);
  const seen = new Set<number>();
  for (const { inputs, module } of graph.operators) {
    for (const id of inputs) {
      const name = owners.get(id);
      if (name === undefined || seen.has(id)) continue;
      seen.add(id);
      const path = name.slice(0, Math.max(name.lastIndexOf('.'), 0));
      if (path === '' || !modules.has(path)) {
        const reader = graph.modules[module].name;
        if (!isWithin(name, reader)) owners.set(id, reader === '' ? name : `${reader}.${name}`);
      }
    }
  }
  return owners;
}

/** The empty name is the whole model's, as in named_modules(). */
const isWithin = (name: string, module: string): boolean =>
  module === '' || name === module || name.startsWith(`${module}.`);
