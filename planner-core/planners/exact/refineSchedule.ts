import type { Job } from '../../base/job';
import type { MilpEngine, SolveResult } from '../../solvers/engine';
import type { NodeId } from '../../step/stepGraph';
import { KnapsackBound } from '../bounds/knapsackBound';
import type { PlanningContext } from '../context';
import type { Candidate } from '../paretoPlans';
import { insertionGreedy } from '../schedule/insertionGreedy';
import { InsertionState } from '../schedule/insertionState';
import type { RefineLimits, RefineProgress } from './refineProgress';
import { placeRepeats } from './repeatPositions';
import { RetentionFacts } from './retentionFacts';
import { RetentionProgram, type Transient } from './retentionProgram';
import { searchStates } from './stateSearch';

/** Name shown to people. */
export const exactPlannerName = 'integer program';

/** Moments of the first program. */
const firstMoments = 8;

/** What an engine may get wrong, as a share of the step's time. */
const tolerance = 1e-9;

/**
 * Tightens the proof that a budget costs time, and finds better plans on the way: solves integer programs with more and
 * more moments of the step in them (see RetentionProgram), until the plan that a program means fits the budget, or
 * nothing cheaper than the best plan known is left. Each program is a relaxation, so each bound holds. `start`: a plan
 * within the budget. One device, nothing offloaded; throws 'cancelled' when the job is, after what was found has been
 * reported.
 */
export async function refineSchedule(
  context: PlanningContext,
  budgetBytes: number,
  start: Candidate | undefined,
  engine: MilpEngine,
  limits: RefineLimits,
  job: Job,
  onProgress: (progress: RefineProgress) => void,
): Promise<RefineProgress> {
  return new Refinement(context, budgetBytes, start, engine, limits, job, onProgress).run();
}

class Refinement {
  private readonly facts: RetentionFacts;
  private readonly keepAllMs: number;
  private readonly startedMs = performance.now();
  private plan: Candidate | undefined;
  private leastAddedMs = 0;
  private isInfeasible = false;
  private rounds = 0;

  constructor(
    private readonly context: PlanningContext,
    private readonly budgetBytes: number,
    start: Candidate | undefined,
    private readonly engine: MilpEngine,
    private readonly limits: RefineLimits,
    private readonly job: Job,
    private readonly onProgress: (progress: RefineProgress) => void,
  ) {
    const { step, fixed } = context;
    this.facts = new RetentionFacts(
      step,
      fixed.map((flag) => 1 - flag),
    );
    this.keepAllMs = context.evaluate(new Int32Array(0)).stepTimeMs;
    this.plan = start;
    this.leastAddedMs = new KnapsackBound(step, this.facts.repeatable).leastAddedMs(budgetBytes);
  }

  async run(): Promise<RefineProgress> {
    const last = await this.solvePrograms();
    if (last.isOptimal || last.isInfeasible) return last;
    const outcome = await searchStates(this.facts, this.budgetBytes, this.mostAddedMs, this.job);
    if (!outcome) return last;
    const { best } = outcome;
    if (!best && !this.plan) return this.noPlan();
    if (best) this.plan = this.candidate(best.recomputations);
    this.leastAddedMs = this.addedMs;
    return this.report();
  }

  /** Programs with more and more moments, until nothing more can be learnt from them. */
  private async solvePrograms(): Promise<RefineProgress> {
    let moments = this.highest(this.facts.keepAllBytes, firstMoments);
    let transients: Transient[] = [];
    if (moments.length === 0) return this.report();
    // What no plan can be without is over budget already.
    if (this.leastAddedMs === Infinity) return this.noPlan();
    if (this.facts.fixedBytes.some((bytes) => bytes > this.budgetBytes)) return this.noPlan();
    while (!this.isOver) {
      await this.job.checkpoint();
      const program = new RetentionProgram(
        this.facts,
        moments,
        this.budgetBytes,
        this.mostAddedMs,
        transients,
        this.context.pinnedRecomputations,
      );
      const result = await this.solve(program);
      this.rounds++;
      if (result.status === 'infeasible') {
        if (!this.plan) return this.noPlan();
        this.leastAddedMs = this.addedMs;
        break;
      }
      this.raise(result.bound / program.costPerMs);
      if (!result.incumbent) break;
      const wanted = this.recomputationsOf(program, result.incumbent.values);
      await this.consider(wanted);
      if (this.isOver) break;
      const next = this.violations(wanted, moments, transients);
      this.report();
      if (!next) break;
      ({ moments, transients } = next);
    }
    return this.report();
  }

  private noPlan(): RefineProgress {
    this.leastAddedMs = Infinity;
    this.isInfeasible = true;
    return this.report();
  }

  private async solve(program: RetentionProgram): Promise<SolveResult> {
    const stop = new AbortController();
    const ticking = this.watch(stop);
    // While the engine goes on in its own thread, what it finds is made a plan of; of several the latest.
    let latest: Float64Array | undefined;
    let considering = Promise.resolve();
    let failure: unknown;
    const considerLatest = async (): Promise<void> => {
      if (!latest) return;
      const recomputations = this.recomputationsOf(program, latest);
      latest = undefined;
      if (await this.consider(recomputations)) this.report();
    };
    try {
      const result = await this.engine.solve(program.program, {
        timeLimitS: this.limits.timeLimitS - this.elapsedMs / 1000,
        start: this.plan && program.pointOf(this.plan.recomputations),
        signal: stop.signal,
        onProgress: ({ bound, incumbent }) => {
          if (this.raise(bound / program.costPerMs)) this.report();
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
    }
  }

  private recomputationsOf(program: RetentionProgram, values: Float64Array): Int32Array {
    const { step, pinnedRecomputations } = this.context;
    return placeRepeats(step, program, program.repeatsOf(values), pinnedRecomputations);
  }

  /** Passes a cancelled job on to the engine. */
  private watch(stop: AbortController): ReturnType<typeof setInterval> {
    return setInterval(() => {
      this.job.checkpoint().catch(() => stop.abort());
    }, 50);
  }

  private get elapsedMs(): number {
    return performance.now() - this.startedMs;
  }

  private get mostAddedMs(): number {
    return this.plan ? this.addedMs + tolerance * this.keepAllMs : Infinity;
  }

  private get addedMs(): number {
    return this.plan!.stepTimeMs - this.keepAllMs;
  }

  private get isOptimal(): boolean {
    return (
      this.plan !== undefined &&
      this.addedMs - this.leastAddedMs <= 1e-6 * Math.max(this.addedMs, tolerance * this.keepAllMs)
    );
  }

  private get isOver(): boolean {
    return (
      this.isOptimal ||
      this.elapsedMs >= 1000 * this.limits.timeLimitS ||
      this.rounds >= (this.limits.rounds ?? Infinity)
    );
  }

  private raise(boundMs: number): boolean {
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

  /** Takes the plan, and says so, if it is faster than the one known once what is still over budget has been mended. */
  private async consider(recomputations: Int32Array): Promise<boolean> {
    const { context, budgetBytes } = this;
    const state = new InsertionState(context.step, recomputations, context.pinnedRecomputations);
    const failedAt = await insertionGreedy(state, context.fixed, [budgetBytes], this.job, () => undefined);
    if (failedAt !== undefined || (this.plan && state.stepTimeMs >= this.plan.stepTimeMs)) return false;
    this.plan = this.candidate(state.recomputations());
    return true;
  }

  private candidate(recomputations: Int32Array): Candidate {
    const { peakBytes, stepTimeMs } = this.context.evaluate(recomputations);
    return { planner: exactPlannerName, peakBytes, stepTimeMs, recomputations };
  }

  /** Where a plan is over budget although its program was solved: moments and repeats to look at as well. */
  private violations(
    recomputations: Int32Array,
    moments: readonly NodeId[],
    transients: readonly Transient[],
  ): { moments: NodeId[]; transients: Transient[] } | undefined {
    const { nodes, length, liveBytes } = this.context.evaluate(recomputations);
    const again = new Uint8Array(length);
    const ran = new Set<NodeId>();
    const over = new Map<NodeId, number>();
    const known = new Set(moments);
    const more: Transient[] = [];
    const isKnown = new Set(transients.map(({ moment, node }) => `${moment} ${node}`));
    for (let position = 0; position < length; position++) {
      again[position] = Number(ran.has(nodes[position]));
      ran.add(nodes[position]);
    }
    let next = this.context.step.nodeCount - 1;
    for (let position = length - 1; position >= 0; position--) {
      const excess = liveBytes[position] - this.budgetBytes;
      if (!again[position]) next = nodes[position];
      if (excess <= 0) continue;
      const missing = again[position]
        ? [next, next - 1].filter((node) => node >= 0 && !known.has(node))
        : [next];
      for (const node of missing) if (!known.has(node)) over.set(node, Math.max(over.get(node) ?? 0, excess));
      if (again[position] && missing.length === 0 && !isKnown.has(`${next} ${nodes[position]}`))
        more.push({ moment: next, node: nodes[position] });
    }
    if (over.size === 0 && more.length === 0) return undefined;
    const excesses = new Float64Array(this.context.step.nodeCount);
    for (const [node, excess] of over) excesses[node] = excess;
    const added = this.peaks(excesses, Math.max(firstMoments, moments.length >> 1));
    return {
      moments: [...new Set([...moments, ...added])].sort((a, b) => a - b),
      transients: [...transients, ...more],
    };
  }

  private highest(bytes: Float64Array, count: number): NodeId[] {
    return this.peaks(
      bytes.map((amount) => amount - this.budgetBytes),
      count,
    ).sort((a, b) => a - b);
  }

  /** Nodes with the highest positive excess, those higher than their neighbours first. */
  private peaks(excess: Float64Array, count: number): NodeId[] {
    const found: NodeId[] = [];
    const others: NodeId[] = [];
    for (let node = 0; node < excess.length; node++) {
      if (excess[node] <= 0) continue;
      const isPeak = !(excess[node - 1] > excess[node]) && !(excess[node + 1] >= excess[node]);
      (isPeak ? found : others).push(node);
    }
    const byExcess = (a: NodeId, b: NodeId): number => excess[b] - excess[a] || a - b;
    return [...found.sort(byExcess), ...others.sort(byExcess)].slice(0, count);
  }
}
