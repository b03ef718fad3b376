import type { Job } from '../base/job';
import type { Decision, Plan } from '../plan/plan';
import type { PlanInputs } from '../plan/planInputs';
import { roundAtParts, roundedBaselines } from '../planners/baselines/lpRounding';
import { computeFrontier } from '../planners/computeFrontier';
import { pinnedByHand } from '../planners/context';
import type { Frontier } from '../planners/frontier';
import type { Candidate } from '../planners/paretoPlans';
import { planPlaced, type PlacedPlan } from '../planners/placement/planPlaced';
import type { PlacedStep, PlacementObjective } from '../planners/placement/placeStep';
import type { BudgetPlan } from '../planners/planAtBudget';
import { findPlanner } from '../planners/planners';
import { PlanPools } from '../planners/planPools';
import type { MilpEngine } from '../solvers/engine';
import { defaultAllocatorSettings, type AllocatorSettings } from './allocatorSettings';
import { answerOf } from './collectedPlans';
import { DeviceRoom, type Placeable } from './deviceRoom';
import { mayOffload, placementKey, planKey, poolsKey } from './inputKeys';
import { proveOffload } from './offload/proveOffload';
import { pricesOfPins, type PinPrice } from './pinPrices';
import { memoryLimits, microBatchesOf, placeInputs, placementObjective } from './placed';
import { Planning } from './planning';
import { planningProblem } from './planningProblem';
import { PlanViews } from './planViews';
import { refineProof, type Proof } from './refine';
import { RefinedMemory, withBound, withBounds } from './refinedMemory';
import { refinePlacement } from './refinePlacement';
import type { SessionSteps } from './sessionSteps';
import type { PlanView } from './types';

/** How to plan. */
export interface PlanOptions {
  /** 'auto' (default) or the name of a planner. */
  readonly planner?: string;
  /** After this the search for better plans ends and the best plan found at once is taken; no limit when absent. */
  readonly timeLimitS?: number;
  /** How the memory of CUDA devices is accounted for. */
  readonly allocator?: AllocatorSettings;
}

/** How to refine. */
export interface RefineOptions {
  /** Solves the programs; without one there are only the bounds that take no search. */
  readonly engine?: MilpEngine;
  readonly timeLimitS: number;
  /** How the memory of CUDA devices is accounted for. */
  readonly allocator?: AllocatorSettings;
}

/** How far the proof for a budget is; `plan` is set when the plan on screen is to be replaced by a better one. */
export interface Refinement {
  readonly proof: Proof;
  readonly plan?: PlanView;
}

/**
 * The plans of a model's steps: the curve of them, the one for a budget, and what refining makes of it. The last of each is kept for
 * calls that follow with the same inputs, and all that refining has found.
 */
export class SessionPlans {
  private placement: { readonly key: string; readonly value: PlacedStep } | undefined;
  private prices: { readonly key: string; readonly value: readonly PinPrice[] } | undefined;
  /** The last plan made by default, as it is on screen. */
  private latest: { readonly key: string; readonly value: PlanView } | undefined;
  private readonly refined = new RefinedMemory();
  private readonly views: PlanViews;

  constructor(
    model: Plan['model'],
    private readonly steps: SessionSteps,
  ) {
    this.views = new PlanViews(model, steps, this.refined);
  }

  /** Overhead against budget, with what refining has found since: see `PlannerSession.frontier`. */
  async frontier(
    inputs: PlanInputs,
    job: Job,
    engine?: MilpEngine,
    onPart?: (soFar: Frontier) => void,
  ): Promise<Frontier> {
    const pools = this.steps.poolsOf(inputs);
    const refined = this.refined.known(poolsKey(inputs));
    const rounded = [
      ...(refined?.roundings.all ?? []),
      ...(engine ? await roundAtParts(pools.context, engine, job) : []),
    ];
    const rules = roundedBaselines(pools.context, rounded);
    const watch = onPart && { first: inputs.strategy, part: onPart };
    if (!refined) return computeFrontier(pools, job, rules, watch);
    const schedules = await pools.of('schedule', job);
    for (const plan of refined.plans.all) schedules.add(plan);
    const modules = await pools.of('module-checkpoint', job);
    for (const plan of refined.modulePlans.all) modules.add(plan);
    const { keepAllStepTimeMs } = this.steps.stateOf(inputs).view;
    return withBounds(await computeFrontier(pools, job, rules), refined.bounds, keepAllStepTimeMs);
  }

  /**
   * The plan for the inputs' budget; without one, for the largest budget whose plan fits the first device with what
   * PyTorch's allocator and the CUDA context add (see `planForDevice`).
   */
  async plan(wanted: PlanInputs, options: PlanOptions, job: Job): Promise<PlanView> {
    const planner = options.planner === 'auto' ? undefined : options.planner;
    // A named planner may belong to another strategy: then that is the plan's.
    const inputs = planner ? { ...wanted, strategy: findPlanner(wanted.strategy, planner).strategy } : wanted;
    const isDefault = planner === undefined && options.timeLimitS === undefined;
    const key = isDefault ? planKey(inputs, options.allocator) : '';
    if (isDefault && this.latest?.key === key) return this.latest.value;
    const objective = placementObjective(inputs);
    const how = { ...options, planner };
    const value = objective
      ? await this.planPlacement(inputs, objective, how, job)
      : await this.planOnDevice(inputs, how, job);
    if (isDefault) this.latest = { key, value };
    return value;
  }

  /**
   * Tightens what is proven for the inputs' budget, and for the strategy 'schedule' the plan itself, in the background
   * of the plan on screen. What is found is remembered: bounds hold for every lower budget and every strategy. Throws
   * 'cancelled' when the job is, after what was found has been reported.
   */
  async refine(
    inputs: PlanInputs,
    options: RefineOptions,
    job: Job,
    onProgress: (refinement: Refinement) => void,
  ): Promise<Refinement> {
    const { allocator, engine, timeLimitS } = options;
    const shown = await this.plan(inputs, { allocator }, job);
    const { budgetBytes } = shown.plan;
    const key = planKey(inputs, allocator);
    const take = (proof: Proof, plan: PlanView | undefined): void => {
      if (plan) this.latest = { key, value: plan };
      onProgress({ proof, plan });
    };
    const objective = placementObjective(inputs);
    if (objective) {
      const placed = await this.placed(inputs, objective, job);
      const viewOf = (answer: PlacedPlan, better: PlacedStep): PlanView =>
        this.views.of(inputs, budgetBytes, answer, allocator, better);
      const state = this.steps.stateOf(inputs);
      const request = { state, inputs, objective, shown, placed, engine, timeLimitS, viewOf };
      const proof = await refinePlacement(request, job, (proof, plan, better) => {
        this.placement = { key: placementKey(inputs, objective), value: better };
        take(proof, plan);
      });
      return { proof };
    }
    const pools = this.steps.poolsOf(inputs);
    const found = this.refined.of(poolsKey(inputs));
    const common = {
      pools,
      budgetBytes,
      strategy: inputs.strategy,
      keepAllStepTimeMs: this.steps.stateOf(inputs).view.keepAllStepTimeMs,
      ...{ engine, timeLimitS },
    };
    // What is proven from now on is in what is saved and exported.
    const ended = (proof: Proof): Refinement => {
      if (this.latest?.key !== key) return { proof };
      const plan = withBound(this.latest.value, proof.lowerBoundPercent);
      this.latest = { key, value: plan };
      return plan === shown ? { proof } : { proof, plan };
    };
    if (mayOffload(inputs)) {
      const overheadPercent = shown.infeasible ? undefined : shown.plan.prediction.overheadPercent;
      const asked = { ...common, overheadPercent, bounds: found.bounds };
      return ended(await proveOffload(asked, job, (proof) => onProgress({ proof })));
    }
    const report = (proof: Proof, better: Candidate | undefined): void =>
      take(
        proof,
        better && this.views.of(inputs, budgetBytes, answerOf(pools, better, inputs.strategy), allocator),
      );
    const { recomputations } = shown.directives;
    const room = this.roomOf(inputs, allocator);
    const fits = ({ peakBytes, directives }: Placeable): boolean =>
      room.overflowBytes(room.taken({ peakBytes, directives })) === 0;
    const isFitting = fits({ peakBytes: shown.plan.prediction.peakBytes, directives: shown.directives });
    // A faster plan that fills up the device is none for who has one that fits.
    const mayReplace = ({ peakBytes, recomputations: again, paging }: Candidate): boolean =>
      !isFitting || fits({ peakBytes, directives: pools.context.directives(again, paging) });
    const request = { ...common, recomputations, found, mayReplace };
    return ended(await refineProof(request, job, report));
  }

  /**
   * What each pin costs, in the order of the pins: kept for the call that follows with the same inputs. Throws
   * 'cancelled' when the job is.
   */
  async pinPrices(inputs: PlanInputs, job: Job): Promise<readonly PinPrice[]> {
    if (inputs.pins.length === 0 || placementObjective(inputs)) return [];
    const { strategy, pins } = inputs;
    const key = planKey(inputs);
    if (this.prices?.key !== key) {
      const { keepAllStepTimeMs: keepAllMs, step } = this.steps.stateOf(inputs).view;
      const { problem } = this.steps.poolsOf(inputs);
      const { plan, directives } = await this.plan(inputs, {}, job);
      const { budgetBytes } = plan;
      const { perDevicePeakBytes, stepTimeMs } = plan.prediction;
      const peakBytes = perDevicePeakBytes[step.devices[0]];
      const planned = { planner: plan.planner, directives, peakBytes, stepTimeMs };
      const timeUnder = mayOffload(inputs)
        ? (others: readonly Decision[], part: Job) =>
            this.timeWithin(
              { ...inputs, pins: pins.filter((pin) => others.includes(pin)) },
              budgetBytes,
              part,
            )
        : undefined;
      const request = { problem, pins, budgetBytes, strategy, keepAllMs, planned, timeUnder };
      this.prices = { key, value: await pricesOfPins(request, job) };
    }
    return this.prices.value;
  }

  /** Time of the best plan found within a budget, by all that the inputs allow; Infinity where none fits. */
  private async timeWithin(inputs: PlanInputs, budgetBytes: number, job: Job): Promise<number> {
    const pools = new PlanPools(planningProblem(this.steps.stateOf(inputs), inputs));
    const plan = await new Planning(pools, inputs).within(budgetBytes, job);
    return plan.infeasible ? Infinity : plan.stepTimeMs;
  }

  /** The plan of inputs whose layers are placed on several devices. */
  private async planPlacement(
    inputs: PlanInputs,
    objective: PlacementObjective,
    options: PlanOptions,
    job: Job,
  ): Promise<PlanView> {
    const placed = await this.placed(inputs, objective, job);
    const { built, layers } = this.steps.stateOf(inputs);
    const { strategy, pins } = inputs;
    const { planner, allocator } = options;
    const problem = { step: built.step, layers, pins };
    const unplaced = async (): Promise<BudgetPlan> => {
      const { plan, directives } = await this.plan({ ...inputs, objective: 'fit' }, options, job);
      const { peakBytes, stepTimeMs } = plan.prediction;
      return { planner: plan.planner, directives, decisions: plan.decisions, peakBytes, stepTimeMs };
    };
    const memoryBytes = memoryLimits(inputs);
    const microBatches = microBatchesOf(inputs.workload);
    const request = { problem, objective, strategy, planner, memoryBytes, microBatches, unplaced };
    const answer = await planPlaced(request, placed, job);
    return this.views.of(inputs, memoryBytes[0], answer, allocator, placed);
  }

  /** The plan of inputs whose layers stay on the first device. */
  private async planOnDevice(
    inputs: PlanInputs,
    { planner, timeLimitS, allocator }: PlanOptions,
    job: Job,
  ): Promise<PlanView> {
    const pools = this.steps.poolsOf(inputs);
    const planning = new Planning(pools, inputs, { planner, timeLimitS, found: this.foundBefore(inputs) });
    const room = this.roomOf(inputs, allocator);
    const { plan: answer, budgetBytes } = await planning.inRoom(room, inputs.budgetBytes, job);
    const decisions = pinnedByHand(answer.decisions, inputs.pins);
    return this.views.of(inputs, budgetBytes, { ...answer, decisions }, allocator);
  }

  private roomOf(inputs: PlanInputs, allocator = defaultAllocatorSettings): DeviceRoom {
    return new DeviceRoom(this.steps.stateOf(inputs), inputs, allocator);
  }

  /** Where layers run that nobody pinned: kept for the calls that follow with the same inputs. */
  private async placed(inputs: PlanInputs, objective: PlacementObjective, job: Job): Promise<PlacedStep> {
    const key = placementKey(inputs, objective);
    if (this.placement?.key !== key)
      this.placement = { key, value: await placeInputs(this.steps.stateOf(inputs), inputs, objective, job) };
    return this.placement.value;
  }

  /** Plans of the inputs' strategy that refining has found. */
  private foundBefore(inputs: PlanInputs): readonly Candidate[] {
    const found = this.refined.known(poolsKey(inputs));
    if (!found || inputs.strategy === 'selective') return [];
    return (inputs.strategy === 'schedule' ? found.plans : found.modulePlans).all;
  }
}
