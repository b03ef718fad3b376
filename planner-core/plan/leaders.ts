import { Phase, type NodeId, type StepGraph } from '../step/stepGraph';

/**
 * By node: the forward node whose device it shares. A backward computation runs where its operator ran; the backward of
 * a view, which no forward node made, where its module's last operator ran; the loss where what it reads was made, and
 * the backward pass begins there. -1 for the optimizer, whose updates run where their parameters live, and for what follows nothing.
 */
export function leadersOf(step: StepGraph): Int32Array {
  const leader = new Int32Array(step.nodeCount).fill(-1);
  const ofOperator = new Map<number, NodeId>();
  const ofModule = new Map<number, NodeId>();
  let ofLoss = -1;
  for (let node = 0; node < step.nodeCount; node++) {
    switch (step.nodePhase[node]) {
      case Phase.forward:
        leader[node] = node;
        if (step.nodeOperator[node] >= 0) ofOperator.set(step.nodeOperator[node], node);
        ofModule.set(step.nodeModule[node], node);
        break;
      case Phase.backward:
        leader[node] =
          ofOperator.get(step.nodeOperator[node]) ??
          ofModule.get(step.nodeModule[node]) ??
          ofInputs(step, leader, node);
        // The gradient of a sum reads nothing.
        if (leader[node] < 0) leader[node] = ofLoss;
        break;
      case Phase.loss:
        leader[node] = ofInputs(step, leader, node);
        ofLoss = leader[node];
        break;
    }
  }
  return leader;
}

/** The leader of the first input that a node of the step has made. */
function ofInputs({ inputs, producer }: StepGraph, leader: Int32Array, node: NodeId): number {
  for (let i = inputs.offsets[node]; i < inputs.offsets[node + 1]; i++) {
    const maker = producer[inputs.items[i]];
    if (maker >= 0 && maker < node && leader[maker] >= 0) return leader[maker];
  }
  return -1;
}
