import { HeadroomError } from '../../base/errors';
import { ControlledJob, type Job } from '../../base/job';
import type { MilpEngine } from '../../solvers/engine';
import type { PlanningContext } from '../context';
import type { Candidate } from '../paretoPlans';
import { improveSchedule } from '../schedule/improveSchedule';
import type { SearchLimit } from '../schedule/ruinAndRecreate';
import type { RefineProgress } from './refineProgress';
import { refineSchedule } from './refineSchedule';

/** A plan for a budget and what is proven about it. */
export interface ProvenPlan {
  /** undefined: none was found. */
  readonly plan: Candidate | undefined;
  /** Proven: no plan within the budget adds less; Infinity when there is none. */
  readonly leastAddedMs: number;
}

/**
 * Searches around a plan while an engine in another thread tightens the proof, each telling the other of better plans.
 * Ends when the plan is proven optimal or `timeLimitS` is over; the search around the plan also after `idleRounds`
 * without success. An engine that breaks ends only the proof.
 */
export async function improveAndProve(
  context: PlanningContext,
  budgetBytes: number,
  start: Candidate | undefined,
  engine: MilpEngine,
  timeLimitS: number,
  idleRounds: number,
  job: Job,
): Promise<ProvenPlan> {
  let best = start;
  let isDone = false;
  let leastAddedMs = 0;
  const startedMs = performance.now();
  const take = (plan: Candidate | undefined): void => {
    if (plan && (!best || plan.stepTimeMs < best.stepTimeMs)) best = plan;
  };
  const heard = (progress: RefineProgress): void => {
    leastAddedMs = progress.leastAddedMs;
    take(progress.plan);
  };
  // Lets the messages of the engine's thread in.
  const yielding = new ControlledJob();
  const shared: Job = {
    progress: (fraction) => job.progress(fraction),
    checkpoint: async () => {
      await job.checkpoint();
      await yielding.checkpoint();
    },
  };
  const proving = refineSchedule(
    context,
    budgetBytes,
    start,
    engine,
    { timeLimitS, better: () => best },
    shared,
    heard,
  )
    .then(heard)
    .catch((thrown: unknown) => {
      if (!(thrown instanceof HeadroomError && thrown.code === 'solver-failed')) throw thrown;
    })
    .finally(() => (isDone = true));
  const limit: SearchLimit = {
    idleRounds,
    isOver: () => isDone || performance.now() - startedMs > 1000 * timeLimitS,
  };
  const searching = start
    ? improveSchedule(context, start, budgetBytes, limit, shared, take).then(take)
    : Promise.resolve();
  await Promise.all([proving, searching]);
  return { plan: best, leastAddedMs };
}
