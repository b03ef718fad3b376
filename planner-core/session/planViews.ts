import type { Plan } from '../plan/plan';
import type { PlanInputs } from '../plan/planInputs';
import type { PlacedPlan } from '../planners/placement/planPlaced';
import type { PlacedStep } from '../planners/placement/placeStep';
import { defaultAllocatorSettings } from './allocatorSettings';
import { allocatorViews } from './allocatorView';
import { poolsKey } from './inputKeys';
import { makePlan } from './makePlan';
import { energyViewOf, offloadViewOf } from './offload/offloadViewOf';
import { instantBoundMs } from './offload/proveOffload';
import { withPipeline } from './pipelineView';
import { placementView } from './placed';
import type { RefinedMemory } from './refinedMemory';
import type { SessionSteps } from './sessionSteps';
import type { PlanView } from './types';

/** What a planner's answer is made into: the plan, and what the simulator says of it. */
export class PlanViews {
  constructor(
    private readonly model: Plan['model'],
    private readonly steps: SessionSteps,
    private readonly refined: RefinedMemory,
  ) {}

  /** `placed`: what placed the layers, where something did. */
  of(
    inputs: PlanInputs,
    budgetBytes: number,
    answer: PlacedPlan,
    settings = defaultAllocatorSettings,
    placed?: PlacedStep,
  ): PlanView {
    const state = this.steps.stateOf(inputs);
    const plan = makePlan(
      this.model,
      state,
      inputs,
      budgetBytes,
      answer,
      this.lowerBoundPercent(inputs, budgetBytes),
    );
    const { directives, infeasible } = answer;
    const placement = placementView(state.built.step, directives, inputs.objective ?? 'fit', {
      ...placed,
      ...(answer.boundMs === undefined ? {} : { boundMs: answer.boundMs }),
    });
    return {
      plan,
      directives,
      allocators: allocatorViews(state, inputs, directives, settings),
      placement: withPipeline(placement, state, inputs, directives),
      offload: offloadViewOf(state, inputs, directives),
      energy: energyViewOf(state, inputs, directives),
      infeasible,
    };
  }

  /** Proven least overhead under the budget; 0 where nothing is proven (several devices, offloads by hand). */
  private lowerBoundPercent(inputs: PlanInputs, budgetBytes: number): number {
    const pools = this.steps.poolsOf(inputs);
    const { keepAllStepTimeMs } = this.steps.stateOf(inputs).view;
    if (!pools.context.isSingleDevice || keepAllStepTimeMs <= 0) return 0;
    const refined = this.refined.known(poolsKey(inputs))?.bounds.leastAddedMs(budgetBytes) ?? 0;
    const addedMs = Math.max(instantBoundMs(pools, budgetBytes), refined);
    // Infinite where no plan exists at all: that is said in words.
    return Number.isFinite(addedMs) ? (100 * addedMs) / keepAllStepTimeMs : 0;
  }
}
