import { MemoryProfile } from '../../../planner-core/planners/memoryProfile';
import { recomputableNodes } from '../../../planner-core/plan/layerIndex';
import type { StepGraph } from '../../../planner-core/step/stepGraph';

/**
 * Peak and time of every plan that runs any repeatable node again before any later node, at most once before each.
 * undefined when there are more than 2^limit plans.
 */
export function everyPlan(
  step: StepGraph,
  limit: number,
): { peakBytes: number; stepTimeMs: number }[] | undefined {
  const recomputable = recomputableNodes(step);
  const pairs: [number, number][] = [];
  for (let before = 1; before < step.nodeCount; before++)
    for (let node = 0; node < before; node++) if (recomputable[node]) pairs.push([before, node]);
  if (pairs.length > limit) return undefined;
  const profile = new MemoryProfile(step);
  return Array.from({ length: 2 ** pairs.length }, (_, choice) => {
    const chosen = pairs.filter((_pair, i) => (choice >> i) & 1);
    profile.ofRecomputations(Int32Array.from(chosen.flat()));
    return { peakBytes: profile.peakBytes, stepTimeMs: profile.stepTimeMs };
  });
}
