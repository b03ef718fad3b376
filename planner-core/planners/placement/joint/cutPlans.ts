import { HeadroomError } from '../../../base/errors';
import type { Job } from '../../../base/job';
import type { PlanningProblem } from '../../problem';
import { splitInTwo } from '../cut/splitInTwo';
import { placementOfStep, type StepPlacement } from '../ofStep';
import type { StepPlan, StepPlans } from './stepPlans';

/** Of the first device's memory, for parameters and what backward reads; the rest is for what a computation needs besides. */
const shares = [1, 0.95, 0.9, 0.8, 0.7];

/**
 * For the first device and each other one the cuts that take least time were nothing to overlap (`splitInTwo`), what backward
 * reads being in the memory of the device that makes it: what is cheapest to move goes there until the rest fits.
 */
export async function cutPlans(plans: StepPlans, problem: PlanningProblem, job: Job): Promise<StepPlan[]> {
  const { step, limitBytes, forwardNodes } = plans;
  const placing = placementWith(problem, limitBytes);
  if (!placing) return [];
  const { problem: bare, keptBytes } = placing;
  const groupBytes = bare.groupBytes.map((bytes, group) => bytes + keptBytes[group]);
  const found: StepPlan[] = [];
  for (let other = 1; other < step.devices.length; other++) {
    for (const share of shares) {
      const memoryBytes = limitBytes.map((bytes, device) => (device === 0 ? bytes * share : bytes));
      const cut = await orNone(splitInTwo({ ...bare, groupBytes, memoryBytes }, 0, other, {}, job));
      if (!cut) break;
      const devices = Uint8Array.from(forwardNodes, ([node]) => cut.placement[bare.groupOf[node]]);
      found.push({ ...plans.onDevice(0), devices });
    }
  }
  return found;
}

function placementWith(
  { step, layers, pins }: PlanningProblem,
  limitBytes: Float64Array,
): StepPlacement | undefined {
  try {
    return placementOfStep(step, layers, pins, [...limitBytes]);
  } catch (thrown) {
    return noneWhereInfeasible(thrown);
  }
}

const orNone = <T>(found: Promise<T>): Promise<T | undefined> => found.catch(noneWhereInfeasible);

function noneWhereInfeasible(thrown: unknown): undefined {
  if (thrown instanceof HeadroomError && thrown.code === 'infeasible') return undefined;
  throw thrown;
}
