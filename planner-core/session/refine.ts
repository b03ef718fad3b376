import { HeadroomError } from '../base/errors';
import type { Job } from '../base/job';
import type { Plan, Strategy } from '../plan/plan';
import { KnapsackBound } from '../planners/bounds/knapsackBound';
import type { RefineProgress } from '../planners/exact/refineProgress';
import { roundRelaxation } from '../planners/exact/lpRounding';
import { ModuleFamily, pinsAreModules } from '../planners/exact/moduleFamily';
import { refine } from '../planners/exact/refinement';
import { ScheduleFamily } from '../planners/exact/scheduleFamily';
import type { Candidate } from '../planners/paretoPlans';
import type { PlanPools } from '../planners/planPools';
import type { MilpEngine } from '../solvers/engine';
import { boundsInPercent } from './provenBounds';
import type { Refined } from './refinedMemory';

/** Proven: no plan within the budget costs less. */
export interface BudgetBound {
  readonly budgetBytes: number;
  readonly lowerBoundPercent: number;
}

/** What is proven for a budget, and how far the search for more is. */
export interface Proof {
  readonly budgetBytes: number;
  readonly strategy: Strategy;
  /**
   * 'proving': the search goes on. 'optimal': the plan is as fast as any can be. 'infeasible': no plan meets the budget.
   * 'open': the search has ended and a gap is left. 'unprovable': nothing is proven for several
   * devices, for offloads by hand, and for reentrant checkpoints.
   */
  readonly state: 'proving' | 'optimal' | 'infeasible' | 'open' | 'unprovable';
  /** Proven least overhead of any plan within the budget, whatever its strategy; 0 where nothing is proven, or no plan. */
  readonly lowerBoundPercent: number;
  /**
   * Proven least overhead of any plan of this strategy within the budget; absent where no more than lowerBoundPercent is
   * proven. For module checkpoints.
   */
  readonly strategyBoundPercent?: number;
  /** Proven: the strategy has no plan within the budget (others may have one). */
  readonly isStrategyInfeasible?: boolean;
  /** Overhead of the plan less the bound, in percentage points; absent while no plan meets the budget. */
  readonly gapPercent?: number;
  /** Least overhead of a schedule found within the budget: what the strategy gives away is above it. */
  readonly bestOverheadPercent?: number;
  /** Everything proven so far for this step and these pins: by ascending budget and descending percentage. */
  readonly bounds: readonly BudgetBound[];
  /** Proven: no plan meets this budget or a lower one; 0 where nothing is. */
  readonly infeasibleBytes: number;
  readonly elapsedMs: number;
  /** A rule to compare with was found on the way that the frontier does not have yet. */
  readonly hasNewRules?: boolean;
  /** Why the search ended before its time. */
  readonly note?: string;
}

/** What refining needs to know. */
export interface RefineRequest {
  readonly pools: PlanPools;
  readonly budgetBytes: number;
  readonly strategy: Strategy;
  readonly keepAllStepTimeMs: number;
  /** Recomputations of the plan on screen. */
  readonly recomputations: Int32Array;
  /** What was found before; what is found is added. */
  readonly found: Refined;
  /** Solves the programs; without one there are only the bounds that take no search. */
  readonly engine?: MilpEngine;
  readonly timeLimitS: number;
  /** May a faster plan within the budget replace the one on screen? */
  readonly mayReplace: (plan: Candidate) => boolean;
}

/** A plan of the strategy that is faster than the one on screen; never for 'selective'. */
export type OnProof = (proof: Proof, better: Candidate | undefined) => void;

/** Bounds come often while a program is solved; more reports than these nobody can read. */
const reportEveryMs = 200;

/** Share of the time for the proof among choices of modules, where that is the strategy. */
const moduleShare = 0.6;

/** Overheads that differ by less, in percentage points, are the same: the solver's own tolerance is 1e-6 of the step. */
const samePercent = 1e-4;

/**
 * Tightens what is proven for a budget, first by the bounds that take no search, then by integer programs, and finds
 * faster schedules on the way. A broken solver ends the search with a note. Throws 'cancelled' when the job is; what
 * was proven until then has been reported and is remembered.
 */
export async function refineProof(request: RefineRequest, job: Job, report: OnProof): Promise<Proof> {
  return new Refining(request, report).run(job);
}

/** Of a plan that places layers: its placement has a bound of its own, its memory none. */
export function nothingProven({ budgetBytes, strategy }: Pick<Plan, 'budgetBytes' | 'strategy'>): Proof {
  return {
    ...{ budgetBytes, strategy, state: 'unprovable', lowerBoundPercent: 0, bounds: [] },
    ...{ infeasibleBytes: 0, elapsedMs: 0 },
  };
}

class Refining {
  private readonly startedMs = performance.now();
  private lastReportMs = -Infinity;
  /** The plan on screen, then the fastest one found that may replace it. */
  private plan: Candidate | undefined;
  private better: Candidate | undefined;
  /** The fastest schedule within the budget, whatever the strategy. */
  private best: Candidate | undefined;

  constructor(
    private readonly request: RefineRequest,
    private readonly report: OnProof,
  ) {
    this.plan = this.planOnScreen();
    this.best = this.plan;
  }

  async run(job: Job): Promise<Proof> {
    const proof = await this.prove(job);
    const { engine, pools, budgetBytes, found } = this.request;
    const isShort = pools.keepAllPeakBytes > budgetBytes;
    const isNeeded = isShort && (proof.state === 'optimal' || proof.state === 'open');
    if (!engine || proof.note !== undefined || !isNeeded) return proof;
    try {
      const rounded = await roundRelaxation(pools.context, budgetBytes, engine, job);
      if (!rounded || found.roundings.under(budgetBytes)) return proof;
      found.roundings.add(rounded);
      return { ...proof, hasNewRules: true };
    } catch (thrown) {
      // Only a mark on the chart is missing then.
      if (!(thrown instanceof HeadroomError && thrown.code === 'solver-failed')) throw thrown;
      return proof;
    }
  }

  private async prove(job: Job): Promise<Proof> {
    const { pools, budgetBytes, found, engine, timeLimitS } = this.request;
    const { context, floor, problem } = pools;
    if (!context.isSingleDevice) return this.finish('unprovable');
    const instant = new KnapsackBound(problem.step, problem.layers.recomputable);
    found.bounds.add(budgetBytes, budgetBytes < floor.bytes ? Infinity : instant.leastAddedMs(budgetBytes));
    if (this.isDecided) return this.finish();
    this.tell('proving');
    this.consider((await pools.of('schedule', job)).under(budgetBytes));
    this.consider(found.plans.under(budgetBytes));
    if (this.isDecided || !engine) return this.finish();
    this.tell('proving');
    try {
      if (this.hasModuleProof) await this.refineModules(engine, job);
      if (this.isDecided) return this.finish();
      const leftS = timeLimitS - (performance.now() - this.startedMs) / 1000;
      const family = new ScheduleFamily(context, budgetBytes);
      await refine(family, this.best, engine, { timeLimitS: leftS }, job, (progress) => this.take(progress));
    } catch (thrown) {
      if (!(thrown instanceof HeadroomError && thrown.code === 'solver-failed')) throw thrown;
      return this.finish('open', thrown.message);
    }
    return this.finish();
  }

  /** The proof among choices of modules: what a plan of the strategy is really to be measured by. */
  private async refineModules(engine: MilpEngine, job: Job): Promise<void> {
    const { pools, budgetBytes, found, timeLimitS } = this.request;
    const start = this.plan ?? found.modulePlans.under(budgetBytes);
    this.takeModules({ plan: start, leastAddedMs: 0 });
    const limits = { timeLimitS: moduleShare * timeLimitS };
    const family = new ModuleFamily(pools.context, budgetBytes);
    await refine(family, start, engine, limits, job, (progress) => this.takeModules(progress));
  }

  private get hasModuleProof(): boolean {
    const { strategy, pools } = this.request;
    return strategy === 'module-checkpoint' && pinsAreModules(pools.context);
  }

  /** Nothing is left to find: no plan is faster than the one on screen, or there is none. */
  private get isDecided(): boolean {
    return this.lowerBoundPercent === Infinity || this.isOptimal;
  }

  private get isOptimal(): boolean {
    return this.plan !== undefined && this.gapPercent! <= samePercent;
  }

  private get lowerBoundPercent(): number {
    const { found, budgetBytes } = this.request;
    const percent = this.percentOf(found.bounds.leastAddedMs(budgetBytes));
    // The bound holds up to the solver's tolerance; where the best plan is as fast, it is that plan's overhead.
    return this.best && percent < Infinity ? Math.min(percent, this.overheadOf(this.best)) : percent;
  }

  private get strategyProof(): Pick<Proof, 'strategyBoundPercent' | 'isStrategyInfeasible'> {
    if (!this.hasModuleProof) return {};
    const percent = this.percentOf(this.request.found.moduleBounds.leastAddedMs(this.request.budgetBytes));
    if (percent === Infinity) return { isStrategyInfeasible: true };
    const bound = this.plan ? Math.min(percent, this.overheadOf(this.plan)) : percent;
    return bound > this.lowerBoundPercent ? { strategyBoundPercent: bound } : {};
  }

  private get gapPercent(): number | undefined {
    return this.plan && Math.max(0, this.overheadOf(this.plan) - this.lowerBoundPercent);
  }

  private planOnScreen(): Candidate | undefined {
    const { pools, recomputations, budgetBytes } = this.request;
    const { peakBytes, stepTimeMs } = pools.context.evaluate(recomputations);
    return peakBytes <= budgetBytes ? { peakBytes, stepTimeMs, planner: '', recomputations } : undefined;
  }

  private take({ plan, leastAddedMs }: RefineProgress): void {
    const { budgetBytes, found } = this.request;
    found.bounds.add(budgetBytes, leastAddedMs);
    if (plan) found.plans.add(plan);
    const isNew = this.consider(plan);
    if (isNew || performance.now() - this.lastReportMs >= reportEveryMs) this.tell('proving');
  }

  private takeModules({ plan, leastAddedMs }: Pick<RefineProgress, 'plan' | 'leastAddedMs'>): void {
    const { budgetBytes, found } = this.request;
    found.moduleBounds.add(budgetBytes, leastAddedMs);
    let isNew = false;
    if (plan) {
      found.modulePlans.add(plan);
      isNew = (!this.plan || plan.stepTimeMs < this.plan.stepTimeMs) && this.request.mayReplace(plan);
      if (isNew) this.plan = this.better = plan;
      if (!this.best || plan.stepTimeMs < this.best.stepTimeMs) this.best = plan;
    }
    if (isNew || performance.now() - this.lastReportMs >= reportEveryMs) this.tell('proving');
  }

  /** Tells whether the schedule is to replace the plan on screen. */
  private consider(plan: Candidate | undefined): boolean {
    if (!plan || (this.best && plan.stepTimeMs >= this.best.stepTimeMs)) return false;
    this.best = plan;
    if (this.request.strategy !== 'schedule' || !this.request.mayReplace(plan)) return false;
    this.plan = this.better = plan;
    return true;
  }

  private finish(state?: Proof['state'], note?: string): Proof {
    const decided = this.lowerBoundPercent === Infinity ? 'infeasible' : this.isOptimal ? 'optimal' : 'open';
    return this.tell(state ?? decided, note);
  }

  private tell(state: Proof['state'], note?: string): Proof {
    const { found, budgetBytes, strategy } = this.request;
    const isPossible = this.lowerBoundPercent < Infinity;
    this.lastReportMs = performance.now();
    const proof: Proof = {
      budgetBytes,
      strategy,
      state,
      // Numbers that JSON has no word for do not reach the view.
      lowerBoundPercent: isPossible ? this.lowerBoundPercent : 0,
      ...this.strategyProof,
      gapPercent: this.gapPercent,
      bestOverheadPercent: this.best && this.overheadOf(this.best),
      ...boundsInPercent(found.bounds, this.request.keepAllStepTimeMs),
      elapsedMs: this.lastReportMs - this.startedMs,
      note,
    };
    this.report(proof, this.better);
    this.better = undefined;
    return proof;
  }

  private overheadOf(plan: Candidate): number {
    return this.percentOf(plan.stepTimeMs - this.request.keepAllStepTimeMs);
  }

  private percentOf(addedMs: number): number {
    const { keepAllStepTimeMs } = this.request;
    if (addedMs === Infinity) return Infinity;
    return keepAllStepTimeMs > 0 ? (100 * addedMs) / keepAllStepTimeMs : 0;
  }
}
