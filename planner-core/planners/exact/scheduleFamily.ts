import { appendTo } from '../../base/groups';
import type { Job } from '../../base/job';
import type { NodeId } from '../../step/stepGraph';
import { KnapsackBound } from '../bounds/knapsackBound';
import type { PlanningContext } from '../context';
import type { Candidate } from '../paretoPlans';
import { insertionGreedy } from '../schedule/insertionGreedy';
import { InsertionState } from '../schedule/insertionState';
import { highestMoments } from './highestMoments';
import type { ExhaustiveResult, PlanFamily } from './planFamily';
import { placeRepeats } from './repeatPositions';
import { RetentionFacts } from './retentionFacts';
import { RetentionProgram, type AllowedRepeats, type Transient } from './retentionProgram';
import { searchStates } from './stateSearch';

/** Name shown to people. */
export const exactPlannerName = 'integer program';

/** Moments of the first program, and how many more are learnt at least. */
const fewMoments = 8;
/** Where plans are merged: share of the budget that counts as full, and how many such moments there are. */
const nearlyFull = 0.95;
const manyMoments = 80;

/** Plans of whose repeats a better one is to be made, and a range of nodes before which anything may run again. */
export interface Merge {
  readonly plans: readonly Candidate[];
  readonly window?: readonly [first: NodeId, last: NodeId];
}

/** All schedules that repeat anything, through retention programs (see RetentionProgram). */
export class ScheduleFamily implements PlanFamily<RetentionProgram> {
  readonly keepAllMs: number;
  readonly leastAddedMs: number;
  private readonly facts: RetentionFacts;
  private moments: readonly NodeId[];
  private transients: readonly Transient[] = [];

  /** `among`: what is looked at besides the plans; what is found then proves nothing. */
  constructor(
    private readonly context: PlanningContext,
    private readonly budgetBytes: number,
    private readonly among?: Merge,
  ) {
    const { step, fixed } = context;
    const repeatable = fixed.map((flag) => 1 - flag);
    this.facts = new RetentionFacts(step, repeatable);
    this.keepAllMs = context.evaluate(new Int32Array(0)).stepTimeMs;
    this.leastAddedMs = among ? 0 : this.instantBound(repeatable);
    const excess = this.facts.keepAllBytes.map((bytes) => bytes - budgetBytes);
    this.moments = (among ? this.tightMoments(among.plans) : highestMoments(excess, fewMoments)).sort(
      (a, b) => a - b,
    );
  }

  get isShort(): boolean {
    return this.moments.length > 0;
  }

  relaxation(mostAddedMs: number): RetentionProgram {
    const { facts, moments, budgetBytes, transients, context } = this;
    return new RetentionProgram(
      facts,
      moments,
      budgetBytes,
      mostAddedMs,
      transients,
      context.pinnedRecomputations,
      this.among && allowedBy(this.among),
    );
  }

  pointOf(relaxation: RetentionProgram, plan: Candidate): Float64Array {
    return relaxation.pointOf(plan.recomputations);
  }

  /** What is still over budget is mended by the insertion greedy. */
  async planOf(relaxation: RetentionProgram, point: Float64Array, job: Job): Promise<Candidate | undefined> {
    const { context, budgetBytes } = this;
    const wanted = this.recomputationsOf(relaxation, point);
    const state = new InsertionState(context.step, wanted, context.pinnedRecomputations);
    const failedAt = await insertionGreedy(state, context.fixed, [budgetBytes], job, () => undefined);
    return failedAt === undefined ? this.candidate(state.recomputations()) : undefined;
  }

  /** Moments and repeats at which the plan of a solved program is over budget all the same. */
  learn(relaxation: RetentionProgram, point: Float64Array): boolean {
    const { moments, transients } = this;
    const { nodes, length, liveBytes } = this.context.evaluate(this.recomputationsOf(relaxation, point));
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
    if (over.size === 0 && more.length === 0) return false;
    const excesses = new Float64Array(this.context.step.nodeCount);
    for (const [node, excess] of over) excesses[node] = excess;
    const added = highestMoments(excesses, Math.max(fewMoments, moments.length >> 1));
    this.moments = [...new Set([...moments, ...added])].sort((a, b) => a - b);
    this.transients = [...transients, ...more];
    return true;
  }

  async exhaust(underMs: number, job: Job): Promise<ExhaustiveResult | undefined> {
    const outcome = await searchStates(this.facts, this.budgetBytes, underMs, job);
    return outcome && { best: outcome.best && this.candidate(outcome.best.recomputations) };
  }

  private instantBound(repeatable: Uint8Array): number {
    const { facts, budgetBytes } = this;
    // What no plan can be without may be over budget already.
    if (facts.fixedBytes.some((bytes) => bytes > budgetBytes)) return Infinity;
    return new KnapsackBound(facts.step, repeatable).leastAddedMs(budgetBytes);
  }

  /** Moments at which memory is nearly full under some of the plans. */
  private tightMoments(plans: readonly Candidate[]): NodeId[] {
    const fullest = new Float64Array(this.context.step.nodeCount);
    for (const { recomputations } of plans) {
      const { nodes, length, liveBytes } = this.context.evaluate(recomputations);
      for (let position = 0, next = 0; position < length; position++) {
        if (nodes[position] !== next) continue;
        fullest[next] = Math.max(fullest[next], liveBytes[position]);
        next++;
      }
    }
    return highestMoments(
      fullest.map((bytes) => bytes - nearlyFull * this.budgetBytes),
      manyMoments,
    );
  }

  private recomputationsOf(relaxation: RetentionProgram, point: Float64Array): Int32Array {
    const { step, pinnedRecomputations } = this.context;
    return placeRepeats(step, relaxation, relaxation.repeatsOf(point), pinnedRecomputations);
  }

  private candidate(recomputations: Int32Array): Candidate {
    const { peakBytes, stepTimeMs } = this.context.evaluate(recomputations);
    return { planner: exactPlannerName, peakBytes, stepTimeMs, recomputations };
  }
}

function allowedBy({ plans, window }: Merge): AllowedRepeats {
  const before = new Map<NodeId, NodeId[]>();
  for (const { recomputations } of plans) {
    for (let i = 0; i < recomputations.length; i += 2)
      appendTo(before, recomputations[i + 1], recomputations[i]);
  }
  return { before, window };
}
