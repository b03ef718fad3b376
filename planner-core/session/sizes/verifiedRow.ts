import { HeadroomError } from '../../base/errors';
import type { PlanInputs } from '../../plan/planInputs';
import type { PlannedRecomputation } from '../../plan/plan';
import type { Size, SizedPlan } from '../../plan/sizePlan';
import type { SizedCandidate } from '../../planners/input-sizes/sizedPlanning';
import type { RecognisedGraph } from '../../recognition/recognise';
import { compileSchedule } from '../../simulator/compileSchedule';
import { keepEverything } from '../../simulator/schedule';
import { simulate } from '../../simulator/simulate';
import type { StepGraph } from '../../step/stepGraph';
import { overheadPercent } from '../makePlan';
import { builtStepOf } from '../stepState';

/**
 * Peak and overhead of a plan at the sizes it is valid up to, from the simulator, on steps built for these sizes. Throws 'check-failed'
 * where that is not the peak the plan was chosen by, which would be a defect.
 */
export function verified(
  recognised: RecognisedGraph,
  inputsAt: (size: Size) => PlanInputs,
  upTo: readonly Size[],
  { recomputations, peaks }: SizedCandidate,
): Pick<SizedPlan, 'peakBytes' | 'overheadPercent'> {
  const simulated = upTo.map((size) => {
    const { step } = builtStepOf(recognised, inputsAt(size));
    const planned = simulate(step, compileSchedule(step, { ...keepEverything, recomputations }));
    const kept = simulate(step, compileSchedule(step, keepEverything));
    if (planned.peakBytes !== peaks.at(size))
      throw new HeadroomError(
        'check-failed',
        `At ${size.join('×')} the step takes ${planned.peakBytes} bytes, not ${peaks.at(size)}.`,
      );
    return { peakBytes: planned.peakBytes, percent: overheadPercent(planned.stepTimeMs, kept.stepTimeMs) };
  });
  return {
    peakBytes: simulated.map(({ peakBytes }) => peakBytes),
    overheadPercent: simulated.map(({ percent }) => percent),
  };
}

/** Recomputations by the names of their computations. */
export function namedRepeats({ nodeName }: StepGraph, recomputations: Int32Array): PlannedRecomputation[] {
  return Array.from({ length: recomputations.length / 2 }, (_, i) => ({
    before: nodeName[recomputations[2 * i]],
    operator: nodeName[recomputations[2 * i + 1]],
  }));
}
