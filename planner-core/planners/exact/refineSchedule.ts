import type { Job } from '../../base/job';
import type { MilpEngine } from '../../solvers/engine';
import type { PlanningContext } from '../context';
import type { Candidate } from '../paretoPlans';
import type { RefineLimits, RefineProgress } from './refineProgress';
import { Refinement } from './refinement';
import { ScheduleFamily } from './scheduleFamily';

/**
 * Tightens the proof that a budget costs time, and finds faster schedules on the way. `start`: a plan within the
 * budget. One device, nothing offloaded; pins are respected. Throws 'cancelled' when the job is, after what was found
 * has been reported, and 'solver-failed' when the engine broke.
 */
export async function refineSchedule(
  context: PlanningContext,
  budgetBytes: number,
  start: Candidate | undefined,
  engine: MilpEngine,
  limits: RefineLimits,
  job: Job,
  onProgress: (progress: RefineProgress) => void,
): Promise<RefineProgress> {
  const family = new ScheduleFamily(context, budgetBytes);
  return new Refinement(family, start, engine, limits, job, onProgress).run();
}
