import type { LayerRow } from '../../planner-core/session/types';

/** The empty name is the whole model's, as in named_modules(). */
const isWithin = (name: string, module: string): boolean =>
  module === '' || name === module || name.startsWith(`${module}.`);

/** The frozen module that a module is, or is inside of; undefined when it is trained. */
export function frozenBy(name: string, frozen: readonly string[]): string | undefined {
  if (frozen.includes(name)) return name;
  return frozen.find((module) => isWithin(name, module));
}

/** Freezing has an effect on modules that hold parameters. */
export const isFreezable = ({ kind, parameterBytes }: LayerRow): boolean =>
  kind === 'module' && parameterBytes > 0;

/**
 * The list after these modules are frozen, or trained again when each has an entry of its own. What lies inside a frozen
 * module needs no entry, and stays frozen with it.
 */
export function toggledFrozen(frozen: readonly string[], names: readonly string[]): string[] {
  if (names.every((name) => frozen.includes(name))) return withoutFrozen(frozen, names);
  const all = [...new Set([...frozen, ...names])];
  return all.filter((name) => !all.some((other) => other !== name && isWithin(name, other)));
}

/** The list with these entries trained again. */
export function withoutFrozen(frozen: readonly string[], names: readonly string[]): string[] {
  return frozen.filter((name) => !names.includes(name));
}
