import type { Job } from '../base/job';
import type { Strategy } from '../plan/plan';
import { planBaselines, type PlannedBaseline } from './baselines/baselines';
import type { MemoryFloor } from './bounds/memoryFloor';
import { ChainPlanner } from './chain/chainPlanner';
import { collectPlans } from './collectPlans';
import { PlanningContext, provenFloor } from './context';
import type { ParetoPlans } from './paretoPlans';
import type { KnownPlans, PlanningProblem } from './problem';

/** Budgets the planners aim for between keeping everything and the floor. */
const levels = 32;
/** With several devices or offloading every plan is weighed by the full simulator: fewer budgets. */
const levelsBySimulation = 24;

/** The plans for all budgets at once, for each strategy, collected when first asked for and kept. */
export class PlanPools {
  readonly context: PlanningContext;
  readonly floor: MemoryFloor;
  /** The well-known rules, keeping everything first. */
  readonly baselines: readonly PlannedBaseline[];
  private readonly chain: ChainPlanner;
  private readonly budgets: readonly number[];
  private readonly pools = new Map<Strategy, ParetoPlans>();

  /** Throws 'unknown-module' and 'unknown-device' for pins that do not fit the model. */
  constructor(readonly problem: PlanningProblem) {
    this.context = new PlanningContext(problem);
    this.chain = new ChainPlanner(this.context);
    this.floor = provenFloor(this.context);
    this.baselines = planBaselines(this.context);
    this.budgets = budgetLevels(this.context, this.keepAllPeakBytes, this.floor.bytes);
  }

  /** Peak of keeping everything but what is pinned otherwise. */
  get keepAllPeakBytes(): number {
    return this.baselines[0].plan.peakBytes;
  }

  /** Are the plans for all budgets all that planners find for a single one, too? */
  get serveEachBudget(): boolean {
    return this.chain.isEnough;
  }

  /** The strategy's plans for planning under one budget. Throws 'cancelled' when the job is. */
  async knownOf(strategy: Strategy, job: Job): Promise<KnownPlans> {
    return { plans: await this.of(strategy, job), areAll: this.serveEachBudget };
  }

  /** Throws 'cancelled' when the job is; what was collected before stays. */
  async of(strategy: Strategy, job: Job): Promise<ParetoPlans> {
    const collected = this.pools.get(strategy);
    if (collected) return collected;
    const known =
      strategy === 'schedule'
        ? [await this.of('module-checkpoint', job), await this.of('selective', job)]
        : [];
    const pool = await collectPlans(this.context, strategy, this.budgets, job, known, this.chain);
    this.pools.set(strategy, pool);
    return pool;
  }
}

/** Evenly spaced from just under the highest peak down to the floor. */
function budgetLevels(context: PlanningContext, highestBytes: number, floorBytes: number): number[] {
  const count = context.isSingleDevice ? levels : levelsBySimulation;
  const span = highestBytes - floorBytes;
  return Array.from({ length: count }, (_, i) => Math.round(highestBytes - (span * (i + 1)) / count));
}
