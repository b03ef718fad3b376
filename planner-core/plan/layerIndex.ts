import { appendTo } from '../base/groups';
import type { ModuleNode } from '../graph/modelGraph';
import { Phase, type NodeId, type StepGraph } from '../step/stepGraph';
import { naturalBlocks } from './naturalBlocks';
import { regionRecomputation, usersByValue, type RegionRecomputation } from './regionRecomputation';

/** A module as planners see it. */
export interface Layer {
  /** Index in LayerIndex.layers, the same as in ModelGraph.modules. */
  readonly id: number;
  /** Qualified name; '' for the root. */
  readonly name: string;
  readonly className?: string;
  readonly parent: number;
  readonly children: readonly number[];
  /** Forward nodes in the module and its sub-modules, ascending. */
  readonly forwardNodes: readonly NodeId[];
  /**
   * May the module be wrapped in a checkpoint: it is not the root and no ModuleList, everything in it can be computed again, nothing that
   * leaves it comes back into it, and its backward pass reads something that is made inside it.
   */
  readonly checkpointable: boolean;
  /** What a checkpoint around the module computes again; undefined when it is not checkpointable. */
  readonly recomputation?: RegionRecomputation;
}

/** Where decisions apply: modules and operators of a model with the forward nodes of the step they cover. */
export interface LayerIndex {
  /** In pre-order: parents before children. */
  readonly layers: readonly Layer[];
  /** By qualified module name. */
  readonly layerByName: ReadonlyMap<string, Layer>;
  /** Forward nodes by operator name. */
  readonly nodesByOperator: ReadonlyMap<string, readonly NodeId[]>;
  /** Names of operators that are pieces of another one. */
  readonly absorbed: ReadonlySet<string>;
  /** Ids of the natural checkpoint blocks in execution order; none is inside another. */
  readonly blocks: readonly number[];
  /**
   * By node: id of the module inside which single operators are recomputed together (a block, or outside of the blocks
   * the largest checkpointable module without a block in it); -1 where there is none. Backward nodes have the region
   * of their forward operator.
   */
  readonly regionOfNode: Int32Array;
  /** By node: 1 where the node and all it makes may be computed again. */
  readonly recomputable: Uint8Array;
}

/** Indexes the module tree of a model against a step of it. O(modules x depth + nodes + edges). */
export function layerIndexOf(modules: readonly ModuleNode[], step: StepGraph): LayerIndex {
  const recomputable = recomputableNodes(step);
  const forward: NodeId[][] = modules.map(() => []);
  const backward: NodeId[][] = modules.map(() => []);
  for (let node = 0; node < step.nodeCount; node++) {
    const phase = step.nodePhase[node];
    if (phase !== Phase.forward && phase !== Phase.backward) continue;
    for (let id = step.nodeModule[node]; id >= 0; id = id === 0 ? -1 : modules[id].parent) {
      (phase === Phase.forward ? forward : backward)[id].push(node);
    }
  }
  const users = usersByValue(step);
  const ofNodes: (RegionRecomputation | undefined)[] = [];
  const layers = modules.map((module): Layer => {
    const { id, parent } = module;
    // A module that is all there is in its parent computes again what the parent does.
    const isAllOfParent =
      parent > 0 &&
      forward[id].length === forward[parent].length &&
      backward[id].length === backward[parent].length;
    if (isAllOfParent) {
      forward[id] = forward[parent];
      ofNodes[id] = ofNodes[parent];
    } else if (id !== 0 && isRegion(step, forward[id], recomputable)) {
      ofNodes[id] = regionRecomputation(step, users, forward[id], backward[id], 'all');
    }
    const recomputation = id === 0 || isUncallable(module) ? undefined : ofNodes[id];
    return {
      id: module.id,
      name: module.name,
      className: module.className,
      parent: module.parent,
      children: module.children,
      forwardNodes: forward[module.id],
      checkpointable: recomputation !== undefined,
      recomputation,
    };
  });
  const blocks = naturalBlocks(layers);
  return {
    layers,
    layerByName: new Map(layers.map((layer) => [layer.name, layer])),
    nodesByOperator: nodesByOperator(step),
    absorbed: new Set(step.absorbedOperators),
    blocks,
    regionOfNode: regionsOfNodes(step, layers, blocks),
    recomputable,
  };
}

/** Nodes marked recomputable, except those whose results are changed in place later: running again would undo that. */
export function recomputableNodes(step: StepGraph): Uint8Array {
  const updated = new Uint8Array(step.valueCount);
  for (const value of step.updates.items) updated[value] = 1;
  return step.recomputable.map((flag, node) => {
    for (let i = step.outputs.offsets[node]; flag && i < step.outputs.offsets[node + 1]; i++) {
      if (updated[step.outputs.items[i]]) return 0;
    }
    return flag;
  });
}

/** Lists of modules have no forward pass of their own that could be wrapped. */
const isUncallable = ({ className }: ModuleNode): boolean =>
  className !== undefined && /(^|\.)Module(List|Dict)$/.test(className);

function nodesByOperator(step: StepGraph): Map<string, NodeId[]> {
  const nodes = new Map<string, NodeId[]>();
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.forward) continue;
    appendTo(nodes, step.nodeName[node], node);
  }
  return nodes;
}

/** Can the nodes run again as one: all recomputable, and no forward path leaves them and comes back (convex). */
function isRegion(step: StepGraph, nodes: readonly NodeId[], recomputable: Uint8Array): boolean {
  if (nodes.length === 0 || nodes.some((node) => !recomputable[node])) return false;
  const first = nodes[0];
  const last = nodes[nodes.length - 1];
  if (last - first === nodes.length - 1) return true;
  const inside = new Set(nodes);
  // Values that depend on the region but are made outside of it.
  const tainted = new Set<number>();
  for (let node = first; node <= last; node++) {
    const isInside = inside.has(node);
    let reads = false;
    for (const rows of [step.inputs, step.updates]) {
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) {
        const value = rows.items[i];
        if (tainted.has(value)) {
          if (isInside) return false;
          reads = true;
        }
        if (!isInside && inside.has(step.producer[value])) reads = true;
      }
    }
    if (isInside || !reads) continue;
    for (const rows of [step.outputs, step.updates]) {
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) tainted.add(rows.items[i]);
    }
  }
  return true;
}

function regionsOfNodes(step: StepGraph, layers: readonly Layer[], blocks: readonly number[]): Int32Array {
  const holdsBlock = new Uint8Array(layers.length);
  for (const block of blocks) {
    for (let id = layers[block].parent; id > 0; id = layers[id].parent) holdsBlock[id] = 1;
  }
  const regionOfModule = new Int32Array(layers.length).fill(-1);
  const isBlock = new Set(blocks);
  for (const { id, parent, checkpointable } of layers) {
    if (id === 0) continue;
    const above = regionOfModule[parent];
    if (above >= 0) regionOfModule[id] = above;
    else if (isBlock.has(id) || (checkpointable && !holdsBlock[id])) regionOfModule[id] = id;
  }
  const region = new Int32Array(step.nodeCount).fill(-1);
  for (let node = 0; node < step.nodeCount; node++) {
    const phase = step.nodePhase[node];
    if (phase === Phase.forward || phase === Phase.backward)
      region[node] = regionOfModule[step.nodeModule[node]] ?? -1;
  }
  return region;
}
