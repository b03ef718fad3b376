import type { Layer } from '../../plan/layerIndex';
import type { StepGraph, ValueId } from '../../step/stepGraph';

/** Values that a layer's forward pass makes and that are still there when it returns, everything kept. */
export function heldValues({ forwardNodes }: Pick<Layer, 'forwardNodes'>, step: StepGraph): ValueId[] {
  const inside = new Set(forwardNodes);
  const isReadLater = new Uint8Array(step.valueCount);
  for (let node = 0; node < step.nodeCount; node++) {
    if (inside.has(node)) continue;
    for (const rows of [step.inputs, step.updates])
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) isReadLater[rows.items[i]] = 1;
  }
  return forwardNodes.flatMap((node) =>
    Array.from(
      step.outputs.items.subarray(step.outputs.offsets[node], step.outputs.offsets[node + 1]),
    ).filter((value) => step.producer[value] === node && (isReadLater[value] || step.residentAtEnd[value])),
  );
}
