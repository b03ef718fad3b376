import type { ModuleId, ModuleNode } from './modelGraph';

/** A module tree and where each module is in it. */
export interface ModuleTree {
  readonly modules: readonly ModuleNode[];
  readonly idOf: ReadonlyMap<string, ModuleId>;
}

/** `layer1.0` of `layer1.0.conv1`; the root of a name without dots. */
export function parentName(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('.')));
}

/**
 * The tree of the modules with the given qualified names, in pre-order, children in the order in which they are first
 * named. Modules between (containers that are never called) come into being with what they contain. `called` are the
 * modules known to be called, where the file tells.
 */
export function moduleTree(
  names: Iterable<string>,
  classPaths: ReadonlyMap<string, string> = new Map(),
  called?: ReadonlySet<string>,
): ModuleTree {
  const children = new Map<string, string[]>([['', []]]);
  const place = (name: string): string[] => {
    const known = children.get(name);
    if (known) return known;
    place(parentName(name)).push(name);
    const own: string[] = [];
    children.set(name, own);
    return own;
  };
  for (const name of names) place(name);

  const modules: ModuleNode[] = [];
  const idOf = new Map<string, ModuleId>();
  const visit = (name: string, parent: ModuleId): ModuleId => {
    const id = modules.length;
    const isNeverCalled = called && name !== '' && !called.has(name) ? true : undefined;
    const node: ModuleNode = {
      id,
      name,
      className: shortName(classPaths.get(name)),
      classPath: classPaths.get(name),
      isNeverCalled,
      parent,
      children: [],
    };
    modules.push(node);
    idOf.set(name, id);
    for (const child of place(name)) node.children.push(visit(child, id));
    return id;
  };
  visit('', -1);
  return { modules, idOf };
}

const shortName = (classPath: string | undefined): string | undefined =>
  classPath?.slice(classPath.lastIndexOf('.') + 1);
