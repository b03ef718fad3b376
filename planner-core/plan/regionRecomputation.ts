import { Phase, type NodeId, type Rows, type StepGraph } from '../step/stepGraph';

/** Computations that run again together, and when. */
export interface RegionRecomputation {
  /** The backward node before which they run. */
  readonly before: NodeId;
  /** In forward order. */
  readonly nodes: readonly NodeId[];
}

/** For every value the nodes that read or update it, ascending. */
export function usersByValue(step: StepGraph): Rows {
  const offsets = new Int32Array(step.valueCount + 1);
  for (const rows of [step.inputs, step.updates]) for (const value of rows.items) offsets[value + 1]++;
  for (let value = 0; value < step.valueCount; value++) offsets[value + 1] += offsets[value];
  const items = new Int32Array(offsets[step.valueCount]);
  const fill = offsets.slice();
  for (let node = 0; node < step.nodeCount; node++) {
    for (const rows of [step.inputs, step.updates]) {
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) items[fill[rows.items[i]]++] = node;
    }
  }
  return { offsets, items };
}

/** Tests whether a node is one of `nodes` (ascending). Most modules are one run of numbers and need no set. */
function membershipOf(nodes: readonly NodeId[]): (node: NodeId) => boolean {
  const first = nodes[0];
  const last = nodes[nodes.length - 1];
  if (last - first === nodes.length - 1) return (node) => node >= first && node <= last;
  const members = new Set(nodes);
  return (node) => members.has(node);
}

/**
 * What torch.utils.checkpoint (and its selective form) runs again for a region: just before the region's first
 * backward node that reads something made by `nodes`, those of them that the region's backward needs.
 * 'all': every node up to the last needed one, as a whole module's forward runs until everything is there ("early
 * stop"); the reentrant variant runs all of it, before the region's first backward node. 'needed': only nodes something needed depends on; what is not in `nodes` is kept.
 * undefined when backward needs nothing that `nodes` make. Both lists ascending.
 */
export function regionRecomputation(
  step: StepGraph,
  users: Rows,
  nodes: readonly NodeId[],
  backwardNodes: readonly NodeId[],
  extent: 'all' | 'needed',
): RegionRecomputation | undefined {
  const isBackward = membershipOf(backwardNodes);
  let before = step.nodeCount;
  let last = -1;
  const needed = new Set<NodeId>();
  for (const node of nodes) {
    for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
      const value = step.outputs.items[i];
      // What outlives the step is there anyway.
      if (step.residentAtEnd[value]) continue;
      for (let u = users.offsets[value]; u < users.offsets[value + 1]; u++) {
        const user = users.items[u];
        if (step.nodePhase[user] !== Phase.backward || !isBackward(user)) continue;
        last = node;
        if (extent === 'needed') needed.add(node);
        before = Math.min(before, user);
      }
    }
  }
  if (last < 0) return undefined;
  if (extent === 'all' && step.reentrant) return { before: Math.min(...backwardNodes), nodes };
  if (extent === 'all') return { before, nodes: nodes.filter((node) => node <= last) };
  const among = new Set(nodes);
  for (let at = nodes.indexOf(last); at >= 0; at--) {
    const node = nodes[at];
    if (!needed.has(node)) continue;
    for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
      const producer = step.producer[step.inputs.items[i]];
      const kept = step.residentAtEnd[step.inputs.items[i]];
      if (!kept && among.has(producer)) needed.add(producer);
    }
  }
  return { before, nodes: nodes.filter((node) => needed.has(node)) };
}
