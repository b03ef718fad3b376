import { HeadroomError } from '../../base/errors';
import { ControlledJob, type Job } from '../../base/job';
import type { MilpEngine } from '../../solvers/engine';
import type { NodeId } from '../../step/stepGraph';
import type { PlanningContext } from '../context';
import type { Candidate } from '../paretoPlans';
import { sequenceOfChance } from '../schedule/chance';
import { improveSchedule } from '../schedule/improveSchedule';
import { insertionGreedy } from '../schedule/insertionGreedy';
import { InsertionState } from '../schedule/insertionState';
import { mergePlans } from './mergePlans';
import type { RefineProgress } from './refineProgress';
import { refine } from './refinement';
import { ScheduleFamily } from './scheduleFamily';

/** A plan for a budget and what is proven about it. */
export interface ProvenPlan {
  /** undefined: none was found. */
  readonly plan: Candidate | undefined;
  /** Proven: no plan within the budget adds less; Infinity when there is none. */
  readonly leastAddedMs: number;
}

/** Share of the time for the proof; then the engine merges plans, which finds better ones where proofs are out of reach. */
const proofShare = 0.15;
/** Plans that are merged at once: those that the latest runs of the search have ended with. */
const mergedPlans = 16;
/** After so many merges without success the engine turns to windows of the step, so many of them. */
const mergesAWindow = 3;
const windows = 8;
/** The search begins anew from the best plan after so many rounds without success, with other numbers. */
const roundsARun = 80;
/** Share of the nodes that a plan made in another way does without. */
const otherBan = 0.15;

/**
 * Searches around a plan while an engine in another thread tightens the proof, then merges plans of the search, each
 * telling the other of better ones. Ends when the plan is proven optimal or `timeLimitS` is over; without a start only
 * the proof is sought. An engine that breaks ends only its part.
 */
export async function improveAndProve(
  context: PlanningContext,
  budgetBytes: number,
  start: Candidate | undefined,
  engine: MilpEngine,
  timeLimitS: number,
  job: Job,
): Promise<ProvenPlan> {
  return new JointSearch(context, budgetBytes, start, engine, timeLimitS, job).run();
}

class JointSearch {
  private readonly startedMs = performance.now();
  private leastAddedMs = 0;
  private isOptimal = false;
  private window = 0;
  /** What the latest runs of the search have ended with. */
  private readonly recent: Candidate[] = [];
  /** Lets the messages of the engine's thread in. */
  private readonly shared: Job;

  constructor(
    private readonly context: PlanningContext,
    private readonly budgetBytes: number,
    private best: Candidate | undefined,
    private readonly engine: MilpEngine,
    private readonly timeLimitS: number,
    job: Job,
  ) {
    const yielding = new ControlledJob();
    this.shared = {
      progress: (fraction) => job.progress(fraction),
      checkpoint: async () => {
        await job.checkpoint();
        await yielding.checkpoint();
      },
    };
  }

  async run(): Promise<ProvenPlan> {
    await Promise.all([this.useEngine(), this.search()]);
    return { plan: this.best, leastAddedMs: this.leastAddedMs };
  }

  private async useEngine(): Promise<void> {
    try {
      await this.prove();
      let failures = 0;
      while (!this.isOver && this.best) {
        await this.shared.checkpoint();
        const window = failures >= mergesAWindow ? this.nextWindow() : undefined;
        const plans = [this.best, ...this.recent.slice(0, window ? 2 : mergedPlans)];
        const merged = await mergePlans(
          this.context,
          this.budgetBytes,
          { plans, window },
          this.engine,
          this.leftS,
          this.shared,
        );
        failures = this.take(merged) ? 0 : failures + 1;
        // The search makes more to merge meanwhile.
        if (failures < mergesAWindow) await new Promise((resolve) => setTimeout(resolve, 200));
      }
    } catch (thrown) {
      if (!(thrown instanceof HeadroomError && thrown.code === 'solver-failed')) throw thrown;
    }
  }

  private async prove(): Promise<void> {
    const heard = ({ leastAddedMs, isOptimal, isInfeasible, plan }: RefineProgress): void => {
      this.leastAddedMs = leastAddedMs;
      this.isOptimal = isOptimal || isInfeasible;
      this.take(plan);
    };
    // Without a plan there is nothing to merge: all the time is for the proof.
    const timeLimitS = this.best ? proofShare * this.timeLimitS : this.timeLimitS;
    const limits = { timeLimitS, better: () => this.best };
    const family = new ScheduleFamily(this.context, this.budgetBytes);
    heard(await refine(family, this.best, this.engine, limits, this.shared, heard));
  }

  /** Runs of ruin and recreate with other numbers each, in turn from the best plan and from one made in another way. */
  private async search(): Promise<void> {
    const limit = { idleRounds: roundsARun, isOver: () => this.isOver };
    for (let run = 0; this.best && !this.isOver && this.best.recomputations.length > 0; run++) {
      const heard = (plan: Candidate): void => void this.take(plan);
      const seed = 7919 * (run + 1);
      const start = (run % 2 === 1 && (await this.otherPlan(seed))) || this.best;
      const { context, budgetBytes, shared } = this;
      const found = await improveSchedule(context, start, budgetBytes, limit, shared, heard, seed);
      this.recent.unshift(found);
      this.recent.length = Math.min(this.recent.length, 2 * mergedPlans);
      await this.shared.checkpoint();
    }
  }

  /** The insertion greedy's plan when it may not use some of the nodes. */
  private async otherPlan(seed: number): Promise<Candidate | undefined> {
    const { context, budgetBytes } = this;
    const chance = sequenceOfChance(seed);
    const banned = context.fixed.map((flag) => (flag || chance() < otherBan ? 1 : 0));
    const pinned = context.pinnedRecomputations;
    const state = new InsertionState(context.step, pinned, pinned);
    const failedAt = await insertionGreedy(state, banned, [budgetBytes], this.shared, () => undefined);
    if (failedAt !== undefined || this.isOver) return undefined;
    const recomputations = state.recomputations();
    const { peakBytes, stepTimeMs } = context.evaluate(recomputations);
    return { peakBytes, stepTimeMs, planner: 'insertion greedy', recomputations };
  }

  /** The next part of where memory is short; neighbours overlap by half. */
  private nextWindow(): [NodeId, NodeId] {
    const { nodes, length, liveBytes } = this.context.evaluate(new Int32Array(0));
    const short = [...nodes.subarray(0, length)].filter((_, at) => liveBytes[at] > this.budgetBytes);
    const first = short[0];
    const last = short[short.length - 1];
    const size = (last - first + 1) / (windows / 2 + 0.5);
    const start = first + ((this.window++ % windows) * size) / 2;
    return [Math.floor(start), Math.ceil(start + size)];
  }

  private get leftS(): number {
    return this.timeLimitS - (performance.now() - this.startedMs) / 1000;
  }

  private get isOver(): boolean {
    return this.isOptimal || this.leftS <= 0;
  }

  private take(plan: Candidate | undefined): boolean {
    if (!plan || (this.best && plan.stepTimeMs >= this.best.stepTimeMs)) return false;
    this.best = plan;
    return true;
  }
}
