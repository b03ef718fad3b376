import type { GraphInstance } from '../../step/graphInstance';
import type { MilpEngine } from '../../solvers/engine';
import type { InstanceAction, InstanceSolution, SolveRequest } from '../solveInstance';
import { fitReturns } from './fitReturns';
import { improveReturns, returnsJ } from './improveReturns';
import { pagingActions, type Return, type Returns } from './pagingPlan';
import { pagingGaps, pagingProblem, type PagingProblem } from './pagingProblem';
import { pagingProgram, returnsAt } from './pagingProgram';
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
  const least = leastMemory(problem);
  if (least > problem.budgetBytes) {
    const message = `No plan fits ${problem.budgetBytes} bytes: one computation with its inputs needs ${least}.`;
    return answerOf(instance, problem, nothing, onceJ, 'keep all', message);
  }
  if (fitsWith(problem, nothing)) return answerOf(instance, problem, nothing, onceJ, 'keep all');
  const limitS = Math.max(0, timeLimitS - endS);
  const solved =
    engine && limitS > 0 ? await solvePrograms(problem, engine, limitS) : { boundJ: 0, plans: [] };
  const refined = [nothing, ...solved.plans].map((plan) =>
    improveReturns(problem, fitReturns(problem, plan)),
  );
  const start = refined.reduce((best, plan) => (isBetter(problem, plan, best) ? plan : best));
  const found = searchReturns(problem, start, searchRounds, isOver);
  return answerOf(instance, problem, found, onceJ + solved.boundJ, 'gap program and search');
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

/** The largest computation with its inputs: with storage there is always room to do one after the other. */
function leastMemory({ bytes, inputs }: PagingProblem): number {
  return inputs.reduce(
    (most, reads, node) =>
      Math.max(
        most,
        reads.reduce((sum, read) => sum + bytes[read], bytes[node]),
      ),
    0,
  );
}

const fitsWith = (problem: PagingProblem, returns: Returns): boolean =>
  fits(problem, replayPaging(problem, pagingActions(problem, returns)));

/** Of plans that fit the least energy; else the one that fits. */
function isBetter(problem: PagingProblem, plan: Returns, other: Returns): boolean {
  if (fitsWith(problem, plan) !== fitsWith(problem, other)) return fitsWith(problem, plan);
  return returnsJ(problem, plan) < returnsJ(problem, other);
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
