import type { Job } from '../../base/job';
import type { Strategy } from '../../plan/plan';
import { Phase } from '../../step/stepGraph';
import { PlanningContext, provenFloor } from '../context';
import type { ParetoPlans } from '../paretoPlans';
import { ModuleSpace } from '../selection/moduleSpace';
import { OperatorSpace } from '../selection/operatorSpace';
import type { SelectionSpace } from '../selection/selectionSpace';
import { blockMenu, type BlockOption } from './blockMenu';
import { blockProblem, type BlockProblem } from './blockProblem';
import { chainPlans, undominated, type ChainPlan, type Choice } from './budgetProgramme';
import { liveByNode, surroundingsOf, type Surroundings } from './chainModel';
import { StepCutter, wholeRecomputations } from './cutOut';
import { chainLinks } from './links';
import { segmentLinks } from './segmentLinks';
import { SegmentProgramme, type Segment } from './segmentProgramme';
import { spanChoices, type Span } from './spans';

/** Name shown to people. */
const chainPlannerName = 'dynamic programming';

/** Plans of a strategy that are weighed in the whole step: at least so many, more while they hold few computations. */
const minPlans = 160;
const weighedNodes = 300_000;

/** Schedules of steps of up to so many computations are planned as a whole, too. */
const smallStep = 1000;
/** Share of the forward nodes that the links must hold for the chain to be the step. */
const chainShare = 0.8;

/** A link with an option of its class. */
interface LinkChoice extends Choice {
  readonly block: BlockProblem;
  readonly option: BlockOption;
}

type ChainChoice = LinkChoice | Span | Segment;

/** Plans a step as a chain of blocks, each planned once for all that are alike. */
export class ChainPlanner {
  readonly blocks: readonly BlockProblem[];
  private readonly menus = new Map<string, BlockOption[]>();
  private readonly cutter: StepCutter;

  constructor(private readonly context: PlanningContext) {
    this.cutter = new StepCutter(context.step);
    const links = context.isSingleDevice && !context.step.reentrant ? chainLinks(context) : [];
    this.blocks = links.map((link) => blockProblem(context, this.cutter, link));
  }

  /** Is the step a chain so long that planners which look at all of it would take too long for what they still find? */
  get isEnough(): boolean {
    return this.context.step.nodeCount > smallStep && this.isWholeStep;
  }

  /** Do the links hold almost all of the step? */
  get isWholeStep(): boolean {
    const { nodePhase } = this.context.step;
    const forward = nodePhase.reduce((sum, phase) => sum + Number(phase === Phase.forward), 0);
    const held = this.blocks.reduce((sum, { cutOut }) => sum + cutOut.rest, 0);
    return held >= chainShare * forward;
  }

  /** Adds the strategy's plans for all budgets to the pool. */
  async collect(strategy: Strategy, pool: ParetoPlans, job: Job): Promise<void> {
    const { context, blocks } = this;
    if (blocks.length === 0) return;
    const space = spaceOf(context, strategy);
    const start = space ? space.compile(new Uint8Array(space.itemCount)) : context.pinnedRecomputations;
    const whole = context.evaluate(start);
    const liveByKey = new Map<string, Float64Array>();
    const around = surroundingsOf(context.step.nodeCount, whole, blocks, (block) => {
      let live = liveByKey.get(block.key);
      if (!live) liveByKey.set(block.key, (live = liveInBlock(block, strategy)));
      return live;
    });
    const menus: BlockOption[][] = [];
    for (const block of blocks) menus.push(await this.menuOf(block, strategy, job));

    const floorBytes = provenFloor(context).bytes;
    const stages = menus.map((menu, at): ChainChoice[] =>
      undominated(linkChoices(blocks[at], menu, around, at), floorBytes),
    );
    let segments: SegmentProgramme | undefined;
    if (strategy === 'module-checkpoint')
      for (const span of spanChoices(context, this.cutter, blocks, whole)) stages[span.first].push(span);
    if (strategy === 'schedule') {
      const programme = new SegmentProgramme(segmentLinks(context, blocks, menus, around), floorBytes);
      stages.forEach((stage, at) => stage.push(...programme.startingAt(at)));
      segments = programme;
    }
    await job.checkpoint();
    const plans = chainPlans(stages, around.betweenBytes);
    await job.checkpoint();
    const pinned = segments ? this.pinnedOutside() : [];
    const count = Math.max(minPlans, Math.floor(weighedNodes / context.step.nodeCount));
    for (const plan of spread(plans, count)) {
      await job.checkpoint();
      const recomputations = space
        ? selected(space, plan, strategy)
        : merged(plan, segments!, pinned, context.step.nodeCount);
      const { peakBytes, stepTimeMs } = context.evaluate(recomputations);
      pool.add({ peakBytes, stepTimeMs, planner: chainPlannerName, recomputations });
    }
  }

  /** What is pinned to run again outside of all links. */
  private pinnedOutside(): number[] {
    const { pinnedRecomputations: pinned } = this.context;
    const { regionOfNode } = this.context.problem.layers;
    const planned = new Set(this.blocks.map(({ link }) => link.module));
    const pairs: number[] = [];
    for (let i = 0; i < pinned.length; i += 2)
      if (!planned.has(regionOfNode[pinned[i + 1]])) pairs.push(pinned[i], pinned[i + 1]);
    return pairs;
  }

  private async menuOf(block: BlockProblem, strategy: Strategy, job: Job): Promise<BlockOption[]> {
    const key = `${strategy} ${block.key}`;
    const known = this.menus.get(key);
    if (known) return known;
    const seeds = strategy === 'schedule' ? await this.menuOf(block, 'selective', job) : undefined;
    const menu = await blockMenu(block, strategy, job, seeds);
    this.menus.set(key, menu);
    return menu;
  }
}

const spaceOf = (context: PlanningContext, strategy: Strategy): SelectionSpace | undefined =>
  strategy === 'module-checkpoint'
    ? new ModuleSpace(context)
    : strategy === 'selective'
      ? new OperatorSpace(context)
      : undefined;

/** Memory by node of a block's cut-out with nothing but what is pinned computed again. */
function liveInBlock({ problem }: BlockProblem, strategy: Strategy): Float64Array {
  const context = new PlanningContext(problem);
  const space = spaceOf(context, strategy);
  const start = space ? space.compile(new Uint8Array(space.itemCount)) : context.pinnedRecomputations;
  return liveByNode(context.evaluate(start), problem.step.nodeCount);
}

function linkChoices(
  block: BlockProblem,
  menu: readonly BlockOption[],
  { forwardBytes, backwardBytes }: Surroundings,
  at: number,
): LinkChoice[] {
  const [keepAll] = menu;
  return menu.map((option) => ({
    block,
    option,
    needBytes: Float64Array.of(
      Math.max(forwardBytes[at] + option.forwardPeakBytes, backwardBytes[at] + option.backwardPeakBytes),
    ),
    savedBytes: keepAll.restBytes - option.restBytes,
    addedMs: Float64Array.of(option.timeMs - keepAll.timeMs),
    links: 1,
  }));
}

/** Through the strategy's own space, so that decisions mean the same. */
function selected(space: SelectionSpace, { made }: ChainPlan<ChainChoice>, strategy: Strategy): Int32Array {
  const selection = new Uint8Array(space.itemCount);
  for (const { choice } of made) {
    if ('module' in choice) selection[choice.module] = 1;
    if (!('option' in choice)) continue;
    const { block, option } = choice;
    const itemOf = strategy === 'module-checkpoint' ? block.layerOf : block.cutOut.nodeOf;
    const flags = option.selected;
    for (let item = 0; item < flags.length; item++) if (flags[item]) selection[itemOf[item]] = 1;
  }
  return space.compile(selection);
}

/** The recomputations of all choices and some others, sorted by when they run. */
function merged(
  { made }: ChainPlan<ChainChoice>,
  segments: SegmentProgramme,
  others: readonly number[],
  nodeCount: number,
): Int32Array {
  const pairs = [...others];
  for (const { choice, level } of made) {
    if ('option' in choice)
      pairs.push(...wholeRecomputations(choice.block.cutOut, choice.option.recomputations));
    else if ('first' in choice) pairs.push(...segments.recomputations(choice as Segment, level));
  }
  return inOrder(pairs, nodeCount);
}

/** [before, node] pairs by when they run, those of one moment as they came; sorted by counting, because plans have many. */
function inOrder(pairs: readonly number[], nodeCount: number): Int32Array {
  const placeOf = new Int32Array(nodeCount + 1);
  for (let i = 0; i < pairs.length; i += 2) placeOf[pairs[i] + 1] += 2;
  for (let node = 0; node < nodeCount; node++) placeOf[node + 1] += placeOf[node];
  const sorted = new Int32Array(pairs.length);
  for (let i = 0; i < pairs.length; i += 2) {
    const before = pairs[i];
    sorted[placeOf[before]++] = before;
    sorted[placeOf[before]++] = pairs[i + 1];
  }
  return sorted;
}

/** At most `count` plans: the fastest under each of equally spaced budgets. */
function spread<C extends Choice>(plans: readonly ChainPlan<C>[], count: number): ChainPlan<C>[] {
  if (plans.length <= count) return [...plans];
  const low = plans[0].needBytes;
  const stepBytes = (plans[plans.length - 1].needBytes - low) / (count - 1);
  const chosen: ChainPlan<C>[] = [];
  plans.forEach((plan, at) => {
    const isLast = at + 1 === plans.length;
    const cell = Math.ceil((plan.needBytes - low) / stepBytes);
    if (isLast || Math.ceil((plans[at + 1].needBytes - low) / stepBytes) > cell) chosen.push(plan);
  });
  return chosen;
}
