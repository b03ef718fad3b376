import type { Directives } from '../../planner-core/simulator/schedule';
import type { StepGraph } from '../../planner-core/step/stepGraph';

/** Bytes of what is computed a second time: the outputs of every recomputation. */
export function recomputedBytes(step: StepGraph, { recomputations }: Directives): number {
  let bytes = 0;
  for (let i = 1; i < recomputations.length; i += 2) {
    const node = recomputations[i];
    for (let j = step.outputs.offsets[node]; j < step.outputs.offsets[node + 1]; j++) {
      bytes += step.valueBytes[step.outputs.items[j]];
    }
  }
  return bytes;
}
