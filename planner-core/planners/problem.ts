import type { Job } from '../base/job';
import type { LayerIndex } from '../plan/layerIndex';
import type { Decision, Strategy } from '../plan/plan';
import type { Directives, Paging } from '../simulator/schedule';
import type { ParetoPlans } from './paretoPlans';
import type { StepGraph, ValueId } from '../step/stepGraph';

/** What a planner is asked to plan: a step, where decisions apply, and what a person has already decided. */
export interface PlanningProblem {
  readonly step: StepGraph;
  readonly layers: LayerIndex;
  /** Decisions by hand: no planner changes them. */
  readonly pins: readonly Decision[];
  /** Planners may send values where the step's link to host memory leads; absent: only what is pinned leaves. */
  readonly offload?: OffloadLimits;
}

/** What planners may use where offloaded values go. */
export interface OffloadLimits {
  /** Infinity: as much as it takes. */
  readonly memoryBytes: number;
  /** Only what a step makes and ends may leave: the next step may be another one's, and has to find the rest where it was. */
  readonly stateStays?: boolean;
  /** How the plans of a strategy are applied; undefined or absent: any value may leave and come back at any moment. */
  readonly meansOf?: (strategy: Strategy) => OffloadMeans | undefined;
}

/** What sends values away when a plan runs, as far as plans have to know it. */
export interface OffloadMeans {
  /** Can it send this value away at all? */
  mayLeave(value: ValueId): boolean;
  /** Base nodes, ascending, before which it can ask for what is to come back, beside these recomputations. */
  returnMoments(recomputations: Int32Array): Int32Array;
  /** What it does of a paging: the moments at which it can, beside these recomputations. */
  carried(recomputations: Int32Array, paging: Paging): Paging;
}

/** A planner's answer; the numbers come from the simulator. */
export interface PlannedDirectives {
  readonly planner: string;
  readonly directives: Directives;
  /** The pins, and what the planner chose. */
  readonly decisions: readonly Decision[];
  /** Highest live bytes on the first device, which is the one the budget is for. */
  readonly peakBytes: number;
  readonly stepTimeMs: number;
}

/** Plans found before for a problem and a strategy. */
export interface KnownPlans {
  readonly plans: ParetoPlans;
  /** The strategy's planners, asked for one budget, would look for these very plans again. */
  readonly areAll: boolean;
}

/** One way of finding plans. */
export interface Planner {
  readonly name: string;
  readonly strategy: Strategy;
  /**
   * The fastest plan it finds under the budget; when it finds none, the one with the least peak it has seen. `known` are
   * plans found before: the answer is never worse than the best of them.
   */
  plan(
    problem: PlanningProblem,
    budgetBytes: number,
    job: Job,
    known?: KnownPlans,
  ): Promise<PlannedDirectives>;
}
