import type { Job } from '../../base/job';
import type { Strategy } from '../../plan/plan';
import { compileSchedule } from '../../simulator/compileSchedule';
import { deviceOfNodes } from '../../simulator/sequence';
import { simulate } from '../../simulator/simulate';
import type { MilpEngine } from '../../solvers/engine';
import { pinnedByHand } from '../context';
import { planAtBudget, type BudgetPlan } from '../planAtBudget';
import type { PlanningProblem } from '../problem';
import type { JointLimits } from './joint/jointPlan';
import { planJointly } from './planJointly';
import { placementOfStep } from './ofStep';
import { recomputeStages } from './recomputeStages';
import { placedOutcome } from './placedOutcome';
import type { DecidedPlacement, PlacedStep, PlacementObjective } from './placeStep';

/** What a placed step is planned for. */
export interface PlacedRequest {
  readonly problem: PlanningProblem;
  readonly objective: PlacementObjective;
  /** Limit of each device. */
  readonly memoryBytes: readonly number[];
  /** Of a training step, whose times are those of all; 1 when absent. */
  readonly microBatches?: number;
  readonly strategy: Strategy;
  readonly planner?: string;
  /** The plan with everything on the first device, or where the file has it; asked for where recomputation is needed. */
  readonly unplaced?: () => Promise<BudgetPlan>;
  /** Of the search for placement and recomputation together; the usual few trials when absent. */
  readonly joint?: Omit<JointLimits, 'memoryBytes'> & { readonly engine?: MilpEngine };
}

/** A plan; `boundMs`: what is proven of it where bounds for placements alone do not hold. */
export type PlacedPlan = BudgetPlan & { readonly boundMs?: number };

/** Planners of recomputation weigh every plan on several devices with the whole simulator: not more nodes than these. */
const mostSimulatedNodes = 1500;
/** Plans of placement and recomputation together that are weighed while somebody waits. */
const quickTrials = 150;

/**
 * The plan of a placed step: as it is, or where only recomputation makes the fastest placement fit, the fastest of it, that
 * placement with recomputation on every device that needs it, and (for a latency, where plans say what runs again one by
 * one) both chosen together.
 * `infeasible` where none fits.
 */
export async function planPlaced(request: PlacedRequest, placed: PlacedStep, job: Job): Promise<PlacedPlan> {
  const { objective, problem, memoryBytes, strategy, planner, joint } = request;
  const alone = asAnswer(placed);
  const { ideal = placed } = placed;
  if (placed.fits && placed.timeMs <= ideal.timeMs) return alone;
  const isSmall = problem.step.nodeCount <= mostSimulatedNodes || !ideal.directives.placement;
  const answers: PlacedPlan[] = [];
  const { step, layers, pins } = problem;
  const placement = placementOfStep(step, layers, pins, memoryBytes).problem;
  const outcome = { step, problem: placement, objective, microBatches: request.microBatches ?? 1 };
  if (!planner) {
    const stages = { problem, strategy, outcome, memoryBytes };
    for (const each of new Set(placed.fits ? [ideal] : [ideal, placed])) {
      const found = await recomputeStages(stages, each, job);
      if (found) answers.push(found);
    }
  }
  if (isSmall) answers.push(await withRecomputation(request, ideal, job));
  if (request.unplaced) answers.push(await request.unplaced());
  if (isSmall && objective === 'latency' && strategy === 'schedule' && !planner) {
    const limits = { trials: quickTrials, ...joint, memoryBytes: Float64Array.from(memoryBytes) };
    const found = await planJointly(problem, limits, job, joint?.engine);
    if (found) answers.push(found);
  }
  let best: { answer: PlacedPlan; timeMs: number } | undefined;
  if (placed.fits) best = { answer: alone, timeMs: placed.timeMs };
  for (const answer of answers) {
    const schedule = compileSchedule(problem.step, answer.directives);
    const simulation = simulate(problem.step, schedule);
    const devices = deviceOfNodes(problem.step, answer.directives);
    const { replicas } = answer.directives;
    const { timeMs, peakBytes } = placedOutcome({ ...outcome, replicas }, devices, schedule, simulation);
    const fits = peakBytes.every((bytes, device) => bytes <= memoryBytes[device]);
    if (fits && !(best && best.timeMs <= timeMs)) best = { answer, timeMs };
  }
  if (best) return best.answer;
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
