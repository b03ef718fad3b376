import { ValueKind, type StepGraph } from '../../step/stepGraph';

const kinds: readonly number[] = [
  ValueKind.activation,
  ValueKind.parameter,
  ValueKind.optimizerState,
  ValueKind.parameterGradient,
];

/** Values of the kinds that planners send away, ascending; a superset of what is worth it. */
export function mayLeave(step: StepGraph): Int32Array {
  const values = Array.from({ length: step.valueCount }, (_, value) => value);
  return Int32Array.from(values.filter((value) => kinds.includes(step.valueKind[value])));
}
