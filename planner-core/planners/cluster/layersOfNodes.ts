import type { LayerIndex } from '../../plan/layerIndex';
import { Phase, ValueKind, type StepGraph } from '../../step/stepGraph';

/** Which nodes and parameters belong to which layer of the stack. */
export interface StackPartition {
  /** Of the layers: what comes before the first block, the blocks, what comes after the last. */
  readonly names: readonly string[];
  readonly layerOfNode: Int32Array;
  /** By value: layers that use the parameter, ascending; empty for other values. */
  readonly layerOfParameter: readonly (readonly number[])[];
}

/**
 * Cuts the forward pass where blocks begin; what lies between two blocks belongs to the earlier one. Backward nodes follow
 * their operator, the loss is in the last layer.
 */
export function layersOfNodes(step: StepGraph, { layers, blocks }: LayerIndex): StackPartition {
  const ordered = blocks.map((id) => layers[id]).filter(({ forwardNodes }) => forwardNodes.length > 0);
  const starts = ordered.map(({ forwardNodes }) => forwardNodes[0]);
  const lastBlock = ordered.at(-1)?.forwardNodes ?? [];
  const end = lastBlock.length > 0 ? lastBlock[lastBlock.length - 1] + 1 : 0;
  const last = starts.length + 1;
  const layerOfNode = new Int32Array(step.nodeCount).fill(last);
  const ofOperator = new Map<number, number>();
  const ofModule = new Map<number, number>();
  for (let node = 0, at = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.forward) continue;
    while (at < starts.length && node >= starts[at]) at++;
    layerOfNode[node] = node >= end ? last : at;
    ofOperator.set(step.nodeOperator[node], layerOfNode[node]);
    ofModule.set(step.nodeModule[node], layerOfNode[node]);
  }
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.backward) continue;
    layerOfNode[node] =
      ofOperator.get(step.nodeOperator[node]) ?? ofModule.get(step.nodeModule[node]) ?? last;
  }
  const users: Set<number>[] = Array.from({ length: step.valueCount }, () => new Set());
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.forward) continue;
    for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
      const value = step.inputs.items[i];
      if (step.valueKind[value] === ValueKind.parameter) users[value].add(layerOfNode[node]);
    }
  }
  return {
    names: ['before the layers', ...ordered.map(({ name }) => name), 'after the layers'],
    layerOfNode,
    layerOfParameter: users.map((set) => [...set].sort((a, b) => a - b)),
  };
}
