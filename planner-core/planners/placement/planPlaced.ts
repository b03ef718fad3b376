import type { Job } from '../../base/job';
import type { Strategy } from '../../plan/plan';
import { compileSchedule } from '../../simulator/compileSchedule';
import { simulate } from '../../simulator/simulate';
import { pinnedByHand } from '../context';
import { planAtBudget, type BudgetPlan } from '../planAtBudget';
import type { PlanningProblem } from '../problem';
import { periodMs, type DecidedPlacement, type PlacedStep, type PlacementObjective } from './placeStep';

/** What a placed step is planned for. */
export interface PlacedRequest {
  readonly problem: PlanningProblem;
  readonly objective: PlacementObjective;
  /** Limit of each device. */
  readonly memoryBytes: readonly number[];
  readonly strategy: Strategy;
  readonly planner?: string;
}

/** Planners of recomputation weigh every plan on several devices with the whole simulator: not more nodes than these. */
const mostSimulatedNodes = 1500;

/**
 * The plan of a placed step: as it is, or the fastest placement with recomputation where only that makes it fit,
 * whichever is faster. `infeasible` where neither fits.
 */
export async function planPlaced(request: PlacedRequest, placed: PlacedStep, job: Job): Promise<BudgetPlan> {
  const { objective, problem, memoryBytes } = request;
  const alone = asAnswer(placed);
  const { ideal = placed } = placed;
  if (placed.fits && placed.timeMs <= ideal.timeMs) return alone;
  const isSmall = problem.step.nodeCount <= mostSimulatedNodes || !ideal.directives.placement;
  const repeated = isSmall ? await withRecomputation(request, ideal, job) : undefined;
  if (repeated) {
    const simulation = simulate(problem.step, compileSchedule(problem.step, repeated.directives));
    const timeMs = objective === 'throughput' ? periodMs(simulation) : simulation.stepTimeMs;
    const fits = simulation.perDevicePeakBytes.every((bytes, device) => bytes <= memoryBytes[device]);
    if (fits && !(placed.fits && placed.timeMs <= timeMs)) return repeated;
  }
  if (!placed.lacking) return alone;
  const { device, node, message } = placed.lacking;
  return { ...alone, infeasible: { leastBytes: placed.peakBytes[device], node, message, isProven: false } };
}

const asAnswer = ({ name, directives, decisions, peakBytes, timeMs }: DecidedPlacement): BudgetPlan => ({
  ...{ planner: name, directives, decisions, peakBytes: peakBytes[0], stepTimeMs: timeMs },
});

/** Recomputation under a placement, for the memory of the first device. The placement stays as it is. */
async function withRecomputation(
  { problem, memoryBytes, strategy, planner }: PlacedRequest,
  { decisions: pins }: DecidedPlacement,
  job: Job,
): Promise<BudgetPlan> {
  const answer = await planAtBudget({ ...problem, pins }, memoryBytes[0], strategy, planner, job);
  return { ...answer, infeasible: undefined, decisions: pinnedByHand(answer.decisions, problem.pins) };
}
