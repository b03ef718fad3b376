import type { BuiltStep } from '../step/buildStep';
import { Phase, ValueKind, type StepGraph } from '../step/stepGraph';

/** Sums over a step, by the conventions of PyTorch's own accounting. */
export interface StepTotals {
  readonly parameterBytes: number;
  readonly gradientBytes: number;
  readonly optimizerBytes: number;
  readonly bufferBytes: number;
  /** Model inputs and loss targets. */
  readonly inputBytes: number;
  /** Unique storages kept for backward, without parameters, buffers, inputs and targets. */
  readonly savedBytes: number;
  readonly macs: number;
}

export function stepTotals(built: BuiltStep): StepTotals {
  const { step, records } = built;
  const bytes = (kind: ValueKind): number => sumOfKind(step, kind);
  return {
    parameterBytes: bytes(ValueKind.parameter),
    gradientBytes: bytes(ValueKind.parameterGradient),
    optimizerBytes: bytes(ValueKind.optimizerState),
    bufferBytes: bytes(ValueKind.buffer),
    inputBytes: bytes(ValueKind.input),
    savedBytes: keptBytes(step),
    macs: records.reduce((sum, record) => sum + record.macs, 0),
  };
}

function sumOfKind(step: StepGraph, kind: ValueKind): number {
  let sum = 0;
  for (let value = 0; value < step.valueCount; value++) {
    if (step.valueKind[value] === kind) sum += step.valueBytes[value];
  }
  return sum;
}

/** Bytes of activations that backward nodes read when everything is kept: the loss' own included. */
function keptBytes(step: StepGraph): number {
  const counted = new Uint8Array(step.valueCount);
  let sum = 0;
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] < Phase.backward) continue;
    for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
      const value = step.inputs.items[i];
      if (counted[value] || step.valueKind[value] !== ValueKind.activation) continue;
      counted[value] = 1;
      sum += step.valueBytes[value];
    }
  }
  return sum;
}
