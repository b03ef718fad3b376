import { Phase, ValueKind, type StepGraph } from '../step/stepGraph';
import { initialPlacement } from './initialPlacement';
import { Op, hostMemory, type Schedule } from './schedule';
import { transferTimeMs } from './simulate';

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
  parameters: 'parameters',
  optimizerState: 'optimizer state',
  gradients: 'gradients',
  inputs: 'inputs',
  kept: 'kept activations',
  recomputed: 'recomputed',
  temporary: 'temporary',
};

/** Memory of one device over a step: one sample a computation, columns of equal length. */
export interface Timeline {
  readonly device: number;
  readonly length: number;
  /** The node that runs; 1 in `again` where it runs for another time. */
  readonly node: Int32Array;
  readonly again: Uint8Array;
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  /** While the node runs; the sum of the bands, to the byte what the simulator counts. */
  readonly liveBytes: Float64Array;
  readonly bandBytes: Readonly<Record<Band, Float64Array>>;
  /** Transfers that touch the device. */
  readonly transfers: readonly {
    readonly value: number;
    readonly startMs: number;
    readonly endMs: number;
    readonly in: boolean;
  }[];
}

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

/**
 * Splits what the simulator counts into bands. An activation is "kept" while the instance in memory is the one of the
 * forward pass and backward still reads it, "recomputed" when it was computed again, else "temporary".
 */
export function timelineOf(step: StepGraph, schedule: Schedule, device = 0): Timeline {
  const keptByEntry = bandsOfInstances(step, schedule);
  const computeCount = schedule.op.reduce((count, op) => count + (op === Op.compute ? 1 : 0), 0);
  const node = new Int32Array(computeCount);
  const again = new Uint8Array(computeCount);
  const startMs = new Float64Array(computeCount);
  const endMs = new Float64Array(computeCount);
  const liveBytes = new Float64Array(computeCount);
  const bandBytes = Object.fromEntries(bands.map((band) => [band, new Float64Array(computeCount)])) as Record<
    Band,
    Float64Array
  >;
  const transfers: { value: number; startMs: number; endMs: number; in: boolean }[] = [];

  const current = new Float64Array(bands.length);
  const bandOfValue = new Int8Array(step.valueCount).fill(-1);
  const there = (value: number, band: number): void => {
    if (bandOfValue[value] >= 0) return;
    bandOfValue[value] = band;
    current[band] += step.valueBytes[value];
  };
  initialPlacement(step, schedule).forEach((where, value) => {
    if (where === device) there(value, bands.indexOf(bandOfKind[step.valueKind[value] as ValueKind]));
  });

  const ran = new Uint8Array(step.nodeCount);
  const temporary = bands.indexOf('temporary');
  let clockMs = 0;
  let sample = 0;
  for (let entry = 0; entry < schedule.length; entry++) {
    const subject = schedule.subject[entry];
    const { [entry]: from } = schedule.from;
    const { [entry]: to } = schedule.to;
    if (schedule.op[entry] === Op.compute) {
      const begin = clockMs;
      clockMs += step.durationMs[to * step.nodeCount + subject];
      for (
        let i = step.outputs.offsets[subject];
        to === device && i < step.outputs.offsets[subject + 1];
        i++
      ) {
        const value = step.outputs.items[i];
        there(
          value,
          keptByEntry.get(entry)?.get(value) ?? bands.indexOf(bandOfKind[step.valueKind[value] as ValueKind]),
        );
      }
      node[sample] = subject;
      again[sample] = ran[subject];
      ran[subject] = 1;
      startMs[sample] = begin;
      endMs[sample] = clockMs;
      for (let band = 0; band < bands.length; band++) {
        const workspace = band === temporary && to === device ? step.workspaceBytes[subject] : 0;
        const bytes = current[band] + workspace;
        bandBytes[bands[band]][sample] = bytes;
        liveBytes[sample] += bytes;
      }
      sample++;
    } else if (schedule.op[entry] === Op.free) {
      if (from !== device) continue;
      current[bandOfValue[subject]] -= step.valueBytes[subject];
      bandOfValue[subject] = -1;
    } else {
      const begin = clockMs;
      clockMs += transferTimeMs(step, subject, from, to);
      if (from === device || to === device) {
        transfers.push({ value: subject, startMs: begin, endMs: clockMs, in: to === device });
      }
      if (to === device) {
        const fetched = from === hostMemory || step.valueKind[subject] === ValueKind.activation;
        there(
          subject,
          fetched ? bands.indexOf('kept') : bands.indexOf(bandOfKind[step.valueKind[subject] as ValueKind]),
        );
      }
    }
  }
  return { device, length: computeCount, node, again, startMs, endMs, liveBytes, bandBytes, transfers };
}

/** For compute entries that produce activations backward reads: the band of each such output. */
function bandsOfInstances(step: StepGraph, schedule: Schedule): Map<number, Map<number, number>> {
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
