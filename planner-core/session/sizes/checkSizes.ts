import { HeadroomError } from '../../base/errors';
import type { Plan } from '../../plan/plan';
import { planInputsOf } from '../../plan/planInputs';
import type { RecognisedGraph } from '../../recognition/recognise';
import { compileSchedule } from '../../simulator/compileSchedule';
import { simulate } from '../../simulator/simulate';
import { directivesOfPlan } from '../makePlan';
import { buildStepState } from '../stepState';
import { withSizes } from './withSizes';

/**
 * Simulates each plan for several sizes at the sizes it is valid up to. Throws 'check-failed' for a peak that is not what the plan says,
 * or is over its budget.
 */
export function checkSizes(recognised: RecognisedGraph, plan: Plan): void {
  const { sizes, budgetBytes } = plan;
  for (const [i, { upTo, decisions, recomputations, peakBytes }] of (sizes?.plans ?? []).entries()) {
    upTo.forEach((size, corner) => {
      const state = buildStepState(
        recognised,
        withSizes(planInputsOf(plan), sizes!.dimensions, size, sizes!.fitted),
      );
      const { step } = state.built;
      const directives = directivesOfPlan({ ...plan, decisions, recomputations }, state);
      const simulated = simulate(step, compileSchedule(step, directives)).peakBytes;
      const place = `sizes.plans[${i}] at ${sizes!.dimensions.join(' × ')} ${size.join(' × ')}`;
      if (simulated !== peakBytes[corner])
        throw new HeadroomError(
          'check-failed',
          `${place}: the peak is ${peakBytes[corner]}, the simulator says ${simulated}.`,
          'The plan was edited by hand, or made by another version: plan again.',
        );
      if (simulated > budgetBytes)
        throw new HeadroomError(
          'check-failed',
          `${place}: ${simulated} bytes are over the budget of ${budgetBytes}.`,
        );
    });
  }
}
