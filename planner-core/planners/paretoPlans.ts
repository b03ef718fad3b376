import { boundOfPlan } from './bounds/boundOfPlan';
import type { PlanningContext } from './context';
import type { FrontierPoint } from './frontier';
import type { Paging } from '../simulator/schedule';

/** A plan while planning: what it costs, and what it computes again. */
export interface Candidate {
  readonly peakBytes: number;
  readonly stepTimeMs: number;
  readonly planner: string;
  readonly recomputations: Int32Array;
  /** What leaves the device; absent: what pins say. */
  readonly paging?: Paging;
}

/** Plans of which none is both slower and bigger than another, by ascending peak and descending time. */
export class ParetoPlans {
  private plans: Candidate[] = [];

  get all(): readonly Candidate[] {
    return this.plans;
  }

  /** Adds a plan unless one that is at least as good is there; drops those it beats. */
  add(plan: Candidate): void {
    const { plans } = this;
    let at = plans.findIndex((other) => other.peakBytes > plan.peakBytes);
    if (at < 0) at = plans.length;
    if (at > 0 && plans[at - 1].stepTimeMs <= plan.stepTimeMs) return;
    let start = at;
    while (start > 0 && plans[start - 1].peakBytes === plan.peakBytes) start--;
    let end = at;
    while (end < plans.length && plans[end].stepTimeMs >= plan.stepTimeMs) end++;
    plans.splice(start, end - start, plan);
  }

  /** The fastest plan under a budget. */
  under(budgetBytes: number): Candidate | undefined {
    return this.plans.findLast((plan) => plan.peakBytes <= budgetBytes);
  }

  /** The plan with the least peak. */
  get least(): Candidate | undefined {
    return this.plans[0];
  }

  /**
   * At most `count` plans: both ends, and those between without which the curve would rise most. Without a plan, budgets
   * from its peak up to the next fall back to the one before: the least of these areas, in shares of the overhead, goes
   * first. Absolute areas would leave hardly any plans where overheads are small.
   */
  thinned(count: number): Candidate[] {
    const kept = [...this.plans];
    const fastestMs = kept.at(-1)?.stepTimeMs ?? 0;
    const lossOf = (at: number): number =>
      ((kept[at + 1].peakBytes - kept[at].peakBytes) * (kept[at - 1].stepTimeMs - kept[at].stepTimeMs)) /
      (kept[at].stepTimeMs - fastestMs);
    const losses = kept.map((_, at) => (at > 0 && at + 1 < kept.length ? lossOf(at) : Infinity));
    while (kept.length > Math.max(2, count)) {
      let least = 1;
      for (let at = 2; at + 1 < kept.length; at++) if (losses[at] < losses[least]) least = at;
      kept.splice(least, 1);
      losses.splice(least, 1);
      for (const at of [least - 1, least]) if (at > 0 && at + 1 < kept.length) losses[at] = lossOf(at);
    }
    return kept;
  }
}

/**
 * A frontier point; `keepAllMs` is the time overheads refer to, `leastAddedMs` the proven bound at the point's peak.
 * Throws when the plan beats the bound.
 */
export function frontierPoint(
  context: PlanningContext,
  plan: Candidate,
  keepAllMs: number,
  leastAddedMs: number,
): FrontierPoint {
  const percent = (ms: number): number => (keepAllMs > 0 ? (100 * ms) / keepAllMs : 0);
  const overheadPercent = percent(plan.stepTimeMs - keepAllMs);
  return {
    peakBytes: plan.peakBytes,
    stepTimeMs: plan.stepTimeMs,
    overheadPercent,
    lowerBoundPercent: boundOfPlan(percent(leastAddedMs), overheadPercent),
    planner: plan.planner,
    directives: context.directives(plan.recomputations, plan.paging),
  };
}
