import { appendTo } from '../base/groups';
import { Phase, ValueKind, type NodeId, type StepGraph, type ValueId } from '../step/stepGraph';
import type { Sequence } from './sequence';

/**
 * What the reentrant torch.utils.checkpoint keeps longer than its computations need: the segment's backward is one call
 * that holds the recomputed outputs and the gradients it was given until it returns (CheckpointFunction.backward). By
 * position in the sequence, the values that must still be there after it.
 */
export function reentrantHolds(step: StepGraph, { nodes, again }: Sequence): Map<number, ValueId[]> {
  const holds = new Map<number, ValueId[]>();
  if (!step.reentrant) return holds;
  const positionOf = new Int32Array(step.nodeCount);
  for (let position = 0; position < nodes.length; position++)
    if (!again[position]) positionOf[nodes[position]] = position;
  const backwardOf = backwardNodesByOperator(step);
  for (let position = 0; position < nodes.length; position++) {
    if (!again[position]) continue;
    const segment = new Set<NodeId>();
    for (; again[position]; position++) segment.add(nodes[position]);
    const backward = new Set([...segment].flatMap((node) => backwardOf.get(step.nodeOperator[node]) ?? []));
    const last = Math.max(...[...backward].map((node) => positionOf[node]), position);
    const held = [...outputsOf(step, segment), ...gradientsInto(step, backward)];
    holds.set(last, [...(holds.get(last) ?? []), ...held]);
  }
  return holds;
}

function backwardNodesByOperator(step: StepGraph): Map<number, NodeId[]> {
  const nodes = new Map<number, NodeId[]>();
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.backward || step.nodeOperator[node] < 0) continue;
    appendTo(nodes, step.nodeOperator[node], node);
  }
  return nodes;
}

/** Activations that the segment makes and something outside it reads in the forward pass. */
function outputsOf(step: StepGraph, segment: ReadonlySet<NodeId>): Set<ValueId> {
  const made = new Set<ValueId>();
  for (const node of segment)
    for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++)
      made.add(step.outputs.items[i]);
  const leaving = new Set<ValueId>();
  for (let node = 0; node < step.nodeCount && step.nodePhase[node] < Phase.backward; node++) {
    if (segment.has(node)) continue;
    for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++)
      if (made.has(step.inputs.items[i])) leaving.add(step.inputs.items[i]);
  }
  return leaving;
}

/** Gradients that the backward nodes read and none of them makes. */
function gradientsInto(step: StepGraph, backward: ReadonlySet<NodeId>): Set<ValueId> {
  const given = new Set<ValueId>();
  for (const node of backward) {
    for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
      const value = step.inputs.items[i];
      const isGradient = step.valueKind[value] === ValueKind.activationGradient;
      if (isGradient && !backward.has(step.producer[value])) given.add(value);
    }
  }
  return given;
}
