import { Phase, type NodeId, type StepGraph } from '../../step/stepGraph';
import type { PlanningContext } from '../context';
import { forwardNodes } from './articulationPoints';
import { cheapestRecomputations, RetentionBuilder } from './cheapestRecomputations';

/** A rule that repeats more than this many times the step's computations leads nowhere. */
const maxRepeats = 16;

/**
 * What a fixed set of checkpoints computes again, by Checkmate's definition (`gen_s_matrix_fixed_checkpoints` and
 * `solve_r_opt`, github.com/parasj/checkmate): checkpoints are held to the end. They cut the forward pass into segments.
 * A segment's other results are held while it runs, and again from the first to the last backward node of the segment
 * (those of the last segment all the time).
 * Whatever else needs one of them gets it computed anew. undefined when that repeats computations without end.
 * `checkpoints` ascending. Nodes that are pinned to be kept are held, but cut nothing.
 */
export function fixedCheckpoints(
  context: PlanningContext,
  checkpoints: readonly NodeId[],
): Int32Array | undefined {
  const { step, fixed, pinnedRecompute } = context;
  const forward = forwardNodes(step);
  const segments = segmentsOf(step, checkpoints);
  const isCheckpoint = new Uint8Array(step.nodeCount);
  for (const node of checkpoints) isCheckpoint[node] = 1;
  const retention = new RetentionBuilder();
  const end = step.nodeCount - 1;
  for (const node of forward) {
    if ((isCheckpoint[node] && !pinnedRecompute[node]) || fixed[node]) {
      retention.hold(node, node + 1, end);
      continue;
    }
    const segment = segments.of[node];
    const isLast = segment === checkpoints.length;
    // Backward begins with the last segment: what it made is still there.
    retention.hold(node, node + 1, isLast ? segments.backwardEnd[segment] : segments.forwardEnd[segment]);
    if (isLast) continue;
    // Made in the stage of the segment's first backward node, so that it is there for all the others.
    retention.hold(node, segments.backwardBegin[segment] + 1, segments.backwardEnd[segment]);
  }
  const recomputable = fixed.map((flag, node) => Number(!flag && step.nodePhase[node] === Phase.forward));
  return cheapestRecomputations(step, recomputable, retention, maxRepeats * step.nodeCount);
}

interface Segments {
  /** By forward node. */
  readonly of: Int32Array;
  /** By segment but the last: the checkpoint that ends it. */
  readonly forwardEnd: readonly NodeId[];
  /** By segment: first and last backward node of its operators; an empty range when it has none. */
  readonly backwardBegin: Int32Array;
  readonly backwardEnd: Int32Array;
}

function segmentsOf(step: StepGraph, checkpoints: readonly NodeId[]): Segments {
  const count = checkpoints.length + 1;
  const of = new Int32Array(step.nodeCount).fill(-1);
  const backwardBegin = new Int32Array(count).fill(step.nodeCount);
  const backwardEnd = new Int32Array(count).fill(-1);
  // With micro-batches an operator has several forward nodes: a backward node belongs to the latest before it.
  const ofOperator = new Map<number, number>();
  let segment = 0;
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] === Phase.forward) {
      if (checkpoints[segment] === node) segment++;
      of[node] = segment;
      ofOperator.set(step.nodeOperator[node], segment);
    } else if (step.nodePhase[node] === Phase.backward) {
      const own = ofOperator.get(step.nodeOperator[node]);
      if (own === undefined) continue;
      backwardBegin[own] = Math.min(backwardBegin[own], node);
      backwardEnd[own] = node;
    }
  }
  return { of, forwardEnd: checkpoints, backwardBegin, backwardEnd };
}
