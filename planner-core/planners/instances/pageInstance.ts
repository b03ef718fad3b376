import type { GraphInstance } from '../../step/graphInstance';
import type { MilpEngine } from '../../solvers/engine';
import type { InstanceAction, InstanceSolution, SolveRequest } from '../solveInstance';
import { fitReturns } from './fitReturns';
import { improveReturns, returnsJ, sameJ } from './improveReturns';
import { pagingActions, type Return, type Returns } from './pagingPlan';
import { pagingGaps, pagingProblem, type PagingProblem } from './pagingProblem';
import { pagingProgram, returnsAt } from './pagingProgram';
import { PoetProgram } from './poetProgram';
import { fits, joulesOf, replayPaging } from './replayPaging';
import { searchReturns } from './searchReturns';

/** How long a search may take where no time limit is given. */
const unlimitedS = 40;
/** Of the time, how much the proof and the program of plans may take; what is left is for the search. */
const proofShare = 0.4;
const programShare = 0.25;
/** An engine that is stopped needs so long to be gone. */
const endS = 1;
/** Rounds of the search; more time finds no better plan. */
const searchRounds = 400;
/** POET's program of more computations takes longer than anybody waits. */
const mostPoetNodes = 10;

/**
 * Recomputation and paging under a memory and a time limit for the least energy (POET, ICML 2022), with a proven bound.
 * Without an engine the bound is what computing everything once takes. Throws 'bad-usage' for an instance without
 * energies.
 */
export async function pageInstance(
  instance: GraphInstance,
  request: SolveRequest,
  engine: MilpEngine | undefined,
  isOver: () => boolean,
): Promise<Omit<InstanceSolution, 'solveMs'>> {
  const { device, budgetBytes, runtimeRatio = 1, timeLimitS = unlimitedS } = request;
  const problem = pagingProblem(instance, device, budgetBytes, runtimeRatio);
  const onceJ = problem.energy.reduce((sum, { computeJ }) => sum + computeJ, 0);
  const nothing: Returns = problem.bytes.map((): Return[] => []);
  const message = whyNone(instance, problem);
  if (message !== undefined) return answerOf(instance, problem, nothing, onceJ, 'keep all', message);
  if (fitsWith(problem, nothing)) return answerOf(instance, problem, nothing, onceJ, 'keep all');
  const limitS = Math.max(0, timeLimitS - endS);
  const ready = limitS > 0 ? engine : undefined;
  const solved = ready ? await solvePrograms(problem, ready, limitS) : { boundJ: 0, plans: [] };
  const start = best(problem, [nothing, ...solved.plans]);
  const found = searchReturns(problem, start, solved.boundJ, searchRounds, isOver);
  const isProven = returnsJ(problem, found) <= solved.boundJ * (1 + sameJ);
  const exact =
    ready && !isProven ? await solvePoet(problem, ready, (1 - programShare - proofShare) * limitS) : [];
  const plan = best(problem, [found, ...exact]);
  return answerOf(instance, problem, plan, onceJ + solved.boundJ, 'gap program and search');
}

/** The best plan by POET's own rules, where they can be worked out: ours is never dearer there. */
async function solvePoet(problem: PagingProblem, engine: MilpEngine, timeLimitS: number): Promise<Returns[]> {
  if (problem.count > mostPoetNodes) return [];
  const poet = new PoetProgram(problem);
  const { incumbent } = await engine.solve(poet.program, { timeLimitS });
  return incumbent ? [poet.returnsOf(incumbent.values)] : [];
}

/** What is added to computing once at least, proven, and plans that are not far from it. */
async function solvePrograms(
  problem: PagingProblem,
  engine: MilpEngine,
  limitS: number,
): Promise<{ boundJ: number; plans: Returns[] }> {
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
