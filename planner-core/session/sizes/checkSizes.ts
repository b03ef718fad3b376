import { HeadroomError } from '../../base/errors';
import type { Plan } from '../../plan/plan';
import { planInputsOf } from '../../plan/planInputs';
import { asOnePlan } from '../../plan/sizePlan';
import type { RecognisedGraph } from '../../recognition/recognise';
import { compileSchedule } from '../../simulator/compileSchedule';
import { simulate } from '../../simulator/simulate';
import { directivesOfPlan } from '../makePlan';
import { buildStepState } from '../stepState';
import { withSizes } from './withSizes';

/**
 * Simulates each plan for several sizes at the sizes it is valid up to. Throws 'check-failed' for a peak, or memory where offloaded values
 * go, that is not what the plan says, or more than it may be.
 */
export function checkSizes(recognised: RecognisedGraph, plan: Plan): void {
  const { sizes, budgetBytes } = plan;
  for (const [i, sized] of (sizes?.plans ?? []).entries()) {
    sized.upTo.forEach((size, corner) => {
      const state = buildStepState(
        recognised,
        withSizes(planInputsOf(plan), sizes!.dimensions, size, sizes!.fitted),
      );
      const { step } = state.built;
      const directives = directivesOfPlan(asOnePlan(plan, sized), state);
      const simulated = simulate(step, compileSchedule(step, directives));
      const place = `sizes.plans[${i}] at ${sizes!.dimensions.join(' × ')} ${size.join(' × ')}`;
      const compared = [
        ['the peak', sized.peakBytes[corner], simulated.peakBytes, budgetBytes],
        [
          'memory where offloaded values go',
          sized.offloadPeakBytes?.[corner] ?? 0,
          simulated.hostPeakBytes,
          plan.offload?.memoryBytes ?? Infinity,
        ],
      ] as const;
      for (const [what, written, actual, most] of compared) {
        if (actual !== written)
          throw new HeadroomError(
            'check-failed',
            `${place}: ${what} is ${written}, the simulator says ${actual}.`,
            'The plan was edited by hand, or made by another version: plan again.',
          );
        if (actual > most)
          throw new HeadroomError(
            'check-failed',
            `${place}: ${what}, ${actual} bytes, is more than the ${most} there may be.`,
          );
      }
    });
  }
}
