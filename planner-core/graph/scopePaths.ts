import { groupedBy } from '../base/groups';
import { parentName } from './moduleTree';

/** An operator named after the scopes it was traced in. */
export interface ScopedOperator {
  /** Scopes, outermost first: `/layer1/layer1.0/conv1/Conv` has layer1, layer1.0, conv1. */
  readonly scopes: readonly string[];
  /** Qualified names of the modules that own the weights it reads. */
  readonly weightOwners: readonly string[];
}

/** One scope of the trace; its path is unique. */
interface ScopeNode {
  readonly segment: string;
  readonly parent?: ScopeNode;
  readonly children: Map<string, ScopeNode>;
  /** How often weights say that this scope is a call of that module. */
  readonly votes: Map<string, number>;
  /** The module that the scope is a call of. */
  module: string;
}

/**
 * Finds the module each operator belongs to, from scope names as PyTorch's tracing exporter writes them.
 *
 * A scope is named after the last attribute of its module and the indices behind it (`layer1.0` for `layer1.0`, `conv1`
 * for `layer1.0.conv1`), so containers that are not called themselves are missing, and a module's second call has a
 * suffix: `relu_1`. The weights that operators read have full names and settle what this leaves open.
 * Source: torch/onnx/utils.py (_setup_trace_module_map), torch/csrc/jit/passes/onnx/naming.cpp.
 * Every module that has a scope, and so is called, is added to `called`.
 */
export function modulesOfScopes(
  operators: readonly ScopedOperator[],
  knownModules: ReadonlySet<string>,
  called?: Set<string>,
): string[] {
  const byScopeName = groupedBy(knownModules, scopeName);
  const root: ScopeNode = newNode('', undefined);
  const order: ScopeNode[] = [];
  const nodes = operators.map(({ scopes, weightOwners }) => {
    let node = root;
    for (const segment of scopes) {
      let child = node.children.get(segment);
      if (!child) {
        child = newNode(segment, node);
        node.children.set(segment, child);
        order.push(child);
      }
      node = child;
    }
    for (const owner of weightOwners) vote(node, owner, knownModules);
    return node;
  });
  // First appearance: parents before children, first calls before second ones.
  for (const node of order) {
    node.module = winner(node.votes) ?? guess(node, knownModules, byScopeName);
    called?.add(node.module);
  }
  return nodes.map((node) => node.module);
}

const newNode = (segment: string, parent: ScopeNode | undefined): ScopeNode => ({
  segment,
  parent,
  children: new Map(),
  votes: new Map(),
  module: '',
});

/** How a scope of this module is named: its last attribute with the indices behind it. */
function scopeName(module: string): string {
  let end = module.length;
  for (;;) {
    const dot = end > 0 ? module.lastIndexOf('.', end - 1) : -1;
    if (dot < 0) return module;
    if (!isIndex(module, dot + 1, end)) return module.slice(dot + 1);
    end = dot;
  }
}

/** True for digits only, in `text[from .. to)`. */
function isIndex(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return to > from;
}

const withoutCallSuffix = (segment: string): string => segment.replace(/_\d+$/, '');

/**
 * A weight's owner votes for the modules of the scope that reads it and of all scopes around, if every one of them can
 * be found on the way from the owner to the root (weights shared between modules fail this).
 */
function vote(node: ScopeNode, owner: string, knownModules: ReadonlySet<string>): void {
  const found: [ScopeNode, string][] = [];
  let candidate = owner;
  for (let at: ScopeNode | undefined = node; at?.parent; at = at.parent) {
    while (candidate !== '' && !isCallOf(at.segment, candidate, knownModules))
      candidate = parentName(candidate);
    if (candidate === '') return;
    found.push([at, candidate]);
    candidate = parentName(candidate);
  }
  for (const [scope, module] of found) scope.votes.set(module, (scope.votes.get(module) ?? 0) + 1);
}

function isCallOf(segment: string, module: string, knownModules: ReadonlySet<string>): boolean {
  const name = scopeName(module);
  if (name === segment) return true;
  // ln_1 is the second call of ln, unless there is a module ln_1.
  return name === withoutCallSuffix(segment) && !knownModules.has(module.slice(0, -name.length) + segment);
}

function winner(votes: ReadonlyMap<string, number>): string | undefined {
  let best: string | undefined;
  for (const [module, count] of votes) if (best === undefined || count > votes.get(best)!) best = module;
  return best;
}

/** Without weights to tell: a known module that fits, the first call's module, or what the names spell. */
function guess(
  { segment, parent }: ScopeNode,
  knownModules: ReadonlySet<string>,
  byScopeName: ReadonlyMap<string, readonly string[]>,
): string {
  const around = parent?.module ?? '';
  const spelled = joined(around, segment);
  if (knownModules.has(spelled)) return spelled;
  const below = around === '' ? '' : `${around}.`;
  const hidden = byScopeName.get(segment)?.filter((module) => module.startsWith(below)) ?? [];
  if (hidden.length === 1) return hidden[0];
  const firstCall = parent?.children.get(withoutCallSuffix(segment));
  return firstCall && firstCall.segment !== segment ? firstCall.module : spelled;
}

/** `layer1` and `layer1.0` make `layer1.0`; `layer1.0` and `conv1` make `layer1.0.conv1`. */
function joined(around: string, segment: string): string {
  const last = scopeName(around);
  if (around !== '' && segment.startsWith(`${last}.`) && /^[\d.]+$/.test(segment.slice(last.length))) {
    return around + segment.slice(last.length);
  }
  return around === '' ? segment : `${around}.${segment}`;
}
