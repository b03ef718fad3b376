import type { StepGraph } from '../step/stepGraph';
import { bandOfCopy, bandOfValue, bandsOfInstances } from './bands';
import { initialPlacement } from './initialPlacement';
import { Op, hostMemory, type Schedule } from './schedule';

/**
 * Every stay of a tensor in the memory of one device, as columns of equal length, in the order in which the stays begin.
 * A tensor that is dropped and made again has several.
 */
export interface TensorLives {
  readonly count: number;
  readonly value: Int32Array;
  /** Index into `bands`. */
  readonly band: Uint8Array;
  /** First and last sample of the device's timeline while which it is there. */
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/**
 * The stays that the bands of `timelineOf` are made of: at every sample the bytes of a band are those of its stays, and for
 * 'temporary' also the workspace of what runs. For steps on one device without transfers,
 * whose samples are its computations; with transfers stays are those of the schedule's order. O(schedule).
 */
export function tensorLives(step: StepGraph, schedule: Schedule, device = 0): TensorLives {
  const instanceBands = bandsOfInstances(step, schedule);
  const value: number[] = [];
  const band: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  const current = new Int32Array(step.valueCount).fill(-1);
  let sample = 0;
  const begin = (of: number, inBand: number): void => {
    if (current[of] >= 0) return;
    current[of] = value.length;
    value.push(of);
    band.push(inBand);
    from.push(sample);
    to.push(-1);
  };
  initialPlacement(step, schedule).forEach((where, of) => {
    if (where === device) begin(of, bandOfValue(step, of));
  });
  for (let entry = 0; entry < schedule.length; entry++) {
    const subject = schedule.subject[entry];
    const source = schedule.from[entry];
    const target = schedule.to[entry];
    if (schedule.op[entry] === Op.compute) {
      const { offsets, items } = step.outputs;
      for (let i = offsets[subject]; target === device && i < offsets[subject + 1]; i++) {
        begin(items[i], instanceBands.get(entry)?.get(items[i]) ?? bandOfValue(step, items[i]));
      }
      sample++;
    } else if (schedule.op[entry] === Op.free) {
      if (source !== device) continue;
      to[current[subject]] = sample - 1;
      current[subject] = -1;
    } else if (target === device) {
      begin(subject, bandOfCopy(step, subject, source === hostMemory));
    }
  }
  for (const life of current) if (life >= 0) to[life] = sample - 1;
  return seen({ value, band, from, to });
}

type Columns = Readonly<Record<'value' | 'band' | 'from' | 'to', readonly number[]>>;

/** Without the stays that no sample sees. */
function seen({ value, band, from, to }: Columns): TensorLives {
  const isSeen = (life: number): boolean => to[life] >= from[life];
  let count = 0;
  for (let life = 0; life < value.length; life++) if (isSeen(life)) count++;
  const kept = {
    value: new Int32Array(count),
    band: new Uint8Array(count),
    from: new Int32Array(count),
    to: new Int32Array(count),
  };
  for (let life = 0, at = 0; life < value.length; life++) {
    if (!isSeen(life)) continue;
    kept.value[at] = value[life];
    kept.band[at] = band[life];
    kept.from[at] = from[life];
    kept.to[at++] = to[life];
  }
  return { count, ...kept };
}
