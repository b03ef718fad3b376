import { Phase, type NodeId, type StepGraph } from '../../../step/stepGraph';

/** Groups of nodes that share a device. */
export interface StepGroups {
  /** By node: its group; -1 for what stays on the first device or follows its parameter. */
  readonly groupOf: Int32Array;
  /** By group, in the order of the forward pass: its forward nodes. */
  readonly forwardNodes: readonly (readonly NodeId[])[];
  /** By group: the device a person chose; -1 where nobody did. */
  readonly pinnedDevice: Int32Array;
}

/**
 * An operator's forward nodes with its backward nodes, as decisions tie them, and all that make or change one value in
 * place (a sum of gradients): elsewhere they would change a copy. What a person chose different devices for stays apart.
 * `chosenDevice`: by node, -1 where nobody did.
 */
export function groupsOfStep(step: StepGraph, chosenDevice: ArrayLike<number>): StepGroups {
  const ofOperator = new Map<number, number>();
  const ofModule = new Map<number, number>();
  const pins: number[] = [];
  const operatorGroup = new Int32Array(step.nodeCount).fill(-1);
  for (let node = 0; node < step.nodeCount; node++) {
    const operator = step.nodeOperator[node];
    if (step.nodePhase[node] === Phase.forward) {
      const group = ofOperator.get(operator) ?? pins.push(chosenDevice[node]) - 1;
      ofOperator.set(operator, group);
      ofModule.set(step.nodeModule[node], group);
      operatorGroup[node] = group;
    } else if (step.nodePhase[node] === Phase.backward) {
      operatorGroup[node] = ofOperator.get(operator) ?? ofModule.get(step.nodeModule[node]) ?? -1;
    }
  }
  const roots = tied(step, operatorGroup, pins);
  const numbers = new Map<number, number>();
  const forwardNodes: NodeId[][] = [];
  const pinnedDevice: number[] = [];
  const groupOf = operatorGroup.map((group, node) => {
    if (group < 0) return -1;
    const root = roots[group];
    const number = numbers.get(root) ?? forwardNodes.push([]) - 1;
    numbers.set(root, number);
    pinnedDevice[number] = pins[root];
    if (step.nodePhase[node] === Phase.forward) forwardNodes[number].push(node);
    return number;
  });
  return { groupOf, forwardNodes, pinnedDevice: Int32Array.from(pinnedDevice) };
}

/** For each group, the one that stands for those tied to it; `pins` of that one is what holds for all. */
function tied(step: StepGraph, groupOf: Int32Array, pins: number[]): number[] {
  const parents = pins.map((_, group) => group);
  const rootOf = (group: number): number => {
    let root = group;
    while (parents[root] !== root) root = parents[root];
    return root;
  };
  for (let node = 0; node < step.nodeCount; node++) {
    for (let i = step.updates.offsets[node]; i < step.updates.offsets[node + 1]; i++) {
      const producer = step.producer[step.updates.items[i]];
      if (producer < 0 || groupOf[producer] < 0 || groupOf[node] < 0) continue;
      const [a, b] = [rootOf(groupOf[producer]), rootOf(groupOf[node])];
      if (a === b || (pins[a] >= 0 && pins[b] >= 0 && pins[a] !== pins[b])) continue;
      const [first, second] = [Math.min(a, b), Math.max(a, b)];
      if (pins[first] < 0) pins[first] = pins[second];
      parents[second] = first;
    }
  }
  return parents.map((_, group) => rootOf(group));
}
