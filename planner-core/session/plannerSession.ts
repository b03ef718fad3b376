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
import type { Plan, PlanDevice } from '../plan/plan';
import { defaultPlanInputs, planInputsOf, type PlanInputs } from '../plan/planInputs';
import { parsePlan } from '../plan/readPlan';
import { withPlan, type Frontier } from '../planners/frontier';
import { directivesOf } from '../plan/directives';
import { dataDimensions } from '../step/dataDimensions';
import type { MilpEngine } from '../solvers/engine';
import { defaultAllocatorSettings } from './allocatorSettings';
import { allocatorViews, type AllocatorView } from './allocatorView';
import { calibrationFrom } from './calibrationFrom';
import { checkPlan } from './checkPlan';
import { answerChunks } from './chunks/answerChunks';
import type { ChunkAnswer, ChunkQuestion } from './chunks/chunkQuestion';
import { checkpointDecisions } from './checkpointRules';
import { exportPlan } from './exportPlan';
import { answerGoal, type AnswerOf } from './goals/answerGoal';
import type { GoalQuestion } from './goals/goal';
import { cachePerToken, type KvCacheView } from './kvCacheView';
import { scaleModel, type ScaleAnswer, type ScaleQuestion } from './machines/scaleModel';
import { splitModel, type SplitAnswer, type SplitQuestion } from './machines/splitModel';
import { directivesOfPlan } from './makePlan';
import { modelSummary, tensorSummary } from './modelSummary';
import type { PinPrice } from './pinPrices';
import { answerPacks, type PackAnswer, type PackQuestion } from './packs/answerPacks';
import { profileOf, type Profile } from './profile';
import { answerSizes } from './sizes/answerSizes';
import { checkSizes } from './sizes/checkSizes';
import type { Clock } from './sizes/comparison';
import type { NamedText, SizesAnswer, SizesQuestion } from './sizes/sizesModel';
import { sizeTable } from './sizes/sizeTable';
import { SessionPlans, type PlanOptions, type RefineOptions, type Refinement } from './sessionPlans';
import { SessionSteps } from './sessionSteps';
import type { ModelSummary, PlanOfStep, PlanView, StepView } from './types';

/**
 * One model, from opening it to exporting a plan. The editor's worker and the command line use this and nothing below
 * it. Same model and inputs, same answers, except that what refining has found makes later answers better.
 */
export class PlannerSession {
  readonly summary: ModelSummary;
  private readonly steps: SessionSteps;
  private readonly plans: SessionPlans;

  private constructor(
    private readonly graph: ModelGraph,
    private readonly file: string,
  ) {
    this.steps = new SessionSteps(graph);
    this.summary = modelSummary(graph, this.steps.table, file);
    this.plans = new SessionPlans({ file, fingerprint: this.summary.fingerprint }, this.steps);
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
  frontier(
    inputs: PlanInputs,
    job: Job = uncontrolled,
    engine?: MilpEngine,
    onPart?: (soFar: Frontier) => void,
  ): Promise<Frontier> {
    return this.plans.frontier(inputs, job, engine, onPart);
  }

  /** The plan for the inputs' budget: see `SessionPlans.plan`. */
  plan(inputs: PlanInputs, options: PlanOptions = {}, job: Job = uncontrolled): Promise<PlanView> {
    return this.plans.plan(inputs, options, job);
  }

  /** Tightens what is proven of a plan, in its background: see `SessionPlans.refine`. */
  refine(
    inputs: PlanInputs,
    options: RefineOptions,
    job: Job,
    onProgress: (refinement: Refinement) => void,
  ): Promise<Refinement> {
    return this.plans.refine(inputs, options, job, onProgress);
  }

  /** What each pin costs, in the order of the pins. Throws 'cancelled' when the job is. */
  pinPrices(inputs: PlanInputs, job: Job = uncontrolled): Promise<readonly PinPrice[]> {
    return this.plans.pinPrices(inputs, job);
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
    const planOf = (inputs: PlanInputs): Promise<PlanView> => this.plan(inputs, {}, job);
    return answerPacks(question, this.steps.buildTaken, planOf, job);
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

  /** The frontier that an export of the plan to the target shows, the plan among its own; undefined where it shows none. */
  async frontierOf(plan: Plan, target: ExportTarget): Promise<Frontier | undefined> {
    if (!frontierTargets.has(target)) return undefined;
    const inputs = planInputsOf(plan);
    const directives = directivesOfPlan(plan, this.steps.stateOf(inputs));
    return withPlan(await this.frontier(inputs), plan, directives);
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
