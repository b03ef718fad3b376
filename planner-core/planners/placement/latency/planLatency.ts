import type { Job } from '../../../base/job';
import { HeadroomError } from '../../../base/errors';
import type { MilpEngine } from '../../../solvers/engine';
import { contiguousRuns } from '../baselines/contiguousRuns';
import { devicesBySpeed, fillInTurn } from '../baselines/baselines';
import { latencyBounds, type LatencyBounds } from '../bounds/latencyBounds';
import { latencyWindows } from '../bounds/latencyWindows';
import { deviceClasses } from '../deviceClasses';
import type { Placement, PlacementProblem } from '../problem';
import { annealPlacement, type AnnealedPlacement } from './annealPlacement';
import { branchPlacements } from './branchPlacements';
import { exactLatency } from './exactLatency';
import { LatencyModel } from './latencyModel';
import { listPlacement, type TaskPriority } from './listHeuristics';
import { ListSchedule } from './listSchedule';
import { placeBySplitting } from './placeBySplitting';
import { repairMemory } from './repairMemory';

/** Tasks that branch and bound may time before it gives up. */
const tasksBranched = 1e7;
/** Beyond this many groups splitting takes longer than it is worth; of less than a round, beyond its part of them. */
const mostSplitGroups = 400;
/** Tasks that a round of annealing may time, and the number of moves this is kept to. */
const tasksPerRound = 2e7;
const fewestTrials = 2_000;
const mostTrials = 60_000;
/** How warm rounds begin and end, in turn. */
const warmths: readonly (readonly [number, number])[] = [
  [0.01, 0.0002],
  [0.05, 0.0005],
  [0.003, 0.0001],
];
/** Rounds after which the engine is asked, and tasks up to which it is. */
const roundsBeforePrograms = 6;
const mostProgramTasks = 120;
/** How many of the placements known are starts of rounds. */
const mostStarts = 4;

/** A placement with what found it. */
interface Candidate extends AnnealedPlacement {
  readonly planner: string;
}

export interface LatencyOptions {
  /** Proves more, and improves small problems; without it only combinatorial bounds are known. */
  readonly engine?: MilpEngine;
  /** For each program the engine solves. */
  readonly engineLimitS?: number;
  /**
   * Must devices run their tasks in the order of the problem? Else planners choose it, and `sequence` says it. By
   * default so for transfers through the host, whose instances fix the order, and where everything is in a row anyway.
   */
  readonly isOrderFixed?: boolean;
  /** Rounds of annealing, the last one in part where they are no whole number; 12 when absent. */
  readonly rounds?: number;
  /** Ends the search early, with the best so far. */
  readonly isOver?: () => boolean;
  /** Told each better plan, from the first one on. */
  readonly onImproved?: (plan: Candidate) => void;
  /** Told what is proven, whenever it may be more than before. */
  readonly onBound?: (boundMs: number) => void;
}

/** A placement for the least makespan of one sample or step. */
export interface LatencyPlan {
  readonly placement: Placement;
  /** All tasks; each device runs its tasks in this order. */
  readonly sequence: Int32Array;
  readonly makespanMs: number;
  /** Proven: no placement (in the order of the problem, if that is fixed) is faster. */
  readonly boundMs: number;
  readonly bounds: LatencyBounds;
  readonly isOptimal: boolean;
  /** What found the placement. */
  readonly planner: string;
}

/**
 * Places all groups so that one sample or step is through as early as possible: list scheduling rules and runs of the
 * order, splitting into modules, annealing; small problems exactly. Deterministic but for where `isOver` ends it. Throws
 * 'infeasible', naming a task, where no device can take a group, and where no placement within memory or over the
 * links was found.
 */
export async function planLatency(
  problem: PlacementProblem,
  job: Job,
  options: LatencyOptions = {},
): Promise<LatencyPlan> {
  return new LatencyPlanning(new LatencyModel(problem), job, options).run();
}

class LatencyPlanning {
  private readonly isOrderFree: boolean;
  private readonly rounds: number;
  private readonly candidates: Candidate[] = [];
  private best?: Candidate;

  constructor(
    private readonly model: LatencyModel,
    private readonly job: Job,
    private readonly options: LatencyOptions,
  ) {
    this.rounds = options.rounds ?? 12;
    this.isOrderFree = !(options.isOrderFixed ?? model.problem.transfers.kind !== 'links');
  }

  async run(): Promise<LatencyPlan> {
    const { model, job, options } = this;
    await this.simpleRules();
    await job.checkpoint();
    const bounds = latencyBounds(model, () => this.isOver());
    let boundMs = bounds.bestMs;
    options.onBound?.(boundMs);
    const isDone = (): boolean => this.isOver() || this.bestMs <= boundMs * (1 + 1e-9);
    if (!isDone() && (await this.branch())) boundMs = this.bestMs;
    const { rounds } = this;
    if (!isDone() && model.groupCount <= Math.min(1, rounds) * mostSplitGroups) await this.split();
    const program = Math.min(rounds, roundsBeforePrograms);
    for (let round = 0; round < rounds && !isDone(); round++) {
      await this.anneal(round);
      job.progress(Math.min(1, (round + 1) / rounds));
      if (round + 1 !== program) continue;
      boundMs = Math.max(boundMs, await this.solvePrograms());
      options.onBound?.(boundMs);
    }
    const { best } = this;
    if (!best || best.makespanMs === Infinity) throw this.unplaceable();
    boundMs = Math.min(boundMs, best.makespanMs);
    return {
      placement: best.placement,
      sequence: best.sequence,
      makespanMs: best.makespanMs,
      boundMs,
      bounds,
      isOptimal: best.makespanMs <= boundMs * (1 + 1e-9),
      planner: best.planner,
    };
  }

  private get bestMs(): number {
    return this.best?.makespanMs ?? Infinity;
  }

  private isOver(): boolean {
    return this.best !== undefined && (this.options.isOver?.() ?? false);
  }

  /** Filling devices in turn (a plan at once), list scheduling by several rules, runs of the order, and everything on each device. */
  private async simpleRules(): Promise<void> {
    const { model } = this;
    const { order } = model.problem;
    const bySpeed = devicesBySpeed(model);
    const filled = fillInTurn(model, bySpeed);
    if (filled) this.offer(filled, order, 'filling devices in turn');
    await this.job.checkpoint();
    if (this.isOver()) return;
    const windows = latencyWindows(model);
    const priorities: TaskPriority[] = [
      'given',
      'mean-rank',
      'fastest-rank',
      'slowest-rank',
      'optimistic-rank',
    ];
    for (const priority of priorities) {
      for (const looksAhead of [false, true]) {
        await this.job.checkpoint();
        if (this.isOver()) return;
        const { placement, sequence } = listPlacement(model, { priority, looksAhead }, windows);
        const name = looksAhead ? 'list scheduling with a look ahead' : 'list scheduling';
        this.offer(placement, this.isOrderFree ? sequence : order, name);
      }
    }
    const classes = deviceClasses(model.problem);
    const alike = [...new Set(classes)].map((like) => bySpeed.filter((device) => classes[device] === like));
    for (const devices of [bySpeed, ...alike]) {
      for (const objective of ['sum', 'slowest'] as const) {
        await this.job.checkpoint();
        if (this.isOver()) return;
        const placement = contiguousRuns(model, devices, objective);
        if (placement) this.offer(placement, order, 'runs of the order');
      }
    }
    for (let device = 0; device < model.deviceCount; device++) {
      if (classes[device] !== device || !model.allowed.every((devices) => devices.includes(device))) continue;
      this.offer(new Uint8Array(model.groupCount).fill(device), order, 'a single device');
    }
  }

  /** True when the order is fixed and nothing is faster. */
  private async branch(): Promise<boolean> {
    const { model, bestMs, job } = this;
    const sequence = this.best?.sequence ?? model.problem.order;
    const start = new Uint8Array(model.groupCount);
    const mostTimed = Math.ceil((Math.min(1, this.rounds) * tasksBranched) / (1 + model.taskCount));
    const schedule = new ListSchedule(model, sequence);
    const { placement, isOptimal } = await branchPlacements(schedule, start, bestMs, mostTimed, job, {
      isOver: () => this.isOver(),
    });
    if (placement) this.offer(placement, sequence, 'branch and bound');
    return isOptimal && !this.isOrderFree && this.best !== undefined;
  }

  private async split(): Promise<void> {
    const { isOrderFree } = this;
    const schedule = new ListSchedule(this.model, this.best?.sequence);
    const found = await placeBySplitting(schedule, { isOrderFree, isOver: () => this.isOver() }, this.job);
    if (found) this.offer(found.placement, found.sequence, 'splitting into modules');
  }

  /** One round of annealing: from the best known placement in turn with others. */
  private async anneal(round: number): Promise<void> {
    const { candidates, isOrderFree, model } = this;
    if (candidates.length === 0) return;
    candidates.sort((a, b) => a.makespanMs - b.makespanMs);
    candidates.length = Math.min(candidates.length, mostStarts);
    const start = candidates[round % 2 === 0 ? 0 : Math.floor(round / 2) % candidates.length];
    // Of less than a whole round, its part.
    const part = Math.min(1, this.rounds - round);
    const whole = Math.max(fewestTrials, Math.min(mostTrials, tasksPerRound / model.taskCount));
    const trials = Math.ceil(part * whole);
    const schedule = new ListSchedule(model, start.sequence);
    const warmth = warmths[round % warmths.length];
    const found = await annealPlacement(
      schedule,
      start.placement,
      { trials, seed: 1 + round, warmth, isOrderFree, isOver: () => this.isOver() },
      this.job,
    );
    if (found.makespanMs < start.makespanMs) this.offer(found.placement, found.sequence, 'annealing');
  }

  /** Improves the best with the engine, if there is one and the programs are small enough; gives what it proves. */
  private async solvePrograms(): Promise<number> {
    const { model, best, isOrderFree, job, options } = this;
    const { engine, engineLimitS: timeLimitS = 20, isOver } = options;
    if (!engine || !best || model.taskCount > mostProgramTasks) return 0;
    const limits = { timeLimitS, rounds: 6, isOver };
    try {
      const found = await exactLatency(model, best, !isOrderFree, engine, limits, job);
      if (found.best.makespanMs < best.makespanMs)
        this.offer(found.best.placement, found.best.sequence, 'mixed-integer programs');
      return found.boundMs;
    } catch (thrown) {
      if (thrown instanceof HeadroomError && thrown.code === 'solver-failed') return 0;
      throw thrown;
    }
  }

  private offer(wished: Placement, sequence: Int32Array, planner: string): void {
    const placement = repairMemory(this.model, wished);
    if (!placement) return;
    const makespanMs = new ListSchedule(this.model, sequence).makespan(placement);
    if (makespanMs === Infinity) return;
    const candidate = { placement, sequence: sequence.slice(), makespanMs, planner };
    const isKnown = this.candidates.some((other) => other.makespanMs === makespanMs);
    if (!isKnown) this.candidates.push(candidate);
    if (makespanMs >= this.bestMs) return;
    this.best = candidate;
    this.options.onImproved?.(candidate);
  }

  private unplaceable(): HeadroomError {
    const { groupBytes, memoryBytes, deviceName } = this.model.problem;
    const needed = groupBytes.reduce((sum, bytes) => sum + bytes, 0);
    const room = memoryBytes.reduce((sum, bytes) => sum + bytes, 0);
    if (needed > room)
      return new HeadroomError('infeasible', `All layers need ${needed} bytes, all devices have ${room}.`);
    return new HeadroomError(
      'infeasible',
      `No placement on ${deviceName.join(', ')} was found that fits their memory and whose transfers have a way.`,
    );
  }
}
