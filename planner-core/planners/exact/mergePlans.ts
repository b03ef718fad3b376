import type { Job } from '../../base/job';
import type { MilpEngine } from '../../solvers/engine';
import type { PlanningContext } from '../context';
import type { Candidate } from '../paretoPlans';
import { refine } from './refinement';
import { ScheduleFamily, type Merge } from './scheduleFamily';

/** A merge takes no longer than this, and so many programs. */
const mostS = 4;
const rounds = 3;

/**
 * The best plan made of repeats that several plans have: an integer program over those alone, small enough to be solved
 * where the whole is not ("construct, merge, solve and adapt", Blum et al., Computers & Operations Research 2016). With a window it is a large
 * neighbourhood search.
 * The best plan comes first. Proves nothing about other plans.
 */
export async function mergePlans(
  context: PlanningContext,
  budgetBytes: number,
  merge: Merge,
  engine: MilpEngine,
  timeLimitS: number,
  job: Job,
): Promise<Candidate | undefined> {
  const family = new ScheduleFamily(context, budgetBytes, merge);
  const limits = { timeLimitS: Math.min(mostS, timeLimitS), rounds };
  const { plan } = await refine(family, merge.plans[0], engine, limits, job, () => undefined);
  return plan;
}
