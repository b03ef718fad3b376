import { HeadroomError } from '../base/errors';
import type { Plan, Prediction } from '../plan/plan';
import { planInputsOf } from '../plan/planInputs';
import { directivesOfPlan, predict } from './makePlan';
import type { StepState } from './stepState';

/** Times may differ in the last bits between machines; bytes may not. */
const relativeTolerance = 1e-9;

/** Compiles and simulates the plan again; throws 'check-failed' naming the first number that is not what it says. */
export function checkPlan(state: StepState, plan: Plan): void {
  const { prediction } = plan;
  const directives = directivesOfPlan(plan, state);
  const actual = predict(state, directives, prediction.lowerBoundPercent, planInputsOf(plan));
  for (const key of Object.keys(actual) as (keyof Prediction)[]) {
    // Plans from before there was a prediction of it have none.
    if (key === 'throughput' && prediction.throughput === undefined) continue;
    if (agrees(prediction[key], actual[key])) continue;
    throw new HeadroomError(
      'check-failed',
      `prediction.${key} is ${JSON.stringify(prediction[key])}, the simulator says ${JSON.stringify(actual[key])}.`,
      'The plan was edited by hand, or made by another version: plan again.',
    );
  }
}

function agrees(stored: unknown, actual: unknown): boolean {
  if (typeof stored === 'number' && typeof actual === 'number') {
    return Math.abs(stored - actual) <= relativeTolerance * Math.max(1, Math.abs(actual));
  }
  if (typeof stored === 'object' && typeof actual === 'object' && stored && actual) {
    const a = stored as Record<string, unknown>;
    const b = actual as Record<string, unknown>;
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => agrees(a[key], b[key]));
  }
  return stored === actual;
}
