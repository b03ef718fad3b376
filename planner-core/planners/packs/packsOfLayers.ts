import { Phase, type NodeId, type StepGraph } from '../../step/stepGraph';

/** Layers that run together, as runs of nodes of the step: from the first one up to the second, which is not in it. */
export interface Pack {
  /** Positions in the list of layers. */
  readonly from: number;
  readonly to: number;
  /** Of the last pack: with the loss. */
  readonly forward: readonly [NodeId, NodeId];
  readonly backward: readonly [NodeId, NodeId];
}

/**
 * Cuts a step where layers begin. `firsts`: the layer each pack begins with, ascending, the first one 0. Backward is cut
 * where that puts the fewest of its nodes into another pack than their layer: any cut of its order is valid.
 */
export function packsOfLayers(
  step: StepGraph,
  layerOfNode: Int32Array,
  firsts: readonly number[],
  layerCount: number,
): Pack[] {
  const beginOf = (phase: number): NodeId => {
    const at = step.nodePhase.findIndex((other) => other >= phase);
    return at < 0 ? step.nodeCount : at;
  };
  const [loss, backward, optimizer] = [Phase.loss, Phase.backward, Phase.optimizer].map(beginOf);
  const forwardCuts = firsts.map((layer) => {
    if (layer === 0) return 0;
    const at = layerOfNode.subarray(0, loss).findIndex((other) => other >= layer);
    return at < 0 ? loss : at;
  });
  const backwardCuts = firsts.map((layer) =>
    layer === 0 ? optimizer : backwardCut(layerOfNode, backward, optimizer, layer),
  );
  return firsts.map((from, pack) => {
    const isLast = pack === firsts.length - 1;
    return {
      from,
      to: isLast ? layerCount : firsts[pack + 1],
      forward: [forwardCuts[pack], isLast ? backward : forwardCuts[pack + 1]],
      backward: [isLast ? backward : backwardCuts[pack + 1], backwardCuts[pack]],
    };
  });
}

/** Where backward has done with a layer and what follows it. */
function backwardCut(layerOfNode: Int32Array, begin: NodeId, end: NodeId, layer: number): NodeId {
  let best = begin;
  let balance = 0;
  let most = 0;
  for (let node = begin; node < end; node++) {
    balance += layerOfNode[node] >= layer ? 1 : -1;
    if (balance <= most) continue;
    most = balance;
    best = node + 1;
  }
  return best;
}
