import { Phase, type NodeId } from '../../step/stepGraph';
import type { PlanningContext } from '../context';

/**
 * What runs again when only some forward results are handed to the backward pass (`saved`, by node) and every other one
 * is computed once more where backward first needs it, and then stays until its last use: what a partitioner's backward
 * graph does. What may not run again is handed over too. [before, node] pairs.
 */
export function recomputeOnce({ step, fixed }: PlanningContext, saved: Uint8Array): Int32Array {
  const isThere = Uint8Array.from(saved, (flag, node) =>
    Number(flag || fixed[node] || step.nodePhase[node] !== Phase.forward),
  );
  const pairs: number[] = [];
  const open: NodeId[] = [];
  for (let stage = 0; stage < step.nodeCount; stage++) {
    if (step.nodePhase[stage] !== Phase.backward) continue;
    const again: NodeId[] = [];
    open.push(stage);
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      for (const rows of [step.inputs, step.updates])
        for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) {
          const value = rows.items[i];
          const producer = step.producer[value];
          if (producer < 0 || step.residentAtEnd[value] || isThere[producer] || producer >= stage) continue;
          isThere[producer] = 1;
          again.push(producer);
          open.push(producer);
        }
    }
    for (const node of again.sort((a, b) => a - b)) pairs.push(stage, node);
  }
  return Int32Array.from(pairs);
}
