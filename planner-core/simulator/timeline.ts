import type { StepGraph } from '../step/stepGraph';
import { bandNames, bandOfValue, bands, bandsOfInstances, type Band } from './bands';
import { deviceTimeline } from './deviceTimeline';
import { initialPlacement } from './initialPlacement';
import { Op, type Schedule } from './schedule';
import { overlaps } from './timing';

export { bandNames, bands, type Band };

/**
 * Memory of one device over a step: one sample a computation of any device, by the moment it begins; columns of equal
 * length.
 */
export interface Timeline {
  readonly device: number;
  readonly length: number;
  /** The node that runs; 1 in `again` where it runs for another time. */
  readonly node: Int32Array;
  readonly again: Uint8Array;
  /** The device it runs on. */
  readonly runsOn: Uint8Array;
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  /**
   * While the node runs; the sum of the bands, to the byte what the simulator counts. On several devices the highest
   * until the next sample begins.
   */
  readonly liveBytes: Float64Array;
  readonly bandBytes: Readonly<Record<Band, Float64Array>>;
  /** Transfers that touch the device. */
  readonly transfers: readonly {
    readonly value: number;
    /** Devices, or host memory. */
    readonly from: number;
    readonly to: number;
    readonly startMs: number;
    readonly endMs: number;
    readonly in: boolean;
  }[];
}

/**
 * Splits what the simulator counts into bands. An activation is "kept" while the instance in memory is the one of the
 * forward pass and backward still reads it, "recomputed" when it was computed again, else "temporary".
 */
export function timelineOf(step: StepGraph, schedule: Schedule, device = 0): Timeline {
  if (overlaps(step, schedule)) return deviceTimeline(step, schedule, device);
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

  const current = new Float64Array(bands.length);
  const bandWhereThere = new Int8Array(step.valueCount).fill(-1);
  const there = (value: number, band: number): void => {
    if (bandWhereThere[value] >= 0) return;
    bandWhereThere[value] = band;
    current[band] += step.valueBytes[value];
  };
  initialPlacement(step, schedule).forEach((where, value) => {
    if (where === device) there(value, bandOfValue(step, value));
  });

  const ran = new Uint8Array(step.nodeCount);
  const temporary = bands.indexOf('temporary');
  let clockMs = 0;
  let sample = 0;
  for (let entry = 0; entry < schedule.length; entry++) {
    const subject = schedule.subject[entry];
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
        there(value, keptByEntry.get(entry)?.get(value) ?? bandOfValue(step, value));
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
      current[bandWhereThere[subject]] -= step.valueBytes[subject];
      bandWhereThere[subject] = -1;
    }
  }
  const runsOn = new Uint8Array(computeCount);
  return {
    device,
    length: computeCount,
    node,
    again,
    runsOn,
    startMs,
    endMs,
    liveBytes,
    bandBytes,
    transfers: [],
  };
}
