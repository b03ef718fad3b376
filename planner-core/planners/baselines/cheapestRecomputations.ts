import type { NodeId, StepGraph } from '../../step/stepGraph';

/**
 * What is held when a stage begins; stage t is the one in which node t runs for the first time. Entry i: the results of
 * `node[i]` are there at the start of stages `from[i]` to `to[i]`. Intervals of a node may overlap.
 */
export interface Retention {
  readonly node: readonly NodeId[];
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** Collects intervals. */
export class RetentionBuilder implements Retention {
  readonly node: NodeId[] = [];
  readonly from: number[] = [];
  readonly to: number[] = [];

  hold(node: NodeId, from: number, to: number): void {
    if (from > to) return;
    this.node.push(node);
    this.from.push(from);
    this.to.push(to);
  }
}

/**
 * The recomputations that holding exactly these results asks for, and no more: Checkmate's R for a given S (Jain et
 * al., MLSys 2020). Of a stage's computations each is forced: the stage's own node, what is held from the next stage on
 * but not in this one, and what these read and is not held. Stages do not depend on each other, so nothing cheaper
 * exists. Nodes that may not run again (`recomputable` 0), and what outlives the step, are held once made. Returns
 * [before, node] pairs; undefined when there are more than `limit` of them. O(intervals + nodes + edges of what runs).
 */
export function cheapestRecomputations(
  step: StepGraph,
  recomputable: Uint8Array,
  retention: Retention,
  limit = Infinity,
): Int32Array | undefined {
  const { nodeCount } = step;
  const stages = eventsByStage(retention, nodeCount);
  /** Number of intervals a node is in. */
  const held = new Int32Array(nodeCount);
  /** The stage a node was last asked to run in. */
  const asked = new Int32Array(nodeCount).fill(-1);
  const pairs: number[] = [];
  const running: NodeId[] = [];
  const ask = (node: NodeId, stage: number): void => {
    if (asked[node] === stage) return;
    asked[node] = stage;
    running.push(node);
  };
  for (let stage = 0; stage < nodeCount; stage++) {
    running.length = 0;
    ask(stage, stage);
    // What is held from the next stage on must be made in this one, unless it is here.
    for (const node of stages.begin[stage + 1] ?? [])
      if (node < stage && held[node] === 0 && recomputable[node]) ask(node, stage);
    for (let i = 0; i < running.length; i++) {
      for (const rows of [step.inputs, step.updates]) {
        const end = rows.offsets[running[i] + 1];
        for (let at = rows.offsets[running[i]]; at < end; at++) {
          const value = rows.items[at];
          const producer = step.producer[value];
          if (producer < 0 || producer >= stage || step.residentAtEnd[value]) continue;
          if (held[producer] === 0 && recomputable[producer]) ask(producer, stage);
        }
      }
    }
    if (pairs.length / 2 + running.length - 1 > limit) return undefined;
    running.sort((a, b) => a - b);
    for (const node of running) if (node < stage) pairs.push(stage, node);
    for (const node of stages.begin[stage + 1] ?? []) held[node]++;
    for (const node of stages.end[stage] ?? []) held[node]--;
  }
  return Int32Array.from(pairs);
}

/** Nodes whose interval begins, and ends, with each stage. A result cannot be held before it is made. */
function eventsByStage(
  { node, from, to }: Retention,
  nodeCount: number,
): { begin: (NodeId[] | undefined)[]; end: (NodeId[] | undefined)[] } {
  const begin: (NodeId[] | undefined)[] = new Array(nodeCount + 1);
  const end: (NodeId[] | undefined)[] = new Array(nodeCount + 1);
  node.forEach((id, i) => {
    const first = Math.max(from[i], id + 1);
    const last = Math.min(to[i], nodeCount - 1);
    if (first > last) return;
    (begin[first] ??= []).push(id);
    (end[last] ??= []).push(id);
  });
  return { begin, end };
}
