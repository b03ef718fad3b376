import { Phase, ValueKind, type StepGraph } from '../step/stepGraph';
import { Op, type Schedule } from './schedule';

/** Bands of the memory timeline, bottom to top. */
export const bands = [
  'parameters',
  'optimizerState',
  'gradients',
  'inputs',
  'kept',
  'recomputed',
  'temporary',
] as const;
export type Band = (typeof bands)[number];

/** What people read for the bands. */
export const bandNames: Readonly<Record<Band, string>> = {
  parameters: 'parameters and buffers',
  optimizerState: 'optimizer state',
  gradients: 'gradients',
  inputs: 'inputs',
  kept: 'kept activations',
  recomputed: 'recomputed',
  temporary: 'temporary',
};

const bandOfKind: Readonly<Record<ValueKind, Band>> = {
  [ValueKind.parameter]: 'parameters',
  [ValueKind.buffer]: 'parameters',
  [ValueKind.input]: 'inputs',
  [ValueKind.optimizerState]: 'optimizerState',
  [ValueKind.parameterGradient]: 'gradients',
  [ValueKind.activation]: 'temporary',
  [ValueKind.activationGradient]: 'temporary',
  [ValueKind.temporary]: 'temporary',
};

/** Index of the band a value is in where nothing else is known of it. */
export const bandOfValue = (step: StepGraph, value: number): number =>
  bands.indexOf(bandOfKind[step.valueKind[value] as ValueKind]);

/** Index of the band a value is in once it has been copied from another device or from host memory. */
export const bandOfCopy = (step: StepGraph, value: number, isFetched: boolean): number =>
  isFetched || step.valueKind[value] === ValueKind.activation
    ? bands.indexOf('kept')
    : bandOfValue(step, value);

/**
 * An activation is "kept" while the instance in memory is the one of the forward pass and backward still reads it,
 * "recomputed" when it was computed again: for compute entries that produce activations backward reads: the band of each such output.
 */
export function bandsOfInstances(step: StepGraph, schedule: Schedule): Map<number, Map<number, number>> {
  const kept = bands.indexOf('kept');
  const recomputed = bands.indexOf('recomputed');
  const result = new Map<number, Map<number, number>>();
  const usedByBackward = new Uint8Array(step.valueCount);
  const ranBefore = new Uint8Array(step.nodeCount);
  const repeats = new Uint8Array(schedule.length);
  for (let entry = 0; entry < schedule.length; entry++) {
    if (schedule.op[entry] !== Op.compute) continue;
    repeats[entry] = ranBefore[schedule.subject[entry]];
    ranBefore[schedule.subject[entry]] = 1;
  }
  for (let entry = schedule.length - 1; entry >= 0; entry--) {
    if (schedule.op[entry] !== Op.compute) continue;
    const node = schedule.subject[entry];
    for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
      const value = step.outputs.items[i];
      if (step.valueKind[value] !== ValueKind.activation) continue;
      if (repeats[entry] || usedByBackward[value]) {
        if (!result.has(entry)) result.set(entry, new Map());
        result.get(entry)!.set(value, repeats[entry] ? recomputed : kept);
      }
      if (!step.residentAtEnd[value]) usedByBackward[value] = 0;
    }
    if (step.nodePhase[node] < Phase.backward && !repeats[entry]) continue;
    for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
      usedByBackward[step.inputs.items[i]] = 1;
    }
  }
  return result;
}
