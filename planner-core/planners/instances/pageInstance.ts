import type { GraphInstance } from '../../step/graphInstance';
import type { MilpEngine, SolveResult } from '../../solvers/engine';
import type { InstanceAction, InstanceSolution, SolveRequest } from '../solveInstance';
import { memoryKept, pagingGaps, pagingProblem, type PagingGap, type PagingProblem } from './pagingProblem';
import { pagingProgram } from './pagingProgram';
import { pagingActions, replayPaging, type PagingAction, type PagingCost } from './replayPaging';

/** How long each of the two programs may take where no time limit is given. */
const unlimitedS = 20;
/** An engine that is stopped needs so long to be gone. */
const endS = 1;

/**
 * Recomputation and paging under a memory and a time limit for the least energy (POET, ICML 2022), with a proven bound.
 * Without an engine: the cheapest gaps first, and what computing everything once takes as the bound. Throws 'bad-usage' for an instance
 * without energies.
 */
export async function pageInstance(
  instance: GraphInstance,
  request: SolveRequest,
  engine: MilpEngine | undefined,
): Promise<Omit<InstanceSolution, 'solveMs'>> {
  const { device, budgetBytes, runtimeRatio = 1 } = request;
  const problem = pagingProblem(instance, device, budgetBytes, runtimeRatio);
  const gaps = pagingGaps(problem);
  const onceJ = problem.energy.reduce((sum, { computeJ }) => sum + computeJ, 0);
  const least = leastMemory(problem, gaps);
  if (least > problem.budgetBytes) {
    const message = `No plan fits ${problem.budgetBytes} bytes: one computation with its inputs needs ${least}.`;
    return answerOf(instance, problem, pagingActions(problem, gaps, []), onceJ, 'keep all', message);
  }
  const limitS = Math.max(0, (request.timeLimitS ?? 2 * (unlimitedS + endS)) / 2 - endS);
  const solve = async (isBound: boolean): Promise<SolveResult & { back: Back[] }> => {
    const { program, paged, repeated } = pagingProgram(problem, gaps, isBound);
    if (!engine || program.rowCount === 0 || limitS === 0)
      return { status: 'stopped', bound: 0, back: greedyChoice(problem, gaps) };
    // The relaxation is solved at once, the program itself perhaps not in time.
    const quick = isBound ? await engine.solve(program, { timeLimitS: limitS, isRelaxed: true }) : undefined;
    const result = await engine.solve(program, { timeLimitS: limitS });
    const values = result.incumbent?.values;
    const back = gaps.map((_, i): Back => {
      if (values && values[paged[i]] > 0.5) return 'in';
      return values && repeated[i] >= 0 && values[repeated[i]] > 0.5 ? 'compute' : undefined;
    });
    const bound = Math.max(result.bound, quick?.status === 'optimal' ? quick.bound : 0);
    return { ...result, bound, back: values ? back : greedyChoice(problem, gaps) };
  };
  const relaxed = await solve(true);
  const plan = await solve(false);
  const actions = cheapest(problem, [
    pagingActions(problem, gaps, plan.back),
    pagingActions(problem, gaps, greedyChoice(problem, gaps)),
  ]);
  const boundJ = onceJ + Math.max(0, relaxed.bound === Infinity ? 0 : relaxed.bound);
  return answerOf(instance, problem, actions, boundJ, 'gap program');
}

type Back = 'in' | 'compute' | undefined;

/** Memory while everything is away that may be, at its highest. */
function leastMemory(problem: PagingProblem, gaps: readonly PagingGap[]): number {
  const memory = memoryKept(problem);
  for (const { node, after, until } of gaps)
    for (let position = after + 1; position < until; position++) memory[position] -= problem.bytes[node];
  return memory.reduce((most, bytes) => Math.max(most, bytes), 0);
}

/** Pages out, while memory is over the budget somewhere, what is least dear for its bytes at the highest moment. */
function greedyChoice(problem: PagingProblem, gaps: readonly PagingGap[]): Back[] {
  const { bytes, energy, budgetBytes } = problem;
  const memory = memoryKept(problem);
  const back = gaps.map((): Back => undefined);
  const dearness = ({ node }: PagingGap): number =>
    (energy[node].pageInJ + energy[node].pageOutJ) / bytes[node];
  for (;;) {
    const at = memory.indexOf(memory.reduce((most, now) => Math.max(most, now), 0));
    if (memory[at] <= budgetBytes) return back;
    let best = -1;
    gaps.forEach((gap, i) => {
      if (back[i] || gap.after >= at || at >= gap.until || bytes[gap.node] === 0) return;
      if (best < 0 || dearness(gap) < dearness(gaps[best])) best = i;
    });
    if (best < 0) return back;
    back[best] = 'in';
    const { node, after, until } = gaps[best];
    for (let position = after + 1; position < until; position++) memory[position] -= bytes[node];
  }
}

/** The actions that fit and take the least energy. */
function cheapest(
  problem: PagingProblem,
  plans: readonly (readonly PagingAction[])[],
): readonly PagingAction[] {
  const joules = ({ computeJ, pagingJ }: PagingCost): number => computeJ + pagingJ;
  const fits = ({ peakBytes, timeMs }: PagingCost): boolean =>
    peakBytes <= problem.budgetBytes && timeMs <= problem.limitMs * (1 + 1e-9);
  const weighed = plans.map((actions) => ({ actions, cost: replayPaging(problem, actions) }));
  const fitting = weighed.filter(({ cost }) => fits(cost));
  const [first] = fitting.length > 0 ? fitting : weighed;
  return fitting.reduce((best, plan) => (joules(plan.cost) < joules(best.cost) ? plan : best), first).actions;
}

function answerOf(
  { order }: GraphInstance,
  problem: PagingProblem,
  actions: readonly PagingAction[],
  boundJ: number,
  planner: string,
  message?: string,
): Omit<InstanceSolution, 'solveMs'> {
  const { peakBytes, computeJ, pagingJ, timeMs } = replayPaging(problem, actions);
  const onceMs = problem.timeMs.reduce((sum, ms) => sum + ms, 0);
  const onceJ = problem.energy.reduce((sum, energy) => sum + energy.computeJ, 0);
  const joules = computeJ + pagingJ;
  const percent = (part: number): number => (onceJ > 0 ? (100 * part) / onceJ : 0);
  const schedule = actions.map(([op, node]): InstanceAction => {
    if (op === 'compute' || op === 'free') return { op, node: order[node] };
    const [from, to] = op === 'out' ? ['memory', 'storage'] : ['storage', 'memory'];
    return { op: 'copy', node: order[node], from, to };
  });
  // The solver's bound holds up to its tolerance.
  const lowerBoundJoules = Math.min(boundJ, joules);
  return {
    feasible: peakBytes <= problem.budgetBytes && timeMs <= problem.limitMs * (1 + 1e-9),
    timeTotal: timeMs,
    overheadPercent: onceMs > 0 ? 100 * (timeMs / onceMs - 1) : 0,
    ...{ peakBytes, planner, schedule, message },
    budgetBytes: Number.isFinite(problem.budgetBytes) ? problem.budgetBytes : undefined,
    lowerBoundPercent: 0,
    gapPercent: percent(joules - lowerBoundJoules),
    energy: { joules, computeJoules: computeJ, pagingJoules: pagingJ, lowerBoundJoules },
  };
}
