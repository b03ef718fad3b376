import { HeadroomError } from '../base/errors';
import { uncontrolled, type Job } from '../base/job';
import type { ByteSource } from '../bytes/byteSource';
import { frontierTargets, type Export, type ExportTarget } from '../exporters/targets';
import type { Calibration } from '../devices/calibration';
import { openModel } from '../formats/openModel';
import type { ModelGraph } from '../graph/modelGraph';
import { matchRuns } from '../measurements/matchRuns';
import type { MeasuredRun } from '../measurements/measuredRun';
import type { MeasuredStep } from '../measurements/measuredStep';
import { readMeasurements, type MeasurementFile } from '../measurements/readMeasurements';
import { inferTensors } from '../operators/inferTensors';
import type { Decision, Plan, PlanDevice } from '../plan/plan';
import { defaultPlanInputs, planInputsOf, type PlanInputs } from '../plan/planInputs';
import { parsePlan } from '../plan/readPlan';
import { roundAtParts, roundedBaselines } from '../planners/baselines/lpRounding';
import { computeFrontier } from '../planners/computeFrontier';
import type { Frontier } from '../planners/frontier';
import { pinnedByHand } from '../planners/context';
import type { BudgetPlan } from '../planners/planAtBudget';
import { PlanPools } from '../planners/planPools';
import { planPlaced, type PlacedPlan } from '../planners/placement/planPlaced';
import type { PlacedStep, PlacementObjective } from '../planners/placement/placeStep';
import type { Candidate } from '../planners/paretoPlans';
import { findPlanner } from '../planners/planners';
import { directivesOf } from '../plan/directives';
import { dataDimensions } from '../step/dataDimensions';
import type { MilpEngine } from '../solvers/engine';
import { defaultAllocatorSettings, type AllocatorSettings } from './allocatorSettings';
import { allocatorViews, type AllocatorView } from './allocatorView';
import { calibrationFrom } from './calibrationFrom';
import { memoryLimits, microBatchesOf, placeInputs, placementObjective, placementView } from './placed';
import { withPipeline } from './pipelineView';
import { checkPlan } from './checkPlan';
import { answerChunks } from './chunks/answerChunks';
import type { ChunkAnswer, ChunkQuestion } from './chunks/chunkQuestion';
import { checkpointDecisions } from './checkpointRules';
import { answerOf } from './collectedPlans';
import { exportPlan } from './exportPlan';
import { answerGoal, type AnswerOf } from './goals/answerGoal';
import type { GoalQuestion } from './goals/goal';
import { mayOffload, placementKey, planKey, poolsKey } from './inputKeys';
import { cachePerToken, type KvCacheView } from './kvCacheView';
import { scaleModel, type ScaleAnswer, type ScaleQuestion } from './machines/scaleModel';
import { splitModel, type SplitAnswer, type SplitQuestion } from './machines/splitModel';
import { energyViewOf, offloadViewOf } from './offload/offloadViewOf';
import { instantBoundMs, proveOffload } from './offload/proveOffload';
import { directivesOfPlan, makePlan } from './makePlan';
import { modelSummary, tensorSummary } from './modelSummary';
import { pricesOfPins, type PinPrice } from './pinPrices';
import { planningProblem } from './planningProblem';
import { refineProof, type Proof } from './refine';
import { answerPacks, type PackAnswer, type PackQuestion } from './packs/answerPacks';
import { refinePlacement } from './refinePlacement';
import { RefinedMemory, withBound, withBounds } from './refinedMemory';
import { profileOf, type Profile } from './profile';
import { Planning } from './planning';
import { DeviceRoom, type Placeable } from './deviceRoom';
import { answerSizes } from './sizes/answerSizes';
import { checkSizes } from './sizes/checkSizes';
import type { Clock } from './sizes/comparison';
import type { NamedText, SizesAnswer, SizesQuestion } from './sizes/sizesModel';
import { sizeTable } from './sizes/sizeTable';
import { SessionSteps } from './sessionSteps';
import type { ModelSummary, PlanOfStep, PlanView, StepView } from './types';

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
 * One model, from opening it to exporting a plan. The editor's worker and the command line use this and nothing below
 * it. Same model and inputs, same answers, except that what refining has found makes later answers better.
 */
export class PlannerSession {
  readonly summary: ModelSummary;
  private readonly steps: SessionSteps;
  private placement: { readonly key: string; readonly value: PlacedStep } | undefined;
  private prices: { readonly key: string; readonly value: readonly PinPrice[] } | undefined;
  /** The last plan made by default, as it is on screen. */
  private latest: { readonly key: string; readonly value: PlanView } | undefined;
  private readonly refined = new RefinedMemory();

  private constructor(
    private readonly graph: ModelGraph,
    private readonly file: string,
  ) {
    this.steps = new SessionSteps(graph);
    this.summary = modelSummary(graph, this.steps.table, file);
  }

  /** Dimensions that a workload can give a size: those of the inputs, then those that only data tells. */
  get dimensionNames(): readonly string[] {
    const names = this.summary.dims.map(({ name }) => name);
    return [...names, ...dataDimensions(this.graph, this.steps.table.facts)];
  }

  /** Reads a model's structure; the source is not needed afterwards. Throws HeadroomError for what cannot be read. */
  static open(source: ByteSource, fileName: string): PlannerSession {
    return new PlannerSession(openModel(source, fileName), fileName);
  }

  /** Shapes and types of every tensor, with some dimensions bound, and what a decoder would cache of every token. */
  inspect(dims: Readonly<Record<string, number>>): {
    summary: ModelSummary;
    tensors: Record<string, { dtype: string; shape: readonly (number | string)[] | null }>;
    kvCache: KvCacheView | undefined;
  } {
    const table = Object.keys(dims).length > 0 ? inferTensors(this.graph, { ...dims }) : this.steps.table;
    const tensors = this.graph.tensors.map(({ id }) => {
      const { name, dtype, shape } = tensorSummary(this.graph, table, id);
      return [name, { dtype, shape }] as const;
    });
    return {
      summary: modelSummary(this.graph, table, this.file),
      tensors: Object.fromEntries(tensors),
      kvCache: cachePerToken(this.graph, dims),
    };
  }

  /** What plans start from: the default workload on these devices, nothing pinned. */
  defaultInputs(devices: readonly PlanDevice[]): PlanInputs {
    return defaultPlanInputs(devices);
  }

  /** The step a workload runs, kept for the calls that follow with the same workload and devices. */
  configure(inputs: PlanInputs): StepView {
    return this.steps.stateOf(inputs).view;
  }

  /** The step in numbers, under a checkpoint rule (see `checkpointDecisions`) and the pins. */
  profile(inputs: PlanInputs, rule: string, allocator = defaultAllocatorSettings): Profile {
    const state = this.steps.stateOf(inputs);
    const decisions = [...inputs.pins, ...checkpointDecisions(state.layers, rule)];
    const directives = directivesOf(state.built.step, state.layers, decisions, 'module-checkpoint');
    return profileOf(state, directives, allocatorViews(state, inputs, directives, allocator));
  }

  /** The step in numbers under a plan file. */
  profilePlan(text: string, allocator = defaultAllocatorSettings): Profile {
    const plan = parsePlan(text);
    this.requireSameModel(plan);
    const state = this.steps.stateOf(planInputsOf(plan));
    const directives = directivesOfPlan(plan, state);
    return profileOf(state, directives, allocatorViews(state, plan, directives, allocator));
  }

  /**
   * Overhead against budget, for every strategy. With an engine, rounding its relaxations is among the rules to compare
   * with. `onPart` hears of it while it is computed, the inputs' strategy first (`FrontierWatch.part`). Throws
   * 'cancelled' when the job is.
   */
  async frontier(
    inputs: PlanInputs,
    job: Job = uncontrolled,
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
   * PyTorch's allocator and the CUDA context add (see `planForDevice`). What comes back from elsewhere can break up the
   * allocator's memory: with offloading a plan that fits the device goes before a faster one within the budget that does not.
   */
  async plan(wanted: PlanInputs, options: PlanOptions = {}, job: Job = uncontrolled): Promise<PlanView> {
    const planner = options.planner === 'auto' ? undefined : options.planner;
    // A named planner may belong to another strategy: then that is the plan's.
    const inputs = planner ? { ...wanted, strategy: findPlanner(wanted.strategy, planner).strategy } : wanted;
    const isDefault = planner === undefined && options.timeLimitS === undefined;
    const key = isDefault ? planKey(inputs, options.allocator) : '';
    if (isDefault && this.latest?.key === key) return this.latest.value;
    const objective = placementObjective(inputs);
    if (objective) {
      const placed = await this.placed(inputs, objective, job);
      const { built, layers } = this.steps.stateOf(inputs);
      const { strategy, pins } = inputs;
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
      const value = this.planView(inputs, memoryBytes[0], answer, options.allocator, placed);
      if (isDefault) this.latest = { key, value };
      return value;
    }
    const pools = this.steps.poolsOf(inputs);
    const { timeLimitS } = options;
    const planning = new Planning(pools, inputs, { planner, timeLimitS, found: this.foundBefore(inputs) });
    const room = this.roomOf(inputs, options.allocator);
    const { plan: answer, budgetBytes } = await planning.inRoom(room, inputs.budgetBytes, job);
    const decisions = pinnedByHand(answer.decisions, inputs.pins);
    const value = this.planView(inputs, budgetBytes, { ...answer, decisions }, options.allocator);
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
    const objective = placementObjective(inputs);
    if (objective) {
      const placed = await this.placed(inputs, objective, job);
      const viewOf = (answer: PlacedPlan, better: PlacedStep): PlanView =>
        this.planView(inputs, budgetBytes, answer, allocator, better);
      const state = this.steps.stateOf(inputs);
      const request = { state, inputs, objective, shown, placed, engine, timeLimitS, viewOf };
      const proof = await refinePlacement(request, job, (proof, plan, better) => {
        this.placement = { key: placementKey(inputs, objective), value: better };
        if (plan) this.latest = { key, value: plan };
        onProgress({ proof, plan });
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
    const report = (proof: Proof, better: Candidate | undefined): void => {
      const plan =
        better && this.planView(inputs, budgetBytes, answerOf(pools, better, inputs.strategy), allocator);
      if (plan) this.latest = { key, value: plan };
      onProgress({ proof, plan });
    };
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
  async pinPrices(inputs: PlanInputs, job: Job = uncontrolled): Promise<readonly PinPrice[]> {
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

  /**
   * Inputs that meet a goal, instead of a plan for given ones: see `GoalQuestion`. Steps that are built on the way are
   * not kept. Throws 'bad-usage' and 'unknown-device' for what cannot be asked, 'cancelled' when the job is.
   */
  async answer<Q extends GoalQuestion>(
    question: Q,
    allocator = defaultAllocatorSettings,
    job: Job = uncontrolled,
  ): Promise<AnswerOf<Q>> {
    return answerGoal(question, this.summary.dims, this.steps.build, allocator, job);
  }

  /**
   * Ways to train the model on like servers: see `ScaleQuestion`. Steps that are built on the way are not kept. Throws
   * 'bad-usage' and 'unknown-device' for what cannot be asked, 'cancelled' when the job is.
   */
  async scale(question: ScaleQuestion, job: Job = uncontrolled): Promise<ScaleAnswer> {
    return scaleModel(question, this.summary.dims, this.steps.buildTaken, job);
  }

  /**
   * Where to cut the model between a device that asks and one that helps: see `SplitQuestion`. The step is not kept.
   * Throws as `splitModel` does.
   */
  async split(question: SplitQuestion, job: Job = uncontrolled): Promise<SplitAnswer> {
    return splitModel(question, this.steps.buildTaken, job);
  }

  /** Model data in chunks that move between the device and its host: see `ChunkQuestion`. Throws as `answerChunks` does. */
  async chunks(question: ChunkQuestion, job: Job = uncontrolled): Promise<ChunkAnswer> {
    return answerChunks(question, this.steps.buildTaken, job);
  }

  /** Packs of layers that take groups of micro-batches in turn: see `PackQuestion`. Throws as `answerPacks` does. */
  async packs(question: PackQuestion, job: Job = uncontrolled): Promise<PackAnswer> {
    return answerPacks(question, this.steps.buildTaken, job);
  }

  /**
   * Which plan for which size of the inputs: see `SizesQuestion`. With a clock the answer also says how long planning took. Throws as
   * `answerSizes` does.
   */
  async sizes(question: SizesQuestion, job: Job = uncontrolled, clock?: Clock): Promise<SizesAnswer> {
    const dimensions = {
      names: this.summary.dims.map(({ name }) => name),
      dependent: dataDimensions(this.graph, this.steps.table.facts),
      ranges: this.graph.ranges,
    };
    const { inputs } = question;
    const { budgetBytes } =
      inputs.budgetBytes === undefined ? (await this.plan(inputs, {}, job)).plan : inputs;
    return answerSizes(
      { ...question, inputs: { ...inputs, budgetBytes } },
      { recognised: this.steps.recognisedFor(question.inputs), dimensions, clock },
      job,
    );
  }

  /** A trace of steps of several sizes as a table for `SizesQuestion.measurements`. Throws as `sizeTable` does. */
  async sizeTable(
    inputs: PlanInputs,
    { name, bytes }: MeasurementFile,
    job: Job = uncontrolled,
  ): Promise<NamedText> {
    const run = await readMeasurements(bytes, name, job);
    const dependent = dataDimensions(this.graph, this.steps.table.facts);
    return { name, text: await sizeTable(this.steps.recognisedFor(inputs), inputs, dependent, run, job) };
  }

  /** The inputs a plan file was made from; `stale` when it was made for another model structure. */
  readPlan(text: string): { inputs: PlanInputs; stale: boolean } {
    const plan = parsePlan(text);
    return { inputs: planInputsOf(plan), stale: plan.model.fingerprint !== this.summary.fingerprint };
  }

  /** What a plan file says, with the step it is for: nothing is planned anew. Throws 'bad-plan' and 'stale-plan'. */
  storedPlan(text: string): PlanOfStep {
    const plan = parsePlan(text);
    this.requireSameModel(plan);
    const inputs = planInputsOf(plan);
    const state = this.steps.keptOrBuilt(inputs);
    return { step: state.view, plan: { plan, directives: directivesOfPlan(plan, state) } };
  }

  /** Throws 'stale-plan' or 'check-failed', saying why, unless the simulator confirms every number of the plan. */
  check(plan: Plan): void {
    this.requireSameModel(plan);
    checkPlan(this.steps.stateOf(planInputsOf(plan)), plan);
    checkSizes(this.steps.recognisedFor(planInputsOf(plan)), plan);
  }

  /** What PyTorch and the driver count under a plan, for each of its CUDA devices. Throws 'stale-plan'. */
  allocators(plan: Plan, settings = defaultAllocatorSettings): readonly AllocatorView[] {
    this.requireSameModel(plan);
    const state = this.steps.stateOf(planInputsOf(plan));
    return allocatorViews(state, plan, directivesOfPlan(plan, state), settings);
  }

  /**
   * A plan in another form. `source`: the model's bytes, which a copy of the model is made from. `frontier`: what
   * `frontierOf` gives, for the targets that show it. Throws 'stale-plan', 'bad-plan', and 'bad-usage' for what the
   * target has no form for.
   */
  export(
    plan: Plan,
    target: ExportTarget,
    source?: ByteSource,
    frontier?: Frontier,
    allocator = defaultAllocatorSettings,
  ): Export {
    this.requireSameModel(plan);
    const inputs = planInputsOf(plan);
    const { recognitions } = this.steps.recognisedFor(inputs);
    const model = { graph: this.graph, recognitions, source };
    const stepOf = this.steps.build;
    return exportPlan(this.steps.stateOf(inputs), plan, target, { model, frontier, allocator, stepOf });
  }

  /** The frontier that an export of the plan to the target shows; undefined where it shows none. */
  async frontierOf(plan: Plan, target: ExportTarget): Promise<Frontier | undefined> {
    return frontierTargets.has(target) ? this.frontier(planInputsOf(plan)) : undefined;
  }

  /**
   * What files of measurements say about the step of these inputs: times, allocated memory, and how much of them matches. Throws
   * 'bad-measurements', 'limit-exceeded', 'other-measurements' for those of another run, and 'cancelled' when the job is.
   */
  async measure(
    inputs: PlanInputs,
    files: readonly MeasurementFile[],
    job: Job = uncontrolled,
  ): Promise<MeasuredStep> {
    const runs: MeasuredRun[] = [];
    for (const { name, bytes } of files) runs.push(await readMeasurements(bytes, name, job));
    const { graph, built, view } = this.steps.stateOf(inputs);
    return matchRuns(graph, built, view.recognitions, runs, job);
  }

  /** A calibration of the first device from measurements that were made on it. Throws 'bad-calibration' without any time. */
  calibration(inputs: PlanInputs, measured: MeasuredStep): Calibration {
    return calibrationFrom(this.steps.stateOf(inputs), inputs.devices[0], measured);
  }

  private planView(
    inputs: PlanInputs,
    budgetBytes: number,
    answer: PlacedPlan,
    settings: AllocatorSettings = defaultAllocatorSettings,
    placed?: PlacedStep,
  ): PlanView {
    const state = this.steps.stateOf(inputs);
    const model = { file: this.file, fingerprint: this.summary.fingerprint };
    const lowerBound = this.lowerBoundPercent(inputs, budgetBytes);
    const plan = makePlan(model, state, inputs, budgetBytes, answer, lowerBound);
    const { directives, infeasible } = answer;
    const placement = placementView(state.built.step, directives, inputs.objective ?? 'fit', {
      ...placed,
      ...(answer.boundMs === undefined ? {} : { boundMs: answer.boundMs }),
    });
    return {
      plan,
      directives,
      allocators: allocatorViews(state, inputs, directives, settings),
      placement: withPipeline(placement, state, inputs, directives),
      offload: offloadViewOf(state, inputs, directives),
      energy: energyViewOf(state, inputs, directives),
      infeasible,
    };
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

  /** Proven least overhead under the budget; 0 where nothing is proven (several devices, offloads by hand). */
  private lowerBoundPercent(inputs: PlanInputs, budgetBytes: number): number {
    const pools = this.steps.poolsOf(inputs);
    const { keepAllStepTimeMs } = this.steps.stateOf(inputs).view;
    if (!pools.context.isSingleDevice || keepAllStepTimeMs <= 0) return 0;
    const refined = this.refined.known(poolsKey(inputs))?.bounds.leastAddedMs(budgetBytes) ?? 0;
    const addedMs = Math.max(instantBoundMs(pools, budgetBytes), refined);
    // Infinite where no plan exists at all: that is said in words.
    return Number.isFinite(addedMs) ? (100 * addedMs) / keepAllStepTimeMs : 0;
  }

  private requireSameModel(plan: Plan): void {
    if (plan.model.fingerprint === this.summary.fingerprint) return;
    throw new HeadroomError(
      'stale-plan',
      `The plan was made for another structure of ${plan.model.file}.`,
      'Plan again for this model.',
      { file: this.file },
    );
  }
}
