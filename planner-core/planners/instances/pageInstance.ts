import type { GraphInstance } from '../../step/graphInstance';
import type { MilpEngine } from '../../solvers/engine';
import type { InstanceAction, InstanceSolution, SolveRequest } from '../solveInstance';
import { fitReturns } from './fitReturns';
import { improveReturns, returnsJ, sameJ } from './improveReturns';
import { pagingActions, type Return, type Returns } from './pagingPlan';
import { memoryKept, pagingGaps, pagingProblem, type PagingProblem } from './pagingProblem';
import { pagingProgram, returnsAt } from './pagingProgram';
import { PoetProgram } from './poetProgram';
import { fits, joulesOf, replayPaging } from './replayPaging';
import { searchReturns } from './searchReturns';
import { StageProgram } from './stageProgram';

/** How long a search may take where no time limit is given. */
const unlimitedS = 40;
/** Of the time, how much the proof and the program of plans may take, and when the search ends; what is left is for stages. */
const proofShare = 0.3;
const programShare = 0.15;
const searchedShare = 0.75;
/** An engine that is stopped needs so long to be gone. */
const endS = 1;
/** Rounds of the search; more time finds no better plan. */
const searchRounds = 400;
/** POET's program of more computations takes longer than anybody waits. */
const mostPoetNodes = 10;
/** Larger programs of stages take more memory than they are worth. */
const mostStageColumns = 60_000;

/**
 * Recomputation and paging under a memory and a time limit for the least energy (POET, ICML 2022), with a proven bound.
 * Without an engine the bound is what computing everything once takes. Throws 'bad-usage' for an instance without
 * energies.
 */
export async function pageInstance(
  instance: GraphInstance,
  request: SolveRequest,
  engine: MilpEngine | undefined,
  elapsedMs: () => number,
): Promise<Omit<InstanceSolution, 'solveMs'>> {
  const { device, budgetBytes, runtimeRatio = 1, timeLimitS = unlimitedS } = request;
  const problem = pagingProblem(instance, device, budgetBytes, runtimeRatio);
  const onceJ = problem.energy.reduce((sum, { computeJ }) => sum + computeJ, 0);
  const nothing: Returns = problem.bytes.map((): Return[] => []);
  const message = whyNone(instance, problem);
  if (message !== undefined) return answerOf(instance, problem, nothing, onceJ, 'keep all', message);
  if (fitsWith(problem, nothing)) return answerOf(instance, problem, nothing, onceJ, 'keep all');
  const leftS = (share: number): number => share * timeLimitS - elapsedMs() / 1000 - endS;
  const ready = leftS(1) > 0 ? engine : undefined;
  const solved = ready ? await solvePrograms(problem, ready, leftS(1)) : { boundJ: 0, plans: [] };
  const start = best(problem, [nothing, ...solved.plans]);
  const isOver = (): boolean => leftS(ready ? searchedShare : 1) < -endS;
  const found = searchReturns(problem, start, solved.boundJ, searchRounds, isOver);
  const isProven = returnsJ(problem, found) <= solved.boundJ * (1 + sameJ);
  const more =
    ready && !isProven ? await solveStages(problem, ready, found, leftS(1)) : { boundJ: 0, plans: [] };
  const plan = best(problem, [found, ...more.plans]);
  const boundJ = onceJ + Math.max(solved.boundJ, more.boundJ);
  return answerOf(instance, problem, plan, boundJ, 'programs and search');
}

/** What programs say: joules that every plan adds to computing once, proven, and plans that are not far from it. */
interface Solved {
  readonly boundJ: number;
  readonly plans: readonly Returns[];
}

/** What is left to prove, and to find, by programs that know more: POET's own, where it can be solved, and that of stages. */
async function solveStages(
  problem: PagingProblem,
  engine: MilpEngine,
  found: Returns,
  limitS: number,
): Promise<Solved> {
  const plans: Returns[] = [];
  const foundJ = returnsJ(problem, found);
  const isTiny = problem.count <= mostPoetNodes;
  const timeLimitS = isTiny ? limitS / 2 : limitS;
  if (limitS <= 0 || !fitsWith(problem, found)) return { boundJ: 0, plans };
  if (isTiny) {
    const poet = new PoetProgram(problem);
    const { incumbent } = await engine.solve(poet.program, { timeLimitS });
    if (incumbent) plans.push(poet.returnsOf(incumbent.values));
  }
  const over = [...memoryKept(problem)].flatMap((bytes, position) =>
    bytes > problem.budgetBytes && position < problem.count - 1 ? [position] : [],
  );
  const stages = new StageProgram(problem, over, foundJ);
  if (stages.program.columnCount > mostStageColumns) return { boundJ: 0, plans };
  const { bound, incumbent } = await engine.solve(stages.program, { timeLimitS });
  if (incumbent) plans.push(stages.returnsOf(incumbent.values));
  // A plan that is not a point takes more than the one that was found.
  return { boundJ: Math.min(foundJ, bound / stages.costPerJ), plans };
}

/** What is added to computing once at least, proven, and plans that are not far from it. */
async function solvePrograms(problem: PagingProblem, engine: MilpEngine, limitS: number): Promise<Solved> {
  const gaps = pagingGaps(problem);
  const relaxed = pagingProgram(problem, gaps, true);
  const proofS = proofShare * limitS;
  // The relaxation is solved at once, the program itself perhaps not in time.
  const quick = await engine.solve(relaxed.program, { timeLimitS: proofS, isRelaxed: true });
  const proof = await engine.solve(relaxed.program, { timeLimitS: proofS });
  const own = pagingProgram(problem, gaps, false);
  const found = await engine.solve(own.program, { timeLimitS: programShare * limitS });
  const bounds = [quick.status === 'optimal' ? quick.bound : 0, proof.bound];
  const plans = [
    proof.incumbent && returnsAt(problem, gaps, relaxed, proof.incumbent.values),
    found.incumbent && returnsAt(problem, gaps, own, found.incumbent.values),
  ];
  return {
    boundJ: Math.max(0, ...bounds.filter(Number.isFinite)),
    plans: plans.filter((plan) => plan !== undefined),
  };
}

/** Why no plan fits, proven; undefined where one does: with storage there is always room to do one after the other. */
function whyNone(instance: GraphInstance, problem: PagingProblem): string | undefined {
  const { budgetBytes, bytes, inputs, limitMs, timeMs } = problem;
  const needs = inputs.map((reads, node) => reads.reduce((sum, read) => sum + bytes[read], bytes[node]));
  const largest = needs.reduce((at, need, node) => (need > needs[at] ? node : at), 0);
  if (needs[largest] > budgetBytes) {
    const { name } = instance.nodes[instance.order[largest]];
    return `No plan fits ${budgetBytes} bytes: ${name} needs ${needs[largest]} for what it reads and makes, all at once.`;
  }
  const onceMs = timeMs.reduce((sum, ms) => sum + ms, 0);
  if (onceMs <= limitMs * (1 + 1e-9)) return undefined;
  return `No plan takes ${limitMs} ms or less: to compute everything once takes ${onceMs}.`;
}

const fitsWith = (problem: PagingProblem, returns: Returns): boolean =>
  fits(problem, replayPaging(problem, pagingActions(problem, returns)));

/** Of plans, made to fit and improved, the one that fits and takes the least energy. */
function best(problem: PagingProblem, plans: readonly Returns[]): Returns {
  const refined = plans.map((plan) => improveReturns(problem, fitReturns(problem, plan)));
  return refined.reduce((least, plan) => {
    if (fitsWith(problem, plan) !== fitsWith(problem, least)) return fitsWith(problem, plan) ? plan : least;
    return returnsJ(problem, plan) < returnsJ(problem, least) ? plan : least;
  });
}

function answerOf(
  { order }: GraphInstance,
  problem: PagingProblem,
  returns: Returns,
  boundJ: number,
  planner: string,
  message?: string,
): Omit<InstanceSolution, 'solveMs'> {
  const actions = pagingActions(problem, returns);
  const cost = replayPaging(problem, actions);
  const { peakBytes, computeJ, pagingJ, timeMs } = cost;
  const onceMs = problem.timeMs.reduce((sum, ms) => sum + ms, 0);
  const onceJ = problem.energy.reduce((sum, energy) => sum + energy.computeJ, 0);
  const joules = joulesOf(cost);
  const percent = (part: number): number => (onceJ > 0 ? (100 * part) / onceJ : 0);
  const schedule = actions.map(([op, node]): InstanceAction => {
    if (op === 'compute' || op === 'free') return { op, node: order[node] };
    const [from, to] = op === 'out' ? ['memory', 'storage'] : ['storage', 'memory'];
    return { op: 'copy', node: order[node], from, to };
  });
  // The solver's bound holds up to its tolerance.
  const lowerBoundJoules = Math.min(boundJ, joules);
  return {
    feasible: fits(problem, cost),
    timeTotal: timeMs,
    overheadPercent: onceMs > 0 ? 100 * (timeMs / onceMs - 1) : 0,
    ...{ peakBytes, planner, schedule, message },
    budgetBytes: Number.isFinite(problem.budgetBytes) ? problem.budgetBytes : undefined,
    lowerBoundPercent: 0,
    gapPercent: percent(joules - lowerBoundJoules),
    energy: { joules, computeJoules: computeJ, pagingJoules: pagingJ, lowerBoundJoules },
  };
}
