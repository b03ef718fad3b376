import type { Job } from '../../base/job';
import type { Strategy } from '../../plan/plan';
import { PlanningContext, type Evaluation } from '../context';
import { ParetoPlans } from '../paretoPlans';
import type { PlanningProblem } from '../problem';
import { collectSchedulePlans } from '../schedule/schedulePlans';
import { ModuleSpace } from '../selection/moduleSpace';
import { OperatorSpace } from '../selection/operatorSpace';
import { selectionDescent, thorough } from '../selection/selectionDescent';
import type { BlockProblem } from './blockProblem';

/** One way to run a block: what it holds and costs, in its cut-out. */
export interface BlockOption {
  /** Highest memory over the block's forward nodes. */
  readonly forwardPeakBytes: number;
  /** Highest memory over the block's backward nodes. */
  readonly backwardPeakBytes: number;
  /** Memory while the rest of the step runs between the two. */
  readonly restBytes: number;
  readonly timeMs: number;
  /** [before, node] pairs of the cut-out. */
  readonly recomputations: Int32Array;
  /** What a selection strategy selects: layers or nodes of the block. */
  readonly items: readonly number[];
}

/**
 * Memory that the rest of the step is taken to need beside the block, as shares of the block's own peak. With none, the
 * block's own peak counts; with much, what it holds meanwhile. Between them lie compromises (HiRemate, Zhao et al. 2024,
 * builds its menus from several budgets for what is saved times several for the peak).
 */
const pressures = [0, 0.25, 0.5, 0.75, 1, 2];
/** Budgets aimed at for each of them. */
const levels = 10;
/** Options kept for a block. */
const maxOptions = 48;

/**
 * The options of a block under a strategy, none dominated by another in all of its numbers: Rockmate's menu (Zhao et
 * al., ICML 2023). The first keeps everything that is not pinned otherwise. Found by the strategy's planners on the
 * block alone.
 */
export async function blockMenu(block: BlockProblem, strategy: Strategy, job: Job): Promise<BlockOption[]> {
  const menu = new Menu(block);
  const { problem, cutOut } = block;
  for (const share of pressures) {
    const workspaceBytes = problem.step.workspaceBytes.slice();
    workspaceBytes[cutOut.rest] = share * menu.keepAll.backwardPeakBytes;
    const pressed = new PlanningContext({ ...problem, step: { ...problem.step, workspaceBytes } });
    if (strategy === 'schedule') await schedule(menu, pressed, job);
    else await select(menu, pressed, strategy, job);
  }
  return menu.thinned(maxOptions);
}

/** Evenly spaced from just under what keeping everything needs down to where nothing more can be saved. */
function budgetsOf(context: PlanningContext): number[] {
  const { problem } = context;
  const highest = context.evaluate(context.pinnedRecomputations).peakBytes;
  const least = leastBytes(problem);
  return Array.from({ length: levels }, (_, i) => highest - ((highest - least) * (i + 1)) / levels);
}

/** What the rest alone needs: no plan of the block gets below it. */
function leastBytes({ step }: PlanningProblem): number {
  let most = 0;
  for (let node = 0; node < step.nodeCount; node++) {
    let own = step.workspaceBytes[node];
    for (const { offsets, items } of [step.inputs, step.outputs, step.updates])
      for (let i = offsets[node]; i < offsets[node + 1]; i++) own += step.valueBytes[items[i]];
    most = Math.max(most, own);
  }
  return most;
}

async function select(
  menu: Menu,
  context: PlanningContext,
  strategy: Exclude<Strategy, 'schedule'>,
  job: Job,
): Promise<void> {
  const space = strategy === 'module-checkpoint' ? new ModuleSpace(context) : new OperatorSpace(context);
  const nothing = new Uint8Array(space.itemCount);
  await selectionDescent(context, space, nothing, budgetsOf(context), thorough, job, (pairs, _, selected) => {
    menu.add(pairs, selected);
  });
}

async function schedule(menu: Menu, context: PlanningContext, job: Job): Promise<void> {
  const found = await collectSchedulePlans(context, budgetsOf(context), new ParetoPlans(), job);
  for (const { recomputations } of found.all) menu.add(recomputations);
}

/** Options that are not dominated, in the order they came. */
class Menu {
  readonly keepAll: BlockOption;
  private options: BlockOption[];
  private readonly context: PlanningContext;
  private readonly known = new Set<string>();

  constructor(private readonly block: BlockProblem) {
    this.context = new PlanningContext(block.problem);
    const isModules = this.context.pinnedModules.length > 0;
    const start = isModules
      ? new ModuleSpace(this.context).compile(new Uint8Array(block.layerOf.length))
      : this.context.pinnedRecomputations;
    this.keepAll = this.measured(start, []);
    this.options = [this.keepAll];
  }

  add(recomputations: Int32Array, selected: Uint8Array = new Uint8Array(0)): void {
    const name = recomputations.join();
    if (this.known.has(name)) return;
    this.known.add(name);
    const items: number[] = [];
    selected.forEach((flag, item) => {
      if (flag) items.push(item);
    });
    const option = this.measured(recomputations, items);
    if (this.options.some((other) => dominates(other, option))) return;
    this.options = this.options.filter((other) => other === this.keepAll || !dominates(option, other));
    this.options.push(option);
  }

  /** At most `count`: the first, the least in each number, and between them those spread evenly over the time. */
  thinned(count: number): BlockOption[] {
    return thin(this.options, count);
  }

  private measured(recomputations: Int32Array, items: readonly number[]): BlockOption {
    return measuredOption(
      this.context.evaluate(recomputations),
      this.block.cutOut.rest,
      recomputations,
      items,
    );
  }
}

/** The numbers of an option from the memory profile of its cut-out. */
export function measuredOption(
  { nodes, length, liveBytes, stepTimeMs }: Evaluation,
  rest: number,
  recomputations: Int32Array,
  items: readonly number[],
): BlockOption {
  let forwardPeakBytes = 0;
  let backwardPeakBytes = 0;
  let restBytes = 0;
  let isBackward = false;
  for (let position = 0; position < length; position++) {
    const live = liveBytes[position];
    if (nodes[position] === rest) {
      restBytes = live;
      isBackward = true;
    } else if (isBackward) backwardPeakBytes = Math.max(backwardPeakBytes, live);
    else forwardPeakBytes = Math.max(forwardPeakBytes, live);
  }
  return { forwardPeakBytes, backwardPeakBytes, restBytes, timeMs: stepTimeMs, recomputations, items };
}

const dominates = (a: BlockOption, b: BlockOption): boolean =>
  a.timeMs <= b.timeMs &&
  a.restBytes <= b.restBytes &&
  a.backwardPeakBytes <= b.backwardPeakBytes &&
  a.forwardPeakBytes <= b.forwardPeakBytes;

function thin(options: readonly BlockOption[], count: number): BlockOption[] {
  if (options.length <= count) return [...options];
  const least = (of: (option: BlockOption) => number): BlockOption =>
    options.reduce((best, option) => (of(option) < of(best) ? option : best));
  const kept = new Set([
    options[0],
    least((option) => option.restBytes),
    least((option) => option.backwardPeakBytes),
    least((option) => Math.max(option.forwardPeakBytes, option.backwardPeakBytes)),
  ]);
  const byTime = [...options].sort((a, b) => a.timeMs - b.timeMs);
  const stride = byTime.length / (count - kept.size);
  for (let at = 0; at < byTime.length; at += stride) kept.add(byTime[Math.floor(at)]);
  return options.filter((option) => kept.has(option));
}
