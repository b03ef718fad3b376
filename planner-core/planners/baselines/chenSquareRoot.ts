import type { NodeId, StepGraph } from '../../step/stepGraph';
import { articulationPoints, forwardNodes } from './articulationPoints';
import { schedulePlan, type Baseline } from './baseline';
import { fixedCheckpoints } from './fixedCheckpoints';

/** Every ⌊√n⌋-th of n candidates, as Checkmate's baselines pick them. */
export function everySquareRoot(candidates: readonly NodeId[]): NodeId[] {
  const stride = Math.max(1, Math.floor(Math.sqrt(candidates.length)));
  return candidates.filter((_, index) => (index + 1) % stride === 0);
}

const squareRootOf = (
  name: string,
  candidates: (step: StepGraph) => readonly NodeId[],
  description: string,
): Baseline => ({
  name,
  family: 'chen',
  strategies: ['schedule'],
  description,
  plan(context) {
    const recomputations = fixedCheckpoints(context, everySquareRoot(candidates(context.step)));
    return recomputations && schedulePlan(context, name, recomputations);
  },
});

/** Chen et al., "Training Deep Nets with Sublinear Memory Cost" (2016), in Checkmate's two readings. */
export const chenSquareRoot: readonly Baseline[] = [
  squareRootOf(
    'Chen √n',
    articulationPoints,
    'Chen et al. 2016, as Checkmate sets it up: of the n results every later one depends on (articulation points), each √n-th is kept; segments between them run again.',
  ),
  squareRootOf(
    'Chen √n linearised',
    forwardNodes,
    'Chen et al. 2016, linearised as in Checkmate: of all n forward results in order, each √n-th is kept, whatever the connections.',
  ),
];
