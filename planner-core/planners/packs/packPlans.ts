import type { Job } from '../../base/job';
import { layerIndexOf } from '../../plan/layerIndex';
import type { StepGraph } from '../../step/stepGraph';
import { PlanningContext } from '../context';
import { pagedPlans, type OffloadPlan } from '../offload/offloadPlans';
import { groupedStep, type GroupedStep } from './groupedStep';
import { packRecomputations } from './packRecomputations';
import { packsOfLayers } from './packsOfLayers';

/** A way to run the micro-batches of a step. */
export interface PackPlan {
  readonly grouped: GroupedStep;
  /** Packs compute again what their backward passes need. */
  readonly recomputes: boolean;
  readonly plan: OffloadPlan;
}

export interface PackChoices {
  /** Of one micro-batch on one device, with the times of all. */
  readonly step: StepGraph;
  readonly layerOfNode: Int32Array;
  readonly layerCount: number;
  readonly microBatches: number;
  /** Ways to cut the layers into packs: the layer each pack begins with. */
  readonly cuts: readonly (readonly number[])[];
  /** Micro-batches of a group; each divides `microBatches`. */
  readonly groupSizes: readonly number[];
  /** What values may take where they go. */
  readonly hostBytes: number;
}

/**
 * The fastest way under a budget for every cut and group size that fits: what leaves the device is chosen as for any other
 * step. Throws 'cancelled' when the job is.
 */
export async function packPlans(choices: PackChoices, budgetBytes: number, job: Job): Promise<PackPlan[]> {
  const { step, layerOfNode, layerCount, microBatches, cuts, groupSizes } = choices;
  const plans: PackPlan[] = [];
  for (const firsts of cuts) {
    const packs = packsOfLayers(step, layerOfNode, firsts, layerCount);
    for (const groupSize of groupSizes) {
      await job.checkpoint();
      const grouped = groupedStep(step, packs, microBatches, groupSize);
      const fastest = fastestPlan(grouped, budgetBytes, choices.hostBytes);
      if (fastest) plans.push(fastest);
    }
  }
  return plans;
}

function fastestPlan(grouped: GroupedStep, budgetBytes: number, hostBytes: number): PackPlan | undefined {
  const context = contextOf(grouped.step, hostBytes);
  let best: PackPlan | undefined;
  for (const recomputes of [false, true]) {
    const recomputations = recomputes ? packRecomputations(grouped) : new Int32Array(0);
    if (recomputes && recomputations.length === 0) continue;
    const planner = recomputes ? 'recompute packs' : 'keep all';
    const { peakBytes, stepTimeMs } = context.evaluate(recomputations);
    const base = { peakBytes, stepTimeMs, planner, recomputations };
    for (const plan of pagedPlans(context, base, budgetBytes))
      if (!best || plan.stepTimeMs < best.plan.stepTimeMs) best = { grouped, recomputes, plan };
  }
  return best;
}

/** The grouped step without modules: nothing is pinned in it. */
function contextOf(step: StepGraph, memoryBytes: number): PlanningContext {
  const root = { id: 0, name: '', parent: 0, children: [] };
  const inRoot = { ...step, nodeModule: new Int32Array(step.nodeCount) };
  return new PlanningContext({
    step: inRoot,
    layers: layerIndexOf([root], inRoot),
    pins: [],
    offload: { memoryBytes },
  });
}
