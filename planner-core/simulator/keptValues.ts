import { Phase, ValueKind, type StepGraph } from '../step/stepGraph';
import type { Directives } from './schedule';
import { sequenceOf } from './sequence';

/**
 * Marks the activations that stay in memory from the forward to the backward pass: those a backward computation or a
 * recomputation reads as the forward pass made them. Offloaded values are kept elsewhere and not marked.
 */
export function keptValues(step: StepGraph, directives: Directives): Uint8Array {
  const { nodes, again } = sequenceOf(step, directives);
  const kept = new Uint8Array(step.valueCount);
  const fromForward = new Uint8Array(step.valueCount);
  for (let position = 0; position < nodes.length; position++) {
    const node = nodes[position];
    if (again[position] || step.nodePhase[node] >= Phase.backward) {
      for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
        const value = step.inputs.items[i];
        if (fromForward[value] && step.valueKind[value] === ValueKind.activation) kept[value] = 1;
      }
    }
    for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
      fromForward[step.outputs.items[i]] = again[position] ? 0 : 1;
    }
  }
  for (const value of directives.offloads) kept[value] = 0;
  return kept;
}

/** Total size of marked values. */
export function bytesOfMarked(step: StepGraph, marked: Uint8Array): number {
  let sum = 0;
  for (let value = 0; value < step.valueCount; value++) if (marked[value]) sum += step.valueBytes[value];
  return sum;
}
