import { HeadroomError } from '../../base/errors';
import type { PlanInputs } from '../../plan/planInputs';
import type { PlannedRecomputation } from '../../plan/plan';
import type { Size, SizedPlan } from '../../plan/sizePlan';
import { directivesOfPaged } from '../../planners/input-sizes/pagedCandidate';
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
 * where that is not the peak the plan was chosen by, or, where transfers decide when memory is free, over the budget, which would be a defect.
 */
export function verified(
  recognised: RecognisedGraph,
  inputsAt: (size: Size) => PlanInputs,
  upTo: readonly Size[],
  budgetBytes: number,
  { recomputations, peaks, paged }: SizedCandidate,
): Pick<SizedPlan, 'peakBytes' | 'overheadPercent' | 'offloadPeakBytes'> {
  const simulated = upTo.map((size) => {
    const { step } = builtStepOf(recognised, inputsAt(size));
    const directives = directivesOfPaged(recomputations, paged?.paging);
    const planned = simulate(step, compileSchedule(step, directives));
    const kept = simulate(step, compileSchedule(step, keepEverything));
    const isAsChosen = paged ? planned.peakBytes <= budgetBytes : planned.peakBytes === peaks.at(size);
    if (!isAsChosen)
      throw new HeadroomError(
        'check-failed',
        `At ${size.join('×')} the step takes ${planned.peakBytes} bytes, not ${peaks.at(size)}.`,
      );
    return {
      peakBytes: planned.peakBytes,
      percent: overheadPercent(planned.stepTimeMs, kept.stepTimeMs),
      hostPeakBytes: planned.hostPeakBytes,
    };
  });
  return {
    peakBytes: simulated.map(({ peakBytes }) => peakBytes),
    overheadPercent: simulated.map(({ percent }) => percent),
    ...(paged ? { offloadPeakBytes: simulated.map(({ hostPeakBytes }) => hostPeakBytes) } : {}),
  };
}

/** Recomputations by the names of their computations. */
export function namedRepeats({ nodeName }: StepGraph, recomputations: Int32Array): PlannedRecomputation[] {
  return Array.from({ length: recomputations.length / 2 }, (_, i) => ({
    before: nodeName[recomputations[2 * i]],
    operator: nodeName[recomputations[2 * i + 1]],
  }));
}
