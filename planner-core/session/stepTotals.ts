import { bytesOfMarked, keptValues } from '../simulator/keptValues';
import { keepEverything } from '../simulator/schedule';
import type { BuiltStep } from '../step/buildStep';
import { ValueKind, type StepGraph } from '../step/stepGraph';
import type { StepTotals } from './types';

export function stepTotals(built: BuiltStep): StepTotals {
  const { step, records } = built;
  const bytes = (kind: ValueKind): number => sumOfKind(step, kind);
  return {
    parameterBytes: bytes(ValueKind.parameter),
    gradientBytes: bytes(ValueKind.parameterGradient),
    optimizerBytes: bytes(ValueKind.optimizerState),
    bufferBytes: bytes(ValueKind.buffer),
    inputBytes: sumOfKind(step, ValueKind.input, (value) => step.residentAtStart[value] === 1),
    savedBytes: bytesOfMarked(step, keptValues(step, keepEverything)),
    macs: records.reduce((sum, record) => sum + record.macs, 0),
    trafficBytes: records.reduce((sum, { node }) => sum + (node < 0 ? 0 : step.trafficBytes[node]), 0),
  };
}

function sumOfKind(
  step: StepGraph,
  kind: ValueKind,
  counts: (value: number) => boolean = () => true,
): number {
  let sum = 0;
  for (let value = 0; value < step.valueCount; value++) {
    if (step.valueKind[value] === kind && counts(value)) sum += step.valueBytes[value];
  }
  return sum;
}
