import { Phase, type NodeId, type StepGraph } from '../../step/stepGraph';
import { oncePer } from './oncePer';

/** The forward nodes of a step, ascending. */
export function forwardNodes(step: StepGraph): NodeId[] {
  const nodes: NodeId[] = [];
  for (let node = 0; node < step.nodeCount; node++)
    if (step.nodePhase[node] === Phase.forward) nodes.push(node);
  return nodes;
}

/**
 * Forward nodes without which the forward pass falls apart: everything after such a node depends on what came before
 * it through it alone. As Checkmate has them (Jain et al., MLSys 2020): articulation points of the undirected graph of
 * forward results, with a node before the first and one after the last computation, so that ends can be split off too.
 * Ascending. Tarjan's algorithm, without recursion: forward passes are deeper than a stack.
 */
export const articulationPoints = oncePer((step: StepGraph): readonly NodeId[] => findPoints(step));

function findPoints(step: StepGraph): NodeId[] {
  const forward = forwardNodes(step);
  if (forward.length === 0) return [];
  const neighbours = forwardNeighbours(step, forward);
  const source = step.nodeCount;
  const found = new Uint8Array(step.nodeCount + 2);
  /** Order of discovery; 0: not seen. */
  const order = new Int32Array(step.nodeCount + 2);
  /** The earliest node that a node's subtree reaches by one edge beside the tree. */
  const low = new Int32Array(step.nodeCount + 2);
  const next = new Int32Array(step.nodeCount + 2);
  const parent = new Int32Array(step.nodeCount + 2).fill(-1);
  let seen = 0;
  for (const root of [source, ...forward]) {
    if (order[root] > 0) continue;
    let branches = 0;
    order[root] = low[root] = ++seen;
    for (let node = root; node >= 0;) {
      const others = neighbours[node];
      if (next[node] < others.length) {
        const other = others[next[node]++];
        if (order[other] > 0) {
          if (other !== parent[node]) low[node] = Math.min(low[node], order[other]);
          continue;
        }
        parent[other] = node;
        order[other] = low[other] = ++seen;
        node = other;
        continue;
      }
      const above = parent[node];
      if (above >= 0) {
        low[above] = Math.min(low[above], low[node]);
        if (above === root) branches++;
        else if (low[node] >= order[above]) found[above] = 1;
      }
      node = above;
    }
    // A root holds together what hangs on it only when that is more than one thing.
    if (branches > 1) found[root] = 1;
  }
  return forward.filter((node) => found[node]);
}

/** By node, the forward nodes it exchanges results with; the two ends are numbered after the last node. */
function forwardNeighbours(step: StepGraph, forward: readonly NodeId[]): readonly (readonly number[])[] {
  const sets: Set<number>[] = Array.from({ length: step.nodeCount + 2 }, () => new Set<number>());
  const join = (a: number, b: number): void => {
    sets[a].add(b);
    sets[b].add(a);
  };
  for (const node of forward) {
    for (const rows of [step.inputs, step.updates])
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) {
        const producer = step.producer[rows.items[i]];
        if (producer >= 0 && producer !== node && step.nodePhase[producer] === Phase.forward)
          join(producer, node);
      }
  }
  join(step.nodeCount, forward[0]);
  join(forward[forward.length - 1], step.nodeCount + 1);
  return sets.map((set) => [...set]);
}
