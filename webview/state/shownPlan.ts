import type { Decision, Strategy } from '../../planner-core/plan/plan';
import { pointAtBudget, type Frontier, type FrontierPoint } from '../../planner-core/planners/frontier';
import type { BudgetBound } from '../../planner-core/session/refine';
import type { AllocatorView } from '../../planner-core/session/allocatorView';
import type { EnergyView, OffloadView } from '../../planner-core/session/offload/offloadView';
import type { PlacementView, PlanView, StepView } from '../../planner-core/session/types';
import { translated } from '../base/l10n';
import { evaluate, type Evaluation } from './evaluation';
import { boundAt } from './provenBound';

/** The plan on screen: the host's, or the frontier's at a budget the host has not answered for yet. */
export interface ShownPlan {
  readonly budgetBytes: number;
  readonly strategy: Strategy;
  readonly evaluation: Evaluation;
  readonly peakBytes: number;
  readonly stepTimeMs: number;
  /** Against the step that keeps everything. */
  readonly overheadPercent: number;
  /** Proven for the budget, whatever the strategy. */
  readonly lowerBoundPercent: number;
  readonly planner: string;
  /** Empty for a preview. */
  readonly decisions: readonly Decision[];
  readonly fits: boolean;
  /** Why nothing fits, when the host has said so. */
  readonly infeasible?: string;
  readonly preview: boolean;
  /** What its CUDA devices show as used; absent for a preview. */
  readonly allocators?: readonly AllocatorView[];
  /** Where its layers run and what that gives; absent for a preview and where there was nothing to place. */
  readonly placement?: PlacementView;
  /** What leaves its device, and the energy of the step; absent for a preview. */
  readonly offload?: OffloadView;
  readonly energy?: EnergyView;
}

/** What is wanted: from the inputs with pending edits applied, or from the slider under the pointer. */
export interface Wanted {
  readonly budgetBytes: number;
  readonly strategy: Strategy;
  /** Pins or workload are about to change, so the host's plan is not the last word. */
  readonly dragging: boolean;
}

/** O(log points) lookup and one simulation, remembered for each point. undefined while neither plan nor frontier is there. */
export function shownPlan(
  view: StepView,
  frontier: Frontier | undefined,
  plan: PlanView | undefined,
  wanted: Wanted,
  stairs: readonly BudgetBound[] = [],
): ShownPlan | undefined {
  const proven = boundAt(stairs, wanted.budgetBytes);
  const answered =
    plan && plan.plan.budgetBytes === wanted.budgetBytes && plan.plan.strategy === wanted.strategy;
  // The frontier is about budgets, not about where layers run: no point of it previews a placement.
  const isPlaced = plan?.placement !== undefined && plan.placement.objective !== 'fit';
  if (plan && (isPlaced || (answered && !wanted.dragging))) return ofHost(view, plan, wanted, proven);
  const points = frontier?.strategies[wanted.strategy] ?? [];
  const point = pointAtBudget(points, wanted.budgetBytes) ?? points.at(0);
  if (point) return ofPoint(view, point, wanted, proven);
  return plan && ofHost(view, plan, wanted, proven);
}

function ofHost(view: StepView, host: PlanView, wanted: Wanted, proven: number): ShownPlan {
  const { plan, directives, allocators, placement, offload, energy, infeasible } = host;
  // A plan for another budget brings a bound that need not hold for this one.
  const own = plan.budgetBytes >= wanted.budgetBytes ? plan.prediction.lowerBoundPercent : 0;
  return {
    ...numbers(view, evaluate(view.step, directives), wanted, Math.max(own, proven)),
    planner: plan.planner,
    decisions: plan.decisions,
    allocators,
    placement,
    offload,
    energy,
    infeasible: infeasible && translated(infeasible.message),
    preview: false,
  };
}

function ofPoint(view: StepView, point: FrontierPoint, wanted: Wanted, proven: number): ShownPlan {
  return {
    ...numbers(view, evaluate(view.step, point.directives), wanted, proven),
    planner: point.planner,
    decisions: [],
    preview: true,
  };
}

function numbers(view: StepView, evaluation: Evaluation, { budgetBytes, strategy }: Wanted, proven: number) {
  const { perDevicePeakBytes, stepTimeMs } = evaluation.simulation;
  // The budget is device 0's.
  const peakBytes = perDevicePeakBytes[0];
  const base = view.keepAllStepTimeMs;
  const overheadPercent = base > 0 ? (stepTimeMs / base - 1) * 100 : 0;
  const fits = peakBytes <= budgetBytes;
  return {
    budgetBytes,
    strategy,
    evaluation,
    peakBytes,
    stepTimeMs,
    overheadPercent,
    // Bounds hold up to the solver's tolerance, so one may be a trifle above the plan it was proven with.
    lowerBoundPercent: fits ? Math.min(proven, Math.max(0, overheadPercent)) : proven,
    fits,
  };
}
