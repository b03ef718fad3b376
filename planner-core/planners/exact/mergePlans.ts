import type { Job } from '../../base/job';
import type { MilpEngine } from '../../solvers/engine';
import type { PlanningContext } from '../context';
import type { Candidate } from '../paretoPlans';
import { Refinement } from './refinement';
import { ScheduleFamily } from './scheduleFamily';

/** A merge takes no longer than this, and so many programs. */
const mostS = 6;
const rounds = 3;

/**
 * The best plan made of repeats that several plans have: an integer program over those alone, small enough to be solved
 * where the whole is not ("construct, merge, solve and adapt", Blum et al., Computers & Operations Research 2016).
 * `plans`: the best first. Proves nothing about other plans.
 */
export async function mergePlans(
  context: PlanningContext,
  budgetBytes: number,
  plans: readonly Candidate[],
  engine: MilpEngine,
  timeLimitS: number,
  job: Job,
): Promise<Candidate | undefined> {
  const family = new ScheduleFamily(context, budgetBytes, plans);
  const limits = { timeLimitS: Math.min(mostS, timeLimitS), rounds };
  const { plan } = await new Refinement(family, plans[0], engine, limits, job, () => undefined).run();
  return plan;
}
