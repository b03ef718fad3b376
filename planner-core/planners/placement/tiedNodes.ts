import type { LayerIndex } from '../../plan/layerIndex';
import { Phase, ValueKind, type NodeId, type StepGraph } from '../../step/stepGraph';

/**
 * By node: its group, numbered by their first node. Tied are: computations of one operator, what follows a forward node
 * (`leaders`), all that use a parameter, its gradient or its optimizer state, and beyond `mostGroups` the operators of
 * a module, from the innermost modules on, unless they are pinned to unlike devices.
 */
export function tiedNodes(
  step: StepGraph,
  layers: LayerIndex,
  leaders: Int32Array,
  pinned: Int32Array,
  mostGroups: number,
): Int32Array {
  const ties = new Ties(step.nodeCount);
  leaders.forEach((leader, node) => leader >= 0 && ties.tie(leader, node));
  for (const nodes of layers.nodesByOperator.values()) for (const node of nodes) ties.tie(nodes[0], node);
  const operators = new Map<number, NodeId>();
  for (let node = 0; node < step.nodeCount; node++) {
    const operator = step.nodeOperator[node];
    if (step.nodePhase[node] !== Phase.forward || operator < 0) continue;
    ties.tie(operators.get(operator) ?? node, node);
    operators.set(operator, node);
  }
  tieUsers(step, ties);
  const depths = new Set(layers.layers.map(({ id }) => depthOf(layers, id)));
  for (const depth of [...depths].sort((a, b) => b - a)) {
    if (ties.count() <= mostGroups) break;
    tieModules(layers, depth, ties, pinned);
  }
  return ties.numbered();
}

/** Ties whoever uses a lasting value: what it is stored for must not be apart. */
function tieUsers(step: StepGraph, ties: Ties): void {
  const first = new Int32Array(step.valueCount).fill(-1);
  for (let node = 0; node < step.nodeCount; node++) {
    for (const { offsets, items } of [step.inputs, step.updates, step.outputs]) {
      for (let i = offsets[node]; i < offsets[node + 1]; i++) {
        const value = items[i];
        if (!isShared[step.valueKind[value] as ValueKind]) continue;
        if (first[value] < 0) first[value] = node;
        else ties.tie(first[value], node);
      }
    }
  }
}

const isShared: Readonly<Partial<Record<ValueKind, boolean>>> = {
  [ValueKind.parameter]: true,
  [ValueKind.parameterGradient]: true,
  [ValueKind.optimizerState]: true,
};

/** Ties the operators directly or indirectly in each module of a depth. */
function tieModules({ layers }: LayerIndex, depth: number, ties: Ties, pinned: Int32Array): void {
  for (const layer of layers) {
    if (layer.id === 0 || depthOf({ layers }, layer.id) !== depth) continue;
    const first = new Map<number, NodeId>();
    for (const node of layer.forwardNodes) {
      const known = first.get(pinned[node]);
      if (known === undefined) first.set(pinned[node], node);
      else ties.tie(known, node);
    }
  }
}

function depthOf({ layers }: Pick<LayerIndex, 'layers'>, id: number): number {
  let depth = 0;
  for (let at = id; at > 0; at = layers[at].parent) depth++;
  return depth;
}

/** Sets of nodes that are joined (union and find). */
class Ties {
  private readonly parent: Int32Array;

  constructor(count: number) {
    this.parent = Int32Array.from({ length: count }, (_, node) => node);
  }

  tie(a: NodeId, b: NodeId): void {
    const [one, other] = [this.root(a), this.root(b)];
    this.parent[Math.max(one, other)] = Math.min(one, other);
  }

  count(): number {
    return this.parent.reduce((sum, parent, node) => sum + Number(parent === node), 0);
  }

  numbered(): Int32Array {
    const number = new Map<number, number>();
    return this.parent.map((_, node) => {
      const root = this.root(node);
      if (!number.has(root)) number.set(root, number.size);
      return number.get(root)!;
    });
  }

  private root(node: NodeId): NodeId {
    const { parent } = this;
    let at = node;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }
}
