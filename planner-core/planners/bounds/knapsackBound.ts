import type { NodeId, StepGraph, ValueId } from '../../step/stepGraph';

/** A moment of the keep-everything step at which memory is high, and what could be absent then. */
interface Moment {
  readonly liveBytes: number;
  /** Nodes whose results are alive but not used at the moment, by ascending time for each byte. */
  readonly nodes: Int32Array;
  readonly bytes: Float64Array;
}

/** All moments of a small step, the peaks and an even sample of a larger one: the rest hardly ever adds tightness. */
const maxMoments = 400;

/**
 * A proven least overhead for any budget, in milliseconds. At a moment of the keep-everything step with `live` bytes, a
 * plan under budget M has at least live - M bytes of the values absent that are alive but not used there; each absent
 * value is needed later, so its producer runs at least once more. The cheapest way is a knapsack; its fractional
 * relaxation is the bound, the best moment counts. Assumes one device, no offloading, and that
 * nodes run for the first time in their order; a node that makes several values is paid once.
 * `recomputable`, by node: what may run again at all.
 */
export class KnapsackBound {
  private readonly moments: readonly Moment[];

  constructor(
    private readonly step: StepGraph,
    recomputable: Uint8Array,
  ) {
    const lives = new KeepAllLives(step);
    this.moments = lives.moments(maxMoments).map((node) => lives.momentAt(node, recomputable));
  }

  /** Least added time of any plan whose peak is at most the budget; Infinity when no plan can meet it. */
  leastAddedMs(budgetBytes: number): number {
    let least = 0;
    for (const { liveBytes, nodes, bytes } of this.moments) {
      let missing = liveBytes - budgetBytes;
      if (missing <= 0) continue;
      let addedMs = 0;
      for (let i = 0; i < nodes.length && missing > 0; i++) {
        addedMs += this.step.durationMs[nodes[i]] * Math.min(1, missing / bytes[i]);
        missing -= bytes[i];
      }
      if (missing > 0) return Infinity;
      least = Math.max(least, addedMs);
    }
    return least;
  }
}

/** When values are alive in the step that keeps everything. */
class KeepAllLives {
  /** Last node that reads or updates a value; its producer when nothing does; nodeCount when it outlives the step. */
  private readonly end: Int32Array;
  /** First node at which the value is there; -1 from the beginning. Values made more than once are left out. */
  private readonly values: ValueId[] = [];
  private readonly liveBytes: Float64Array;

  constructor(private readonly step: StepGraph) {
    const { nodeCount, valueCount, producer, residentAtStart, residentAtEnd } = step;
    this.end = Int32Array.from(producer);
    for (let node = 0; node < nodeCount; node++) {
      for (const rows of [step.inputs, step.updates])
        for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++)
          this.end[rows.items[i]] = Math.max(this.end[rows.items[i]], node);
    }
    const timesMade = new Uint8Array(valueCount);
    for (const value of step.outputs.items)
      timesMade[value] = Math.min(2, timesMade[value] + 1 + residentAtStart[value]);
    const change = new Float64Array(nodeCount + 1);
    for (let value = 0; value < valueCount; value++) {
      if (timesMade[value] > 1 || (producer[value] < 0 && !residentAtStart[value])) continue;
      if (residentAtEnd[value] || this.end[value] < 0) this.end[value] = nodeCount - 1;
      this.values.push(value);
      change[Math.max(0, producer[value])] += step.valueBytes[value];
      change[this.end[value] + 1] -= step.valueBytes[value];
    }
    this.liveBytes = new Float64Array(nodeCount);
    let live = 0;
    for (let node = 0; node < nodeCount; node++) {
      live += change[node];
      this.liveBytes[node] = live + step.workspaceBytes[node];
    }
  }

  /** At most `count` nodes: the highest of those at which memory is higher than at their neighbours, and a sample. */
  moments(count: number): NodeId[] {
    const { nodeCount } = this.step;
    if (nodeCount <= count) return Array.from({ length: nodeCount }, (_, node) => node);
    const peaks: NodeId[] = [];
    for (let node = 0; node < nodeCount; node++) {
      const isRise = node === 0 || this.liveBytes[node] >= this.liveBytes[node - 1];
      const isFall = node === nodeCount - 1 || this.liveBytes[node] > this.liveBytes[node + 1];
      if (isRise && isFall) peaks.push(node);
    }
    peaks.sort((a, b) => this.liveBytes[b] - this.liveBytes[a] || a - b);
    const chosen = new Set(peaks.slice(0, count / 2));
    const stride = nodeCount / (count - chosen.size);
    for (let at = 0; at < nodeCount; at += stride) chosen.add(Math.floor(at));
    return [...chosen].sort((a, b) => a - b);
  }

  momentAt(moment: NodeId, recomputable: Uint8Array): Moment {
    const { step } = this;
    const inUse = new Set<ValueId>();
    for (const rows of [step.inputs, step.outputs, step.updates])
      for (let i = rows.offsets[moment]; i < rows.offsets[moment + 1]; i++) inUse.add(rows.items[i]);
    const bytesOfNode = new Map<NodeId, number>();
    for (const value of this.values) {
      const producer = step.producer[value];
      const isAlive = producer < moment && this.end[value] > moment;
      if (!isAlive || producer < 0 || step.residentAtEnd[value] || step.residentAtStart[value]) continue;
      if (inUse.has(value) || !recomputable[producer] || step.valueBytes[value] === 0) continue;
      bytesOfNode.set(producer, (bytesOfNode.get(producer) ?? 0) + step.valueBytes[value]);
    }
    const nodes = [...bytesOfNode.keys()];
    const ratio = (node: NodeId): number => step.durationMs[node] / bytesOfNode.get(node)!;
    nodes.sort((a, b) => ratio(a) - ratio(b) || a - b);
    return {
      liveBytes: this.liveBytes[moment],
      nodes: Int32Array.from(nodes),
      bytes: Float64Array.from(nodes, (node) => bytesOfNode.get(node)!),
    };
  }
}
