import type { Job } from '../../base/job';
import type { MilpEngine, SolveResult } from '../../solvers/engine';
import type { Candidate } from '../paretoPlans';
import type { PlanFamily, Relaxation } from './planFamily';
import type { RefineLimits, RefineProgress } from './refineProgress';

/** Plans whose added times differ by less than this share of the step are the same. */
const tolerance = 1e-9;

/**
 * Brackets the least time a budget costs in a family of plans: solves programs that know more and more of the step,
 * until the plan that a program means fits the budget, or nothing cheaper than the best plan known is left. Each program
 * is a relaxation, so each bound holds. Finds faster plans of the family on the way; `start` is one within the budget.
 * One device, nothing offloaded. Throws 'cancelled' when the job is, after what was found has been reported, and
 * 'solver-failed' when the engine broke.
 */
export async function refine<R extends Relaxation>(
  family: PlanFamily<R>,
  start: Candidate | undefined,
  engine: MilpEngine,
  limits: RefineLimits,
  job: Job,
  onProgress: (progress: RefineProgress) => void,
): Promise<RefineProgress> {
  return new Refinement(family, start, engine, limits, job, onProgress).run();
}

class Refinement<R extends Relaxation> {
  private readonly startedMs = performance.now();
  private leastAddedMs: number;
  private isInfeasible = false;
  private rounds = 0;

  /** `plan`: one within the budget, if any is known. */
  constructor(
    private readonly family: PlanFamily<R>,
    private plan: Candidate | undefined,
    private readonly engine: MilpEngine,
    private readonly limits: RefineLimits,
    private readonly job: Job,
    private readonly onProgress: (progress: RefineProgress) => void,
  ) {
    this.leastAddedMs = family.leastAddedMs;
  }

  /** Throws 'cancelled' when the job is, after what was found has been reported. */
  async run(): Promise<RefineProgress> {
    const last = await this.solvePrograms();
    if (last.isOptimal || last.isInfeasible) return last;
    const outcome = await this.family.exhaust(this.mostAddedMs, this.job);
    if (!outcome) return last;
    if (!outcome.best && !this.plan) return this.noPlan();
    this.plan = outcome.best ?? this.plan;
    this.leastAddedMs = this.addedMs;
    return this.report();
  }

  private async solvePrograms(): Promise<RefineProgress> {
    const { family } = this;
    if (!family.isShort) return this.report();
    if (this.leastAddedMs === Infinity) return this.noPlan();
    while (!this.isOver) {
      await this.job.checkpoint();
      this.take(this.limits.better?.());
      const relaxation = family.relaxation(this.mostAddedMs);
      const result = await this.solve(relaxation);
      this.rounds++;
      if (result.status === 'infeasible') {
        if (!this.plan) return this.noPlan();
        this.leastAddedMs = this.addedMs;
        break;
      }
      this.raise(result.bound / relaxation.costPerMs);
      if (!result.incumbent) break;
      const { values } = result.incumbent;
      await this.consider(relaxation, values);
      if (this.isOver || !family.learn(relaxation, values)) break;
      this.report();
    }
    return this.report();
  }

  private async solve(relaxation: R): Promise<SolveResult> {
    const stop = new AbortController();
    // Passes a cancelled job on to the engine.
    const ticking = setInterval(() => void this.job.checkpoint().catch(() => stop.abort()), 50);
    const timeLimitS = this.limits.timeLimitS - this.elapsedMs / 1000;
    // The engine looks at the clock now and then only.
    const ending = setTimeout(() => stop.abort(), Math.max(0, 1000 * timeLimitS));
    // While the engine goes on in its own thread, what it finds is made a plan of; of several the latest.
    let latest: Float64Array | undefined;
    let considering = Promise.resolve();
    let failure: unknown;
    const considerLatest = async (): Promise<void> => {
      if (!latest) return;
      const point = latest;
      latest = undefined;
      if (await this.consider(relaxation, point)) this.report();
    };
    try {
      const result = await this.engine.solve(relaxation.program, {
        timeLimitS,
        start: this.plan && this.family.pointOf(relaxation, this.plan),
        signal: stop.signal,
        onProgress: ({ bound, incumbent }) => {
          this.take(this.limits.better?.());
          // A plan found elsewhere may have reached the bound.
          if (this.isOptimal) stop.abort();
          if (this.raise(bound / relaxation.costPerMs)) this.report();
          if (!incumbent || stop.signal.aborted) return;
          latest = incumbent.values;
          considering = considering.then(considerLatest).catch((thrown: unknown) => {
            failure = thrown;
            stop.abort();
          });
        },
      });
      await considering;
      if (failure !== undefined) throw failure;
      return result;
    } finally {
      clearInterval(ticking);
      clearTimeout(ending);
    }
  }

  /** Takes the plan of a point if it is faster than the one known. */
  private async consider(relaxation: R, point: Float64Array): Promise<boolean> {
    return this.take(await this.family.planOf(relaxation, point, this.job));
  }

  private take(plan: Candidate | undefined): boolean {
    if (!plan || (this.plan && plan.stepTimeMs >= this.plan.stepTimeMs)) return false;
    this.plan = plan;
    return true;
  }

  private noPlan(): RefineProgress {
    this.leastAddedMs = Infinity;
    this.isInfeasible = true;
    return this.report();
  }

  private raise(boundMs: number): boolean {
    // A plan is there: what exceeds its time is the engine's tolerance.
    const bound = this.plan ? Math.min(boundMs, this.addedMs) : boundMs;
    if (!(bound > this.leastAddedMs)) return false;
    this.leastAddedMs = bound;
    return true;
  }

  private report(): RefineProgress {
    const progress = {
      plan: this.plan,
      leastAddedMs: this.leastAddedMs,
      isOptimal: this.isOptimal,
      isInfeasible: this.isInfeasible,
      rounds: this.rounds,
      elapsedMs: this.elapsedMs,
    };
    this.onProgress(progress);
    return progress;
  }

  private get elapsedMs(): number {
    return performance.now() - this.startedMs;
  }

  private get mostAddedMs(): number {
    return this.plan ? this.addedMs + tolerance * this.family.keepAllMs : Infinity;
  }

  private get addedMs(): number {
    return this.plan!.stepTimeMs - this.family.keepAllMs;
  }

  private get isOptimal(): boolean {
    if (!this.plan) return false;
    const same = 1e-6 * Math.max(this.addedMs, tolerance * this.family.keepAllMs);
    return this.addedMs - this.leastAddedMs <= same;
  }

  private get isOver(): boolean {
    return (
      this.isOptimal ||
      this.elapsedMs >= 1000 * this.limits.timeLimitS ||
      this.rounds >= (this.limits.rounds ?? Infinity)
    );
  }
}
