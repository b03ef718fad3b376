import type { PlanInputs } from '../plan/planInputs';
import type { PlanningProblem } from '../planners/problem';
import { offloadMeansOf } from './offload/offloadMeansOf';
import { hintedDecisions } from './fileHints';
import type { StepState } from './stepState';

/** What planners are asked about a step: everything runs on the first device, or where the file places it. */
export function planningProblem(
  { graph, built: { step }, layers, hints }: StepState,
  inputs: PlanInputs,
): PlanningProblem {
  const hinted = hints ? hintedDecisions(step, layers, hints, inputs.pins) : [];
  return {
    ...{ step, layers, pins: [...inputs.pins, ...hinted] },
    offload: inputs.offload && {
      memoryBytes: inputs.offload.memoryBytes ?? Infinity,
      meansOf: offloadMeansOf({ graph, step, layers }),
    },
  };
}
