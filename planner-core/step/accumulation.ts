import { Phase, type NodeId, type StepGraph } from './stepGraph';

/**
 * The step of an optimizer that updates once every `passes` micro-batches. Memory is that of the last pass, which ends in
 * the update. Times are of the whole step: everything but the update runs, and everything moved is moved, once a pass.
 * So what recomputing a layer costs is counted once a pass too.
 */
export function repeatPasses(step: StepGraph, passes: number): StepGraph {
  if (passes === 1) return step;
  const { nodeCount, linkBytesPerMs, linkLatencyMs } = step;
  const durationMs = step.durationMs.map((ms, i) => ms * runsOfNode(step, i % nodeCount, passes));
  return {
    ...step,
    durationMs,
    linkBytesPerMs: linkBytesPerMs.map((bytesPerMs) => bytesPerMs / passes),
    linkLatencyMs: linkLatencyMs.map((ms) => ms * passes),
  };
}

/** How often a node runs in such a step. */
export const runsOfNode = ({ nodePhase }: StepGraph, node: NodeId, passes: number): number =>
  nodePhase[node] === Phase.optimizer ? 1 : passes;
