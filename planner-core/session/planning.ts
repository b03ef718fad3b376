import type { Job } from '../base/job';
import type { PlanInputs } from '../plan/planInputs';
import type { Candidate } from '../planners/paretoPlans';
import { planAtBudget, type BudgetPlan } from '../planners/planAtBudget';
import type { PlanPools } from '../planners/planPools';
import type { KnownPlans } from '../planners/problem';
import { collectedPlans } from './collectedPlans';
import type { DeviceRoom } from './deviceRoom';
import { mayOffload } from './inputKeys';
import { planOffload } from './offload/planOffload';
import { planForDevice, type DevicePlan } from './planForDevice';

/** How to plan within a budget. */
export interface WithinOptions {
  /** Name of a planner, which then plans alone; absent: whatever finds the fastest plan. */
  readonly planner?: string;
  /** After this what was found is taken. */
  readonly timeLimitS?: number;
  /** Plans found before. */
  readonly found?: readonly Candidate[];
}

/** The plan of inputs on one device, and the budget that it was made for. Throws 'cancelled' when the job is. */
export class Planning {
  private known?: KnownPlans;

  constructor(
    private readonly pools: PlanPools,
    private readonly inputs: PlanInputs,
    private readonly options: WithinOptions = {},
  ) {}

  /** The best plan found within a budget: of recomputation, and where it may be of offloading. */
  async within(budgetBytes: number, job: Job): Promise<BudgetPlan> {
    const { pools, inputs } = this;
    const { planner } = this.options;
    const known = await this.knownFor(budgetBytes, job);
    const alone = await planAtBudget(pools.problem, budgetBytes, inputs.strategy, planner, job, known);
    return mayOffload(inputs) && planner === undefined
      ? planOffload(pools, inputs, budgetBytes, alone, job)
      : alone;
  }

  /** The plan for a budget, even one that the device has no room for; for the largest that it has room for where none is given. */
  async inRoom(
    room: DeviceRoom,
    budgetBytes: number | undefined,
    job: Job,
  ): Promise<Pick<DevicePlan, 'plan' | 'budgetBytes'>> {
    if (budgetBytes === undefined) return this.forDevice(room, room.requestableBytes, job);
    return { plan: await this.within(budgetBytes, job), budgetBytes };
  }

  /** The plan for the largest budget up to `highestBytes` whose plan fits a device: see `planForDevice`. */
  async forDevice(room: DeviceRoom, highestBytes: number, job: Job): Promise<DevicePlan> {
    const known = mayOffload(this.inputs) ? undefined : await this.knownFor(highestBytes, job);
    const collected = known && { pools: this.pools, plans: known.plans };
    return planForDevice(room, highestBytes, (budgetBytes) => this.within(budgetBytes, job), job, collected);
  }

  /** The plans for all budgets count too, so that what a curve of them shows is what is planned, or better. */
  private async knownFor(budgetBytes: number, job: Job): Promise<KnownPlans | undefined> {
    const { planner, timeLimitS, found = [] } = this.options;
    const isKept = this.pools.keepAllPeakBytes <= budgetBytes && !this.pools.serveEachBudget;
    if (planner !== undefined || isKept) return undefined;
    if (!this.known) {
      this.known = await collectedPlans(this.pools, this.inputs.strategy, job, timeLimitS);
      for (const plan of found) this.known?.plans.add(plan);
    }
    return this.known;
  }
}
