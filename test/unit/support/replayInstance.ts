import type { InstanceAction } from '../../../planner-core/planners/solveInstance';

interface InstanceFile {
  readonly nodes: readonly { readonly time_ms: Record<string, number>; readonly output_bytes: number }[];
  readonly edges: readonly (readonly [number, number])[];
  readonly pinned_at_end?: readonly number[];
}

/**
 * Replays the schedule of an answer on the instance file alone: every computation has its inputs, every node runs,
 * nothing is freed that is not there. Knows nothing of StepGraph or the simulator.
 */
export function replayInstance(
  file: InstanceFile,
  schedule: readonly InstanceAction[],
): { time: number; peakBytes: number } {
  const inputs: number[][] = file.nodes.map(() => []);
  for (const [from, to] of file.edges) inputs[to].push(from);
  const present = new Set<number>();
  const ran = new Set<number>();
  let time = 0;
  let live = 0;
  let peakBytes = 0;
  for (const action of schedule) {
    if (action.op === 'free') {
      if (!present.delete(action.node)) throw new Error(`node ${action.node} is freed but not there`);
      live -= file.nodes[action.node].output_bytes;
    } else if (action.op === 'compute') {
      for (const input of inputs[action.node])
        if (!present.has(input)) throw new Error(`node ${action.node} runs without ${input}`);
      if (!present.has(action.node)) live += file.nodes[action.node].output_bytes;
      present.add(action.node);
      ran.add(action.node);
      time += Object.values(file.nodes[action.node].time_ms)[0];
      peakBytes = Math.max(peakBytes, live);
    } else throw new Error('copies need several devices');
  }
  if (ran.size !== file.nodes.length) throw new Error(`only ${ran.size} nodes ran`);
  for (const node of file.pinned_at_end ?? [])
    if (!present.has(node)) throw new Error(`node ${node} is gone at the end`);
  return { time, peakBytes };
}
