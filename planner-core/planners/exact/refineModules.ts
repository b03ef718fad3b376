import type { Job } from '../../base/job';
import type { MilpEngine } from '../../solvers/engine';
import type { PlanningContext } from '../context';
import type { Candidate } from '../paretoPlans';
import { ModuleFamily } from './moduleFamily';
import type { RefineLimits, RefineProgress } from './refineProgress';
import { Refinement } from './refinement';

/**
 * Like refineSchedule, among choices of modules to wrap in checkpoints: the bound holds for these only, and is higher.
 * Pins must be such choices (see pinsAreModules).
 */
export async function refineModules(
  context: PlanningContext,
  budgetBytes: number,
  start: Candidate | undefined,
  engine: MilpEngine,
  limits: RefineLimits,
  job: Job,
  onProgress: (progress: RefineProgress) => void,
): Promise<RefineProgress> {
  const family = new ModuleFamily(context, budgetBytes);
  return new Refinement(family, start, engine, limits, job, onProgress).run();
}
