import { hasDenominator, updateImplementation } from '../step/optimizerMemory';
import { pytorchVersionOf } from '../operators/pytorchVersion';
import { ValueKind, type StepGraph } from '../step/stepGraph';
import type { Workload } from '../step/workload';

/** Bytes of Adam's step counter, a tensor on the device under the fused update only. */
const counterBytes = 4;

/** The tensors a value consists of: Adam's state is one value in a step, but two moments (and a counter) to PyTorch. */
export function stateTensors(
  step: StepGraph,
  workload: Workload,
  producer: string,
): ((value: number) => readonly number[]) | undefined {
  if (workload.mode === 'inference' || !hasDenominator(workload.optimizer)) return undefined;
  const isFused = updateImplementation(workload, pytorchVersionOf(producer)) === 'fused';
  const counter = isFused ? counterBytes : 0;
  return (value) => {
    const bytes = step.valueBytes[value];
    if (step.valueKind[value] !== ValueKind.optimizerState || bytes <= counter) return [bytes];
    const moment = (bytes - counter) / 2;
    return counter > 0 ? [moment, moment, counter] : [moment, moment];
  };
}
