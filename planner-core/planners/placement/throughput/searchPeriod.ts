import type { Job } from '../../../base/job';
import { sequenceOfChance } from '../../schedule/chance';
import type { Placement } from '../problem';
import { annealLoads, type PeriodPlan } from './annealLoads';
import { contracted, expanded } from './clusters';
import { coarsen } from './coarsen';
import type { LoadModel } from './loadModel';

export interface PeriodSearch {
  /** The best plan so far, which others may have found; a start. */
  readonly best: () => PeriodPlan;
  readonly found: (plan: PeriodPlan, planner: string) => void;
  readonly rounds: number;
  readonly isOver: () => boolean;
}

/** Plans kept to be combined. */
const poolSize = 8;
/** Moves of one annealing: so many for each group and device, within limits. */
const movesEach = 300;
const leastMoves = 50_000;
const mostMoves = 1_000_000;

/**
 * Rounds of annealing that begin, in turn, from the best plan, from clusters of groups that lie together in it, from what the best
 * and another plan have in common, and from coarse clusters alone. Deterministic but for `isOver` and for
 * what others find meanwhile.
 */
export async function searchPeriod(model: LoadModel, search: PeriodSearch, job: Job): Promise<void> {
  const pool: PeriodPlan[] = [search.best()];
  for (let round = 0; round < search.rounds && !search.isOver(); round++) {
    const chance = sequenceOfChance(7919 * (round + 1));
    const run = new Round(model, search, chance, job);
    const best = search.best();
    const other = pool[Math.floor(chance() * pool.length)];
    let plan: PeriodPlan;
    if (round % 4 === 0) plan = await run.anneal(best.placement, [0.002, 0.01, 0.05][(round / 4) % 3]);
    else if (round % 4 === 1) plan = await run.annealClusters([best.placement], 0.02);
    else if (round % 4 === 2) plan = await run.annealClusters([best.placement, other.placement], 0.02);
    else plan = await run.annealCoarse();
    if (plan.periodMs < search.best().periodMs) search.found(plan, 'annealing');
    keep(pool, plan);
    job.progress((round + 1) / search.rounds);
  }
}

class Round {
  private readonly moves: number;

  constructor(
    private readonly model: LoadModel,
    private readonly search: PeriodSearch,
    private readonly chance: () => number,
    private readonly job: Job,
  ) {
    const size = model.groupCount * model.deviceCount;
    this.moves = Math.round(Math.min(mostMoves, Math.max(leastMoves, movesEach * size)));
  }

  anneal(start: Placement, temperature: number, model = this.model, share = 1): Promise<PeriodPlan> {
    const limits = {
      moves: Math.round(share * this.moves),
      seed: 1 + Math.floor(this.chance() * 1e9),
      temperature,
      isOver: this.search.isOver,
    };
    return annealLoads(model, start, limits, this.job);
  }

  /** Moves clusters of groups that share a device in the placements, beginning with the first; then single groups. */
  async annealClusters(placements: readonly Placement[], temperature: number): Promise<PeriodPlan> {
    const count = this.coarseCount();
    const mostMs = this.search.best().periodMs * (0.1 + 0.6 * this.chance());
    const joined = coarsen(this.model, count, mostMs, this.chance, placements);
    const start = contracted(joined, placements[0]);
    const coarse = await this.anneal(start, temperature, joined.model, 0.5);
    return this.anneal(expanded(joined, coarse.placement), 0.002, this.model, 0.5);
  }

  /** Forgets the plans: clusters by chance, from a hot start. */
  async annealCoarse(): Promise<PeriodPlan> {
    const { model, chance } = this;
    const mostMs = this.search.best().periodMs * (0.1 + 0.5 * chance());
    const joined = coarsen(model, this.coarseCount(), mostMs, chance);
    const start = contracted(joined, this.search.best().placement);
    const coarse = await this.anneal(start, 0.2, joined.model, 0.5);
    return this.anneal(expanded(joined, coarse.placement), 0.005, model, 0.5);
  }

  private coarseCount(): number {
    const { deviceCount, groupCount } = this.model;
    return Math.max(3 * deviceCount, Math.round(groupCount * (0.08 + 0.4 * this.chance())));
  }
}

/** Keeps the best few that differ in their periods. */
function keep(pool: PeriodPlan[], plan: PeriodPlan): void {
  if (!Number.isFinite(plan.periodMs)) return;
  if (pool.some(({ periodMs }) => Math.abs(periodMs - plan.periodMs) <= 1e-9 * periodMs)) return;
  pool.push(plan);
  pool.sort((a, b) => a.periodMs - b.periodMs);
  pool.length = Math.min(pool.length, poolSize);
}
