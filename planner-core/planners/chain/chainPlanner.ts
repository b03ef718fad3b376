import type { Job } from '../../base/job';
import type { Strategy } from '../../plan/plan';
import { PlanningContext, provenFloor } from '../context';
import type { ParetoPlans } from '../paretoPlans';
import { ModuleSpace } from '../selection/moduleSpace';
import { OperatorSpace } from '../selection/operatorSpace';
import type { SelectionSpace } from '../selection/selectionSpace';
import { blockMenu, type BlockOption } from './blockMenu';
import { blockProblem, type BlockProblem } from './blockProblem';
import { chainPlans, undominated, type Choice } from './budgetProgramme';
import { liveByNode, surroundingsOf } from './chainModel';
import { StepCutter } from './cutOut';
import { chainLinks } from './links';

/** Name shown to people. */
export const chainPlannerName = 'chain programme';

/** Plans of a strategy that are weighed in the whole step. */
const maxPlans = 96;

/** A choice for a link: an option of its class. */
interface BlockChoice extends Choice {
  readonly block: BlockProblem;
  readonly option: BlockOption;
}

/** Blocks of a step that are planned once for all that are alike. */
export class ChainPlanner {
  private readonly blocks: readonly BlockProblem[];
  private readonly menus = new Map<string, BlockOption[]>();

  constructor(private readonly context: PlanningContext) {
    const cutter = new StepCutter(context.step);
    const links = context.isSingleDevice && !context.step.reentrant ? chainLinks(context) : [];
    this.blocks = links.map((link) => blockProblem(context, cutter, link));
  }

  /** Adds the strategy's plans for all budgets to the pool. */
  async collect(strategy: Strategy, pool: ParetoPlans, job: Job): Promise<void> {
    const { context, blocks } = this;
    if (blocks.length === 0) return;
    const { step } = context;
    const space = spaceOf(context, strategy);
    const start = space ? space.compile(new Uint8Array(space.itemCount)) : context.pinnedRecomputations;
    const whole = context.evaluate(start);
    const around = surroundingsOf(step.nodeCount, whole, blocks, (block) => liveInBlock(block, strategy));
    const floorBytes = provenFloor(context).bytes;
    const stages: BlockChoice[][] = [];
    for (const [at, block] of blocks.entries()) {
      const menu = await this.menuOf(block, strategy, job);
      const [keepAll] = menu;
      const choices = menu.map((option): BlockChoice => ({
        block,
        option,
        needBytes: Math.max(
          around.forwardBytes[at] + option.forwardPeakBytes,
          around.backwardBytes[at] + option.backwardPeakBytes,
        ),
        savedBytes: keepAll.restBytes - option.restBytes,
        addedMs: option.timeMs - keepAll.timeMs,
        links: 1,
      }));
      stages.push(undominated(choices, floorBytes));
    }
    const plans = chainPlans(stages, around.betweenBytes);
    const stride = Math.max(1, plans.length / maxPlans);
    for (let at = 0; at < plans.length; at += stride) {
      await job.checkpoint();
      const { choices } = plans[Math.floor(at)];
      const recomputations = space ? selected(space, choices, strategy) : merged(choices);
      const { peakBytes, stepTimeMs } = context.evaluate(recomputations);
      pool.add({ peakBytes, stepTimeMs, planner: chainPlannerName, recomputations });
    }
  }

  private async menuOf(block: BlockProblem, strategy: Strategy, job: Job): Promise<BlockOption[]> {
    const key = `${strategy} ${block.key}`;
    const known = this.menus.get(key);
    if (known) return known;
    const menu = await blockMenu(block, strategy, job);
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
  const space = strategy === 'module-checkpoint' ? new ModuleSpace(context) : undefined;
  const start = space ? space.compile(new Uint8Array(space.itemCount)) : context.pinnedRecomputations;
  return liveByNode(context.evaluate(start), problem.step.nodeCount);
}

/** Through the strategy's own space, so that decisions mean the same. */
function selected(space: SelectionSpace, choices: readonly BlockChoice[], strategy: Strategy): Int32Array {
  const selection = new Uint8Array(space.itemCount);
  for (const { block, option } of choices) {
    const itemOf = strategy === 'module-checkpoint' ? block.layerOf : block.cutOut.nodeOf;
    option.selected.forEach((flag, item) => {
      if (flag) selection[itemOf[item]] = 1;
    });
  }
  return space.compile(selection);
}

/** The recomputations of all choices, in the whole step's numbers, sorted by when they run. */
function merged(choices: readonly BlockChoice[]): Int32Array {
  const pairs: { before: number; node: number }[] = [];
  for (const { block, option } of choices) {
    const { nodeOf, rest } = block.cutOut;
    const { recomputations } = option;
    for (let i = 0; i < recomputations.length; i += 2) {
      const before = recomputations[i] === rest ? block.link.lastForward + 1 : nodeOf[recomputations[i]];
      pairs.push({ before, node: nodeOf[recomputations[i + 1]] });
    }
  }
  pairs.sort((a, b) => a.before - b.before);
  return Int32Array.from(pairs.flatMap(({ before, node }) => [before, node]));
}
