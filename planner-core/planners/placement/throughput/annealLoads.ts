import type { Job } from '../../../base/job';
import { sequenceOfChance } from '../../schedule/chance';
import type { Placement } from '../problem';
import type { LoadModel } from './loadModel';
import { LoadState } from './loadState';

export interface PeriodPlan {
  readonly placement: Placement;
  readonly periodMs: number;
}

export interface AnnealingLimits {
  /** Moves tried. */
  readonly moves: number;
  /** Not 0. */
  readonly seed: number;
  /** A move that lengthens the period by this share is taken with probability 1/e at the beginning. */
  readonly temperature: number;
  /** What the temperature falls to. */
  readonly endTemperature?: number;
  readonly isOver: () => boolean;
}

/** Moves between two looks at the clock and at the job. */
const batch = 4096;
/** Share of the moves that exchange two groups, and of the others that follow a flow to its other end. */
const exchangeShare = 0.25;
const followShare = 0.6;
/** What a placement that breaks a memory limit by its whole size, or a missing way, costs, in periods. */
const breachCost = 6;

/**
 * Simulated annealing (Kirkpatrick et al., Science 1983) over single moves and exchanges of groups, with a high power mean of
 * the loads for the period: it falls also when a load that is not the highest does. Gives the best valid placement
 * seen; the start where that is as good. Deterministic but for `isOver`.
 */
export async function annealLoads(
  model: LoadModel,
  start: Placement,
  limits: AnnealingLimits,
  job: Job,
): Promise<PeriodPlan> {
  const annealing = new Annealing(model, start, limits);
  for (let done = 0; done < limits.moves && !limits.isOver(); done += batch) {
    annealing.run(done, Math.min(limits.moves, done + batch));
    await job.checkpoint();
  }
  return annealing.best();
}

class Annealing {
  private readonly state: LoadState;
  private readonly chance: () => number;
  private readonly bestPlacement: Placement;
  private bestMs: number;
  private readonly unitMs: number;

  constructor(
    private readonly model: LoadModel,
    start: Placement,
    private readonly limits: AnnealingLimits,
  ) {
    this.state = new LoadState(model, start);
    this.chance = sequenceOfChance(limits.seed);
    this.bestPlacement = start.slice();
    this.bestMs = this.state.isValid ? this.state.periodMs : Infinity;
    this.unitMs = this.state.periodMs || 1;
  }

  best(): PeriodPlan {
    this.state.refresh(this.bestPlacement);
    return {
      placement: this.bestPlacement,
      periodMs: this.state.isValid ? this.state.periodMs : Infinity,
    };
  }

  run(first: number, end: number): void {
    const { state, model, chance, limits } = this;
    const { groupCount, deviceCount, timeMs } = model;
    state.refresh();
    let energy = this.energy();
    const { temperature, endTemperature = temperature / 100 } = limits;
    for (let move = first; move < end; move++) {
      const heat = temperature * (endTemperature / temperature) ** (move / limits.moves);
      const group = Math.floor(chance() * groupCount);
      const home = state.placement[group];
      let other = -1;
      let target: number;
      if (chance() < exchangeShare) {
        other = Math.floor(chance() * groupCount);
        target = state.placement[other];
        if (timeMs[home * groupCount + other] === Infinity) continue;
      } else target = chance() < followShare ? this.neighbour(group) : Math.floor(chance() * deviceCount);
      if (target === home || timeMs[target * groupCount + group] === Infinity) continue;
      state.move(group, target);
      if (other >= 0) state.move(other, home);
      const trial = this.energy();
      if (trial <= energy || chance() < Math.exp((1 - trial / energy) / (power * heat))) {
        energy = trial;
        if (trial < this.bestEnergyBar()) this.keepIfBest();
      } else {
        state.move(group, home);
        if (other >= 0) state.move(other, target);
      }
    }
  }

  /** The device at the other end of one of the group's flows. */
  private neighbour(group: number): number {
    const { flowsFrom, flowsInto, source, readers } = this.model;
    const [from, into] = [flowsFrom.offsets[group], flowsInto.offsets[group]];
    const fromCount = flowsFrom.offsets[group + 1] - from;
    const all = fromCount + flowsInto.offsets[group + 1] - into;
    if (all === 0) return this.state.placement[group];
    const pick = Math.floor(this.chance() * all);
    if (pick >= fromCount) return this.state.placement[source[flowsInto.items[into + pick - fromCount]]];
    const flow = flowsFrom.items[from + pick];
    const first = readers.offsets[flow];
    const reader = first + Math.floor(this.chance() * (readers.offsets[flow + 1] - first));
    return this.state.placement[readers.items[reader]];
  }

  /** No placement with a period below the best has more energy than this. */
  private bestEnergyBar(): number {
    const ratio = this.bestMs / this.unitMs;
    return ratio === Infinity ? Infinity : this.state.loadMs.length * ratio ** power;
  }

  private keepIfBest(): void {
    const { state } = this;
    const period = state.periodMs;
    if (period >= this.bestMs * (1 - 1e-12) || !state.isValid) return;
    this.bestMs = period;
    this.bestPlacement.set(state.placement);
  }

  private energy(): number {
    const { loadMs, usedBytes, missingWays } = this.state;
    const { deviceCount, memoryBytes } = this.model;
    let sum = 0;
    for (let i = 0; i < loadMs.length; i++) {
      const x = loadMs[i] / this.unitMs;
      const x2 = x * x;
      const x4 = x2 * x2;
      const x8 = x4 * x4;
      sum += x8 * x8;
    }
    for (let device = 0; device < deviceCount; device++) {
      const over = usedBytes[device] / memoryBytes[device] - 1;
      if (over > 0) sum += breachCost * (0.1 + over);
    }
    return sum + breachCost * missingWays;
  }
}

/** The power of the mean, as `energy` takes it. */
const power = 16;
