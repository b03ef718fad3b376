import { HeadroomError } from '../base/errors';
import { uncontrolled } from '../base/job';
import type { MilpEngine } from '../solvers/engine';
import type { GraphInstance } from '../step/graphInstance';
import { pageInstance } from './instances/pageInstance';
import { placeInstance } from './instances/placeInstance';
import { rematerialise } from './instances/rematerialise';
import { solveJoint } from './placement/joint/solveJoint';

/** Without a time limit a search for a plan ends after this. */
const unlimitedS = 45;

/** What is asked of an instance. Without a budget: the devices' own memory. */
export interface SolveRequest {
  readonly budgetBytes?: number;
  /** Budget as a share of the peak without repeats. */
  readonly budgetRatio?: number;
  /** Stops searching for improvements; there is always an answer. */
  readonly timeLimitS?: number;
  /** Placement kinds: least latency of one sample, or least time a sample in a pipeline. Others: time. */
  readonly objective?: 'time' | 'latency' | 'throughput' | 'energy';
  /** Objective energy: id of the instance's device that all runs on; absent: the first. */
  readonly device?: string;
  /** Objective energy: computations may take so many times what computing everything once takes; absent: 1. */
  readonly runtimeRatio?: number;
}

/** One thing to do, in order. Nodes and results are named by the instance's node ids. */
export type InstanceAction =
  | { readonly op: 'compute'; readonly node: number; readonly device?: string }
  | { readonly op: 'free'; readonly node: number; readonly device?: string }
  | { readonly op: 'copy'; readonly node: number; readonly from: string; readonly to: string };

/** The answer to an instance. */
export interface InstanceSolution {
  readonly feasible: boolean;
  /** Time of the schedule; of placement kinds: the objective. In the instance's units. */
  readonly timeTotal: number;
  /** Placement kinds: what `timeTotal` is. */
  readonly objective?: 'latency' | 'period';
  /** Placement kinds: proven, no placement has a lower `timeTotal`; 0 when nothing is proven. */
  readonly lowerBoundTotal?: number;
  /** Added to the time without repeats (placement kinds: to the best single device), in per cent of it. */
  readonly overheadPercent: number;
  readonly peakBytes: number;
  readonly budgetBytes?: number;
  /** Proven: no answer within the budget has less overhead. 0 when nothing better is proven. */
  readonly lowerBoundPercent: number;
  /** How much less overhead might be possible at most, in per cent of the time without repeats. */
  readonly gapPercent: number;
  /** Objective energy: joules of the schedule, and what is proven to be the least; `gapPercent` is of this. */
  readonly energy?: {
    readonly joules: number;
    readonly computeJoules: number;
    readonly pagingJoules: number;
    readonly lowerBoundJoules: number;
  };
  readonly planner: string;
  readonly solveMs: number;
  /** Until the first plan within the budget or the memory limits; absent when there is none. */
  readonly firstPlanMs?: number;
  readonly schedule: readonly InstanceAction[];
  /** Device id of each node; absent for a single device. */
  readonly placement?: readonly string[];
  /** Set when not feasible: what stands in the way. */
  readonly message?: string;
}

/**
 * Plans an instance with the planners that models are planned with; with an engine also proves how good the plan is.
 * Throws 'bad-usage' for a budget or a time limit below zero.
 */
export async function solveInstance(
  instance: GraphInstance,
  request: SolveRequest,
  engine?: MilpEngine,
): Promise<InstanceSolution> {
  const { timeLimitS } = request;
  if (timeLimitS !== undefined && !(timeLimitS >= 0))
    throw new HeadroomError('bad-usage', `The time limit is ${timeLimitS}.`);
  const startedMs = performance.now();
  const limitMs = 1000 * (timeLimitS ?? unlimitedS);
  const elapsedMs = (): number => performance.now() - startedMs;
  const isOver = (): boolean => elapsedMs() > limitMs;
  if (request.objective === 'energy') {
    const answer = await pageInstance(instance, request, engine, elapsedMs);
    return { ...answer, solveMs: elapsedMs() };
  }
  const isPlacement = instance.devices.length > 1 && !instance.kind.startsWith('remat-paging');
  const answer = isPlacement
    ? instance.kind === 'remat-hetero'
      ? await solveJoint(instance, request, isOver, uncontrolled)
      : await placeInstance(instance, request, elapsedMs, engine, uncontrolled)
    : await rematerialise(instance, request, isOver, elapsedMs, engine, uncontrolled);
  return { ...answer, solveMs: elapsedMs() };
}
