import type { StepGraph } from '../../step/stepGraph';

/**
 * By value: bytes that making it takes when nothing else is there, if every input were made for itself alone, the one
 * with the most to spare first. Best possible for trees (Liu, "On the storage requirement in the out-of-core multifrontal
 * method for sparse factorization", ACM TOMS 1986); for other graphs a guess that is never too low for the final node.
 * `counted`, by value: 1 for those that come and go.
 */
export function bytesFromNothing(step: StepGraph, counted: Uint8Array): Float64Array {
  const { nodeCount, valueCount, inputs, outputs, valueBytes } = step;
  const need = new Float64Array(valueCount);
  for (let node = 0; node < nodeCount; node++) {
    const made = [...inputs.items.subarray(inputs.offsets[node], inputs.offsets[node + 1])]
      .filter((value) => counted[value])
      .sort((a, b) => need[b] - valueBytes[b] - (need[a] - valueBytes[a]));
    let held = 0;
    let most = 0;
    for (const value of made) {
      most = Math.max(most, held + need[value]);
      held += valueBytes[value];
    }
    held += step.workspaceBytes[node];
    for (let i = outputs.offsets[node]; i < outputs.offsets[node + 1]; i++)
      held += valueBytes[outputs.items[i]];
    most = Math.max(most, held);
    for (let i = outputs.offsets[node]; i < outputs.offsets[node + 1]; i++)
      if (counted[outputs.items[i]]) need[outputs.items[i]] = most;
  }
  return need;
}
