import type { Frontier, FrontierPoint } from '../planners/frontier';
import { ParetoPlans } from '../planners/paretoPlans';
import { ProvenBounds } from './provenBounds';
import type { PlanView } from './types';

/** What refining has found for one step and some pins; it holds for all budgets. */
export interface Refined {
  /** For any plan, whatever its strategy. */
  readonly bounds: ProvenBounds;
  /** Schedules. */
  readonly plans: ParetoPlans;
  /** For choices of modules to checkpoint. */
  readonly moduleBounds: ProvenBounds;
  readonly modulePlans: ParetoPlans;
  /** Schedules made by rounding a relaxation: a rule to compare with. */
  readonly roundings: ParetoPlans;
}

/** Steps and pins whose proofs are remembered: as far as undo is likely to go back. */
const maxRemembered = 16;

/** What has been proven, by a key of step and pins. */
export class RefinedMemory {
  private readonly byKey = new Map<string, Refined>();

  known(key: string): Refined | undefined {
    return this.byKey.get(key);
  }

  /** To be added to. */
  of(key: string): Refined {
    const refined = this.byKey.get(key) ?? {
      bounds: new ProvenBounds(),
      plans: new ParetoPlans(),
      moduleBounds: new ProvenBounds(),
      modulePlans: new ParetoPlans(),
      roundings: new ParetoPlans(),
    };
    // The latest is last: Maps keep the order of insertion.
    this.byKey.delete(key);
    this.byKey.set(key, refined);
    const [oldest] = this.byKey.keys();
    if (this.byKey.size > maxRemembered) this.byKey.delete(oldest);
    return refined;
  }
}

/** The plan with a higher proven bound, but never one above its own overhead: bounds hold up to a tolerance. */
export function withBound(view: PlanView, lowerBoundPercent: number): PlanView {
  const { prediction } = view.plan;
  const bound = Math.min(lowerBoundPercent, Math.max(0, prediction.overheadPercent));
  if (view.infeasible || bound <= prediction.lowerBoundPercent) return view;
  return { ...view, plan: { ...view.plan, prediction: { ...prediction, lowerBoundPercent: bound } } };
}

/** The frontier with the bounds that have been proven since. */
export function withBounds(frontier: Frontier, bounds: ProvenBounds, keepAllStepTimeMs: number): Frontier {
  if (keepAllStepTimeMs <= 0) return frontier;
  const raised = <T extends FrontierPoint>(point: T): T => {
    const percent = (100 * bounds.leastAddedMs(point.peakBytes)) / keepAllStepTimeMs;
    const bound = Math.max(0, Math.min(percent, point.overheadPercent));
    return bound > point.lowerBoundPercent ? { ...point, lowerBoundPercent: bound } : point;
  };
  const { strategies } = frontier;
  return {
    ...frontier,
    baselines: frontier.baselines.map(raised),
    strategies: {
      'module-checkpoint': strategies['module-checkpoint'].map(raised),
      selective: strategies.selective.map(raised),
      schedule: strategies.schedule.map(raised),
    },
  };
}
