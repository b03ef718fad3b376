import { compileSchedule } from '../../simulator/compileSchedule';
import { simulate } from '../../simulator/simulate';
import type { PlanningContext } from '../context';
import type { Candidate } from '../paretoPlans';
import type { PlannedDirectives } from '../problem';
import { schedulePlan } from './baseline';

/** May rules send values away? On one device, where there is a place for them. */
export const mayPage = ({ problem, isSingleDevice }: PlanningContext): boolean =>
  problem.offload !== undefined && isSingleDevice;

/** A plan of single recomputations in which values leave; undefined where they take more room than there is for them. */
export function pagedPlan(
  context: PlanningContext,
  name: string,
  recomputations: Int32Array,
  paging: Candidate['paging'],
): PlannedDirectives | undefined {
  const plan = schedulePlan(context, name, recomputations);
  const directives = context.directives(plan.directives.recomputations, paging);
  const simulation = simulate(context.step, compileSchedule(context.step, directives));
  const { peakBytes, stepTimeMs, hostPeakBytes } = simulation;
  if (hostPeakBytes > (context.problem.offload?.memoryBytes ?? Infinity)) return undefined;
  return { ...plan, directives, peakBytes, stepTimeMs };
}
