import type { NodeId, StepGraph } from '../../step/stepGraph';
import { articulationPoints, forwardNodes } from './articulationPoints';
import { schedulePlan, type Baseline } from './baseline';
import { fixedCheckpoints } from './fixedCheckpoints';

/** Segment sizes that are tried: all results of the forward pass divided by these. */
const parts = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48] as const;

/**
 * Chen's greedy segmentation: results are summed in order; the first candidate at which the sum exceeds the segment
 * size is kept, and the sum starts again.
 */
export function greedySegments(
  step: StepGraph,
  candidates: readonly NodeId[],
  segmentBytes: number,
): NodeId[] {
  const isCandidate = new Uint8Array(step.nodeCount);
  for (const node of candidates) isCandidate[node] = 1;
  const kept: NodeId[] = [];
  let sum = 0;
  for (const node of forwardNodes(step)) {
    sum += resultBytes(step, node);
    if (!isCandidate[node] || sum <= segmentBytes) continue;
    kept.push(node);
    sum = 0;
  }
  return kept;
}

function resultBytes({ outputs, valueBytes }: StepGraph, node: NodeId): number {
  let bytes = 0;
  for (let i = outputs.offsets[node]; i < outputs.offsets[node + 1]; i++)
    bytes += valueBytes[outputs.items[i]];
  return bytes;
}

/** Chen et al. (2016), Algorithm 3, at articulation points: one rule a segment size. */
export const chenGreedy: readonly Baseline[] = parts.map((part): Baseline => {
  const name = `Chen greedy 1/${part}`;
  return {
    name,
    family: 'chen',
    strategies: ['schedule'],
    sweep: 'Chen greedy',
    description: `Chen et al. 2016, greedy: at an articulation point a result is kept once 1/${part} of all forward results has gathered since the last one.`,
    plan(context) {
      const { step } = context;
      const total = forwardNodes(step).reduce((sum, node) => sum + resultBytes(step, node), 0);
      const kept = greedySegments(step, articulationPoints(step), total / part);
      const recomputations = fixedCheckpoints(context, kept);
      return recomputations && schedulePlan(context, name, recomputations);
    },
  };
});
