import { appendTo } from '../base/groups';
import { Phase, type NodeId, type StepGraph } from '../step/stepGraph';
import type { LayerIndex } from './layerIndex';
import { regionRecomputation, usersByValue, type RegionRecomputation } from './regionRecomputation';

/** Bounds the memory the compiler holds. */
const maxKnown = 20_000;

/**
 * Turns checkpointed modules and single recomputed operators into recomputations. Built once for a step; the result for
 * each region is kept, so that planners can change one region at a time.
 */
export class RegionCompiler {
  private readonly users;
  private readonly backwardOfRegion = new Map<number, NodeId[]>();
  /** Forward nodes that draw random numbers, ascending. */
  private readonly drawingInRegion = new Map<number, NodeId[]>();
  /** Planners change one region at a time: the others come from here. */
  private readonly known = new Map<string, RegionRecomputation | undefined>();

  constructor(
    private readonly step: StepGraph,
    private readonly layers: LayerIndex,
    /** By node: 1 where it may not run again although it could. */
    private readonly kept?: Uint8Array,
  ) {
    this.users = usersByValue(step);
    for (let node = 0; node < step.nodeCount; node++) {
      const region = layers.regionOfNode[node];
      if (region < 0) continue;
      if (step.nodePhase[node] === Phase.backward) appendTo(this.backwardOfRegion, region, node);
      else if (step.drawsRandom[node]) appendTo(this.drawingInRegion, region, node);
    }
  }

  /** What runs again when `nodes` (ascending, all of `region`) are recomputed as single operators. */
  operators(region: number, nodes: readonly NodeId[]): RegionRecomputation | undefined {
    const backward = this.backwardOfRegion.get(region);
    if (!backward) return undefined;
    const key = keyOf(region, nodes);
    if (!this.known.has(key)) {
      if (this.known.size > maxKnown) this.known.clear();
      const recomputable = nodes.filter((node) => this.layers.recomputable[node]);
      this.known.set(key, regionRecomputation(this.step, this.users, recomputable, backward, 'needed'));
    }
    return this.known.get(key);
  }

  /**
   * Recomputations of checkpoints around `modules` (none inside another) and of the operators flagged outside of them.
   */
  compile(modules: readonly number[], flagged?: Uint8Array): Int32Array {
    const parts: RegionRecomputation[] = [];
    const covered = modules.length > 0 && flagged ? new Uint8Array(this.step.nodeCount) : undefined;
    for (const id of modules) {
      const { recomputation, forwardNodes } = this.layers.layers[id];
      if (!recomputation) continue;
      parts.push(recomputation);
      if (covered) for (const node of forwardNodes) covered[node] = 1;
    }
    if (flagged) {
      const tied = this.tieRandom(flagged, covered);
      const byRegion = new Map<number, NodeId[]>();
      for (let node = 0; node < this.step.nodeCount; node++) {
        const region = this.layers.regionOfNode[node];
        if (!tied[node] || covered?.[node] || region < 0) continue;
        appendTo(byRegion, region, node);
      }
      for (const [region, nodes] of byRegion) {
        const part = this.operators(region, nodes);
        if (part) parts.push(part);
      }
    }
    return mergeRecomputations(parts);
  }

  /**
   * What draws random numbers and would have to run again with `node` and its like of the region: see `tieRandom`.
   * In forward order.
   */
  drawingWith(node: NodeId): readonly NodeId[] {
    return (this.step.drawsRandom[node] && this.drawingInRegion.get(this.layers.regionOfNode[node])) || [];
  }

  /**
   * A selective checkpoint restores the state of the random generators once, when its recomputation begins, and takes
   * what is kept from its cache without running it (torch.utils.checkpoint): an operator draws the same numbers as the
   * first time only if all of its region that drew before it draw again. So those that run again are the first ones of
   * the region, up to the last one wanted, and none from the first kept one on.
   */
  private tieRandom(flagged: Uint8Array, covered: Uint8Array | undefined): Uint8Array {
    let tied = flagged;
    for (const drawing of this.drawingInRegion.values()) {
      const free = covered ? drawing.filter((node) => !covered[node]) : drawing;
      let end = free.findIndex((node) => this.kept?.[node] || !this.layers.recomputable[node]);
      if (end < 0) end = free.length;
      while (end > 0 && !flagged[free[end - 1]]) end--;
      free.forEach((node, at) => {
        const flag = Number(at < end);
        if (tied[node] === flag) return;
        if (tied === flagged) tied = flagged.slice();
        tied[node] = flag;
      });
    }
    return tied;
  }
}

/** Short and unique: for every 15 consecutive node numbers in use, which of them are meant. */
function keyOf(region: number, nodes: readonly NodeId[]): string {
  let key = `${region}`;
  let chunk = -1;
  let bits = 0;
  for (const node of nodes) {
    const next = Math.floor(node / 15);
    if (next !== chunk) {
      if (chunk >= 0) key += String.fromCharCode(bits, chunk & 0xffff, chunk >>> 16);
      chunk = next;
      bits = 0;
    }
    bits |= 1 << (node % 15);
  }
  return key + String.fromCharCode(bits, Math.max(0, chunk) & 0xffff, Math.max(0, chunk) >>> 16);
}

/** One sorted list of [before, node] pairs; what runs before the same node runs in forward order. */
export function mergeRecomputations(parts: readonly RegionRecomputation[]): Int32Array {
  const ordered = [...parts].sort((a, b) => a.before - b.before);
  let size = 0;
  for (const part of ordered) size += part.nodes.length;
  const pairs = new Int32Array(2 * size);
  let at = 0;
  for (let i = 0; i < ordered.length;) {
    const { before } = ordered[i];
    let end = i + 1;
    while (end < ordered.length && ordered[end].before === before) end++;
    const nodes =
      end === i + 1
        ? ordered[i].nodes
        : ordered
            .slice(i, end)
            .flatMap((part) => part.nodes)
            .sort((a, b) => a - b);
    for (const node of nodes) {
      pairs[at++] = before;
      pairs[at++] = node;
    }
    i = end;
  }
  return pairs;
}
