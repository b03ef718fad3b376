import { HeadroomError } from '../../base/errors';
import type { Job } from '../../base/job';
import type { MilpEngine } from '../../solvers/engine';
import type { GraphInstance } from '../../step/graphInstance';
import { planLatency } from '../placement/latency/planLatency';
import { placementOfInstance } from '../placement/ofInstance';
import { taskDevices, type Placement, type PlacementProblem } from '../placement/problem';
import { planThroughput } from '../placement/throughput/planThroughput';
import type { InstanceAction, InstanceSolution, SolveRequest } from '../solveInstance';
import { placedBytes, type NodeDevices } from './placedNodes';
import { pipelineLoad } from './pipelineLoad';
import { sampleLatency } from './sampleLatency';

/** Without a time limit the search ends by itself, and after this at the latest. */
const unlimitedS = 25;
/** Before a time limit is over everything comes to an end: by this share of it, and no more than so long. */
const endShare = 0.1;
const mostEndS = 1;
/** A time limit ends the rounds of the searches. */
const limitedRounds = 100_000;

/** What a planner answers. */
interface Answer {
  readonly placement: Placement;
  readonly boundMs: number;
  readonly planner: string;
  /** All nodes, in the order of their computations. */
  readonly sequence: ArrayLike<number>;
}

interface Limits {
  readonly timeLimitS: number;
  readonly rounds: number | undefined;
  readonly elapsedMs: () => number;
  readonly onPlan: () => void;
}

/**
 * Places an instance on its devices for the shortest period or the least latency, as its kind or the request says.
 * Respects memory limits, compatibility and colocation. The time in the answer is that of the instance's own cost definition.
 */
export async function placeInstance(
  instance: GraphInstance,
  request: SolveRequest,
  elapsedMs: () => number,
  engine: MilpEngine | undefined,
  job: Job,
): Promise<Omit<InstanceSolution, 'solveMs'>> {
  const { objective, timeLimitS } = request;
  const isLatency =
    objective === 'latency' || (objective !== 'throughput' && instance.kind === 'placement-latency');
  const problem = placementOfInstance(instance);
  let firstPlanMs: number | undefined;
  const limits: Limits = {
    timeLimitS:
      timeLimitS === undefined ? unlimitedS : timeLimitS - Math.min(mostEndS, endShare * timeLimitS),
    rounds: timeLimitS === undefined ? undefined : limitedRounds,
    elapsedMs,
    onPlan: () => (firstPlanMs ??= elapsedMs()),
  };
  const plan = isLatency ? latencyAnswer : throughputAnswer;
  const answer = await plan(problem, limits, engine, job).catch(whyNone);
  if (answer instanceof HeadroomError) return withoutPlacement(answer.message);
  const cost = (isLatency ? sampleLatency : pipelineLoad)(instance);
  const deviceOf = taskDevices(problem, answer.placement);
  const timeTotal = cost(deviceOf);
  const singles = instance.devices.map((_, device) =>
    cost(new Uint8Array(instance.nodes.length).fill(device)),
  );
  const bestSingle = Math.min(...singles);
  const reference = Number.isFinite(bestSingle) ? bestSingle : timeTotal;
  const percent = (time: number): number => (reference > 0 ? 100 * (time / reference - 1) : 0);
  const lowest = Math.min(timeTotal, answer.boundMs);
  return {
    feasible: true,
    timeTotal,
    objective: isLatency ? 'latency' : 'period',
    lowerBoundTotal: lowest,
    overheadPercent: percent(timeTotal),
    peakBytes: Math.max(...placedBytes(instance, deviceOf)),
    lowerBoundPercent: percent(lowest),
    gapPercent: percent(timeTotal) - percent(lowest),
    planner: answer.planner,
    firstPlanMs,
    schedule: actionsOf(instance, deviceOf, answer.sequence),
    placement: instance.nodes.map((_, node) => instance.devices[deviceOf[node]].id),
  };
}

async function throughputAnswer(
  problem: PlacementProblem,
  { timeLimitS, rounds, elapsedMs, onPlan }: Limits,
  engine: MilpEngine | undefined,
  job: Job,
): Promise<Answer> {
  const left = Math.max(0, timeLimitS - elapsedMs() / 1000);
  const plan = await planThroughput(problem, job, { engine, timeLimitS: left, rounds, onPlan });
  if (!plan) throw new HeadroomError('infeasible', 'No placement found that respects the memory limits.');
  return { ...plan, sequence: problem.order };
}

async function latencyAnswer(
  problem: PlacementProblem,
  { timeLimitS, rounds, elapsedMs, onPlan }: Limits,
  engine: MilpEngine | undefined,
  job: Job,
): Promise<Answer> {
  const isOver = (): boolean => elapsedMs() > 1000 * timeLimitS;
  return planLatency(problem, job, { engine, rounds, isOver, onImproved: onPlan });
}

function whyNone(thrown: unknown): HeadroomError {
  if (thrown instanceof HeadroomError && thrown.code === 'infeasible') return thrown;
  throw thrown;
}

function withoutPlacement(message: string): Omit<InstanceSolution, 'solveMs'> {
  return {
    feasible: false,
    timeTotal: Infinity,
    overheadPercent: 0,
    peakBytes: 0,
    lowerBoundPercent: 0,
    gapPercent: 0,
    planner: '',
    schedule: [],
    message,
  };
}

function actionsOf(
  instance: GraphInstance,
  deviceOf: NodeDevices,
  sequence: ArrayLike<number>,
): InstanceAction[] {
  const producers: number[][] = instance.nodes.map(() => []);
  for (const [from, to] of instance.edges) producers[to].push(from);
  const copied = new Set<string>();
  return Array.from(sequence).flatMap((node): InstanceAction[] => {
    const device = instance.devices[deviceOf[node]].id;
    const copies = producers[node].flatMap((producer): InstanceAction[] => {
      const from = instance.devices[deviceOf[producer]].id;
      if (from === device || copied.has(`${producer} ${device}`)) return [];
      copied.add(`${producer} ${device}`);
      return [{ op: 'copy', node: producer, from, to: device }];
    });
    return [...copies, { op: 'compute', node, device }];
  });
}
