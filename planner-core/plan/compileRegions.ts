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
      if (region < 0 || step.nodePhase[node] !== Phase.backward) continue;
      const known = this.backwardOfRegion.get(region);
      if (known) known.push(node);
      else this.backwardOfRegion.set(region, [node]);
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
        const known = byRegion.get(region);
        if (known) known.push(node);
        else byRegion.set(region, [node]);
      }
      for (const [region, nodes] of byRegion) {
        const part = this.operators(region, nodes);
        if (part) parts.push(part);
      }
    }
    return mergeRecomputations(parts);
  }

  /**
   * A checkpoint restores the state of the random generators once, when its recomputation begins. What then is not run
   * draws nothing, so the operators after it would draw other numbers than the first time: operators of a region that
   * draw random numbers run again all or none (as torch.distributed._tools.sac_estimator has them). None where one of
   * them is kept.
   */
  private tieRandom(flagged: Uint8Array, covered: Uint8Array | undefined): Uint8Array {
    const { step, layers, kept } = this;
    if (!step.drawsRandom.includes(1)) return flagged;
    const wanted = new Set<number>();
    const refused = new Set<number>();
    const isTied = (node: NodeId): boolean =>
      step.drawsRandom[node] === 1 && layers.regionOfNode[node] >= 0 && !covered?.[node];
    for (let node = 0; node < step.nodeCount; node++) {
      if (!isTied(node)) continue;
      if (flagged[node]) wanted.add(layers.regionOfNode[node]);
      if (kept?.[node] || !layers.recomputable[node]) refused.add(layers.regionOfNode[node]);
    }
    return flagged.map((flag, node) => {
      if (!isTied(node) || !wanted.has(layers.regionOfNode[node])) return flag;
      return Number(!refused.has(layers.regionOfNode[node]));
    });
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
