import type { Job } from '../../base/job';
import type { Strategy } from '../../plan/plan';
import { PlanningContext, type Evaluation } from '../context';
import { ModuleSpace } from '../selection/moduleSpace';
import { OperatorSpace } from '../selection/operatorSpace';
import { selectionDescent, thorough } from '../selection/selectionDescent';
import type { Selection, SelectionSpace } from '../selection/selectionSpace';
import type { NodeId, StepGraph } from '../../step/stepGraph';
import type { PlanningProblem } from '../problem';
import type { BlockProblem } from './blockProblem';
import { lazyRecomputations } from './lazyRecomputations';

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
  /** By layer or node of the block: 1 where the option selects it. */
  readonly selected: Selection;
}

/**
 * Memory that the rest of the step is taken to need beside the block, as shares of the block's own peak. With none, the
 * block's own peak counts; with much, what it holds meanwhile. Between them lie compromises (HiRemate, Zhao et al. 2024,
 * builds its menus from several budgets for what is saved times several for the peak).
 */
const pressures = [0, 0.5, 1, 2];
/** Budgets aimed at for each of them. */
const levels = 8;
/** Options kept for a block. */
const maxOptions = 256;
/** Computations that the search around the options may weigh. */
const searchWork = 400_000;

/**
 * The options of a block under a strategy, none dominated by another in all of its numbers: Rockmate's menu (Zhao et
 * al., ICML 2023). The first keeps everything that is not pinned otherwise. Descents through several budgets find the
 * first ones, or `seeds`, a menu of the same block; a search around these the others. In a schedule, what runs again does so as late as it can, too.
 */
export async function blockMenu(
  block: BlockProblem,
  strategy: Strategy,
  job: Job,
  seeds?: readonly BlockOption[],
): Promise<BlockOption[]> {
  const { cutOut } = block;
  const problem = strategy === 'schedule' ? withoutDraws(block.problem) : block.problem;
  const context = new PlanningContext(problem);
  const space = strategy === 'module-checkpoint' ? new ModuleSpace(context) : new OperatorSpace(context);
  const menu = new Menu(context, space, cutOut.rest, strategy === 'schedule');
  if (seeds) for (const { selected } of seeds) menu.add(selected);
  else await descents(problem, cutOut.rest, space, menu, job);
  await menu.search(Math.floor(searchWork / problem.step.nodeCount), job);
  return menu.thinned(maxOptions);
}

/** A schedule restores generators for each repeat: nothing in a region is tied to what draws random numbers before it. */
const withoutDraws = (problem: PlanningProblem): PlanningProblem => ({
  ...problem,
  step: { ...problem.step, drawsRandom: new Uint8Array(problem.step.nodeCount) },
});

/** Selections on the way down through several budgets under several pressures. */
async function descents(
  problem: PlanningProblem,
  rest: NodeId,
  space: SelectionSpace,
  menu: Menu,
  job: Job,
): Promise<void> {
  for (const share of pressures) {
    const workspaceBytes = problem.step.workspaceBytes.slice();
    workspaceBytes[rest] = share * menu.keepAll.backwardPeakBytes;
    const pressed = new PlanningContext({ ...problem, step: { ...problem.step, workspaceBytes } });
    const nothing = new Uint8Array(space.itemCount);
    const add = (_: Int32Array, __: Evaluation, selected: Selection): void => {
      menu.add(selected);
    };
    await selectionDescent(pressed, space, nothing, budgetsOf(pressed), thorough, job, add);
  }
}

/** Evenly spaced from just under what keeping everything needs down to where nothing more can be saved. */
function budgetsOf(context: PlanningContext): number[] {
  const { step } = context;
  const highest = context.evaluate(context.pinnedRecomputations).peakBytes;
  const least = leastBytes(step);
  return Array.from({ length: levels }, (_, i) => highest - ((highest - least) * (i + 1)) / levels);
}

/** What single nodes need for themselves: no plan of the block gets below it. */
function leastBytes(step: StepGraph): number {
  let most = 0;
  for (let node = 0; node < step.nodeCount; node++) {
    let own = step.workspaceBytes[node];
    for (const { offsets, items } of [step.inputs, step.outputs, step.updates])
      for (let i = offsets[node]; i < offsets[node + 1]; i++) own += step.valueBytes[items[i]];
    most = Math.max(most, own);
  }
  return most;
}

/** Options that no other beats, in the order they came. */
class Menu {
  readonly keepAll: BlockOption;
  /** Options that stay whatever beats them: segments end in a link that runs again as a whole. */
  private readonly lasting: BlockOption[];
  private options: BlockOption[] = [];
  private readonly known = new Set<string>();

  constructor(
    private readonly context: PlanningContext,
    private readonly space: SelectionSpace,
    private readonly rest: NodeId,
    private readonly isSchedule: boolean,
  ) {
    const nothing = new Uint8Array(space.itemCount);
    this.keepAll = this.measured(nothing, space.compile(nothing));
    this.lasting = [this.keepAll];
    if (!isSchedule) return;
    const all = nothing.slice();
    for (const item of space.items) all[item] = 1;
    const eager = space.compile(all);
    const lazy = lazyRecomputations(context.step, eager, context.pinnedRecomputations);
    this.lasting.push(this.measured(all, eager), this.measured(all, lazy));
  }

  add(selected: Selection): void {
    const name = selected.join('');
    if (this.known.has(name)) return;
    this.known.add(name);
    const recomputations = this.space.compile(selected);
    this.offer(this.measured(selected, recomputations));
    if (!this.isSchedule) return;
    const { step, pinnedRecomputations } = this.context;
    this.offer(this.measured(selected, lazyRecomputations(step, recomputations, pinnedRecomputations)));
  }

  /**
   * Pareto local search (Paquete, Chiarandini, Stützle 2004): one item more or less than in each of the options, until
   * nothing new comes of it or `trials` have been made.
   */
  async search(trials: number, job: Job): Promise<void> {
    const explored = new Set<BlockOption>();
    let left = trials;
    for (;;) {
      const option = [this.keepAll, ...this.options].find((candidate) => !explored.has(candidate));
      if (!option || left <= 0) return;
      await job.checkpoint();
      explored.add(option);
      for (const item of this.space.items) {
        this.add(this.space.toggled(option.selected, item));
        left--;
      }
    }
  }

  /** About `count` at most: the least in each number, and between them those spread evenly over the time. */
  thinned(count: number): BlockOption[] {
    return [...this.lasting, ...thin(this.options, count)];
  }

  private offer(option: BlockOption): void {
    if (dominates(this.keepAll, option) || this.options.some((other) => dominates(other, option))) return;
    this.options = this.options.filter((other) => !dominates(option, other));
    this.options.push(option);
  }

  private measured(selected: Selection, recomputations: Int32Array): BlockOption {
    return measuredOption(this.context.evaluate(recomputations), this.rest, recomputations, selected);
  }
}

/** The numbers of an option from the memory profile of its cut-out. */
export function measuredOption(
  { nodes, length, liveBytes, stepTimeMs }: Evaluation,
  rest: number,
  recomputations: Int32Array,
  selected: Selection,
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
  return { forwardPeakBytes, backwardPeakBytes, restBytes, timeMs: stepTimeMs, recomputations, selected };
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
    least((option) => option.restBytes),
    least((option) => option.backwardPeakBytes),
    least((option) => Math.max(option.forwardPeakBytes, option.backwardPeakBytes)),
  ]);
  const byTime = [...options].sort((a, b) => a.timeMs - b.timeMs);
  const stride = byTime.length / (count - kept.size);
  for (let at = 0; at < byTime.length; at += stride) kept.add(byTime[Math.floor(at)]);
  return options.filter((option) => kept.has(option));
}
