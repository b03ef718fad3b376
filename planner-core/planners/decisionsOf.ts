import { Phase, type NodeId, type StepGraph } from '../step/stepGraph';
import type { LayerIndex } from '../plan/layerIndex';
import type { Decision, Strategy } from '../plan/plan';

/**
 * The decisions that recomputations amount to, sorted by kind, then target. For module-checkpoint and selective,
 * compiling them gives the same recomputations; for schedule they name the operators that run more than once.
 */
export function decisionsOf(
  step: StepGraph,
  layers: LayerIndex,
  recomputations: Int32Array,
  strategy: Strategy,
): Decision[] {
  return strategy === 'module-checkpoint'
    ? wrapped(step, layers, recomputations)
    : repeated(step, layers, recomputations);
}

/** The largest modules whose whole recomputation is among the given ones, and operators beyond them. */
function wrapped(step: StepGraph, layers: LayerIndex, recomputations: Int32Array): Decision[] {
  const left = new Set<number>();
  const key = (before: number, node: number): number => before * step.nodeCount + node;
  for (let i = 0; i < recomputations.length; i += 2) left.add(key(recomputations[i], recomputations[i + 1]));
  const decisions: Decision[] = [];
  for (const { name, recomputation } of layers.layers) {
    if (!recomputation) continue;
    const keys = recomputation.nodes.map((node) => key(recomputation.before, node));
    if (!keys.every((pair) => left.has(pair))) continue;
    for (const pair of keys) left.delete(pair);
    decisions.push({ target: name, kind: 'module', choice: 'recompute' });
  }
  const operators = new Set([...left].map((pair) => step.nodeName[pair % step.nodeCount]));
  for (const target of operators) decisions.push({ target, kind: 'operator', choice: 'recompute' });
  return decisions.sort(byKindAndTarget);
}

/** The nodes that run again; a module instead where all of its forward pass does. */
function repeated(step: StepGraph, layers: LayerIndex, recomputations: Int32Array): Decision[] {
  const again = new Uint8Array(step.nodeCount);
  for (let i = 1; i < recomputations.length; i += 2) again[recomputations[i]] = 1;
  const decisions: Decision[] = [];
  const covered = new Uint8Array(step.nodeCount);
  for (const { id, name, forwardNodes } of layers.layers) {
    if (id === 0 || forwardNodes.length < 2 || covered[forwardNodes[0]]) continue;
    if (!forwardNodes.every((node) => again[node])) continue;
    for (const node of forwardNodes) covered[node] = 1;
    decisions.push({ target: name, kind: 'module', choice: 'recompute' });
  }
  for (let node = 0; node < step.nodeCount; node++) {
    if (!again[node] || covered[node] || step.nodePhase[node] !== Phase.forward) continue;
    decisions.push({ target: step.nodeName[node], kind: 'operator', choice: 'recompute' });
  }
  return decisions.sort(byKindAndTarget);
}

/**
 * For people to read: operators whose results leave. Not those of modules and operators that are decided to run again (`chosen`): one
 * whose own result is not needed again may be among them, and a module with such a decision in it would not be wrapped whole.
 */
export function offloadDecisions(
  step: StepGraph,
  layers: LayerIndex,
  chosen: readonly Decision[],
  offloads: Int32Array = new Int32Array(0),
): Decision[] {
  const again = new Set(chosen.filter(({ choice }) => choice === 'recompute').map(keyOf));
  const covered = new Set<NodeId>();
  for (const { name, forwardNodes } of layers.layers)
    if (again.has(`module ${name}`)) for (const node of forwardNodes) covered.add(node);
  const targets = new Set<string>();
  for (const value of offloads) {
    const producer = step.producer[value];
    if (producer < 0 || step.nodePhase[producer] !== Phase.forward || covered.has(producer)) continue;
    if (!again.has(`operator ${step.nodeName[producer]}`)) targets.add(step.nodeName[producer]);
  }
  return [...targets].sort().map((target) => ({ target, kind: 'operator', choice: 'offload' }));
}

const keyOf = ({ kind, target }: Decision): string => `${kind} ${target}`;

const byKindAndTarget = (a: Decision, b: Decision): number => {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  return a.target < b.target ? -1 : a.target > b.target ? 1 : 0;
};
