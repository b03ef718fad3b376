import { Phase, type StepGraph } from '../../planner-core/step/stepGraph';
import type { LayerTree } from '../state/layerTree';
import type { Boxes } from './boxes';

/** Tensors that one box hands to another beside it in the forward pass. */
export interface Flow {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

/**
 * Flows by the box in which they are drawn: between the two boxes side by side that hold the operator that makes a tensor and
 * the one that reads it. A tensor that several operators of a box read counts once. O(reads * depth).
 */
export function dataFlow(step: StepGraph, tree: LayerTree, { all, ofRow }: Boxes): Map<number, Flow[]> {
  const inside = new Map<number, Map<string, { from: number; to: number; bytes: number }>>();
  const counted = new Set<string>();
  const boxOfNode = (node: number): number => {
    const row = tree.rowOfNode[node];
    return row < 0 ? -1 : ofRow[row];
  };
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.forward) continue;
    const reader = boxOfNode(node);
    for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
      const value = step.inputs.items[i];
      const producer = step.producer[value];
      const maker = producer < 0 ? -1 : boxOfNode(producer);
      if (maker < 0 || reader < 0 || maker === reader) continue;
      let [from, to] = [maker, reader];
      while (all[from].depth > all[to].depth) from = all[from].parent;
      while (all[to].depth > all[from].depth) to = all[to].parent;
      while (all[from].parent !== all[to].parent) [from, to] = [all[from].parent, all[to].parent];
      const isNew = !counted.has(`${value} ${from} ${to}`);
      if (from === to || !isNew) continue;
      counted.add(`${value} ${from} ${to}`);
      const { parent } = all[from];
      let flows = inside.get(parent);
      if (!flows) inside.set(parent, (flows = new Map()));
      const flow = flows.get(`${from} ${to}`) ?? { from, to, bytes: 0 };
      flow.bytes += step.valueBytes[value];
      flows.set(`${from} ${to}`, flow);
    }
  }
  return new Map([...inside].map(([parent, flows]) => [parent, [...flows.values()]]));
}
