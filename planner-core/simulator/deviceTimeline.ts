import type { StepGraph } from '../step/stepGraph';
import { bandOfCopy, bandOfValue, bands, bandsOfInstances, type Band } from './bands';
import { initialPlacement } from './initialPlacement';
import { memoryEvents } from './memoryEvents';
import { Op, hostMemory, type Schedule } from './schedule';
import type { Timeline } from './timeline';
import { timeSchedule } from './timing';

/** The timeline of one of several devices, which compute and transfer at once. */
export function deviceTimeline(step: StepGraph, schedule: Schedule, device: number): Timeline {
  const timing = timeSchedule(step, schedule);
  const events = memoryEvents(step, schedule, timing);
  const keptByEntry = bandsOfInstances(step, schedule);
  const samples = computationsByStart(schedule, timing.startMs);
  const { length } = samples;
  const liveBytes = new Float64Array(length);
  const bandBytes = Object.fromEntries(bands.map((band) => [band, new Float64Array(length)])) as Record<
    Band,
    Float64Array
  >;

  const current = new Float64Array(bands.length);
  const bandWhereThere = new Int8Array(step.valueCount);
  const put = (value: number, band: number): number => (bandWhereThere[value] = band);
  initialPlacement(step, schedule).forEach((where, value) => {
    if (where === device) current[put(value, bandOfValue(step, value))] += step.valueBytes[value];
  });
  const bandOfEvent = (entry: number, value: number): number => {
    if (value < 0) return bands.indexOf('temporary');
    switch (schedule.op[entry]) {
      case Op.free:
        return bandWhereThere[value];
      case Op.copy:
        return put(value, bandOfCopy(step, value, schedule.from[entry] === hostMemory));
      default:
        return put(value, keptByEntry.get(entry)?.get(value) ?? bandOfValue(step, value));
    }
  };
  let sample = -1;
  const look = (at: number): void => {
    let sum = 0;
    for (const bytes of current) sum += bytes;
    if (sum < liveBytes[at]) return;
    liveBytes[at] = sum;
    bands.forEach((band, i) => (bandBytes[band][at] = current[i]));
  };
  for (let i = 0; i < events.length; i++) {
    const { [i]: entry } = events.entry;
    const begins = sample + 1 < length && samples[sample + 1] === entry;
    if (begins) {
      sample++;
      // Where the computation runs, its own memory is part of the moment.
      if (schedule.to[entry] !== device) look(sample);
    }
    if (events.device[i] !== device) continue;
    current[bandOfEvent(entry, events.value[i])] += events.bytes[i];
    look(Math.max(0, sample));
  }
  return {
    ...{ device, length, liveBytes, bandBytes },
    node: Int32Array.from(samples, (entry) => schedule.subject[entry]),
    again: repeats(schedule, samples),
    runsOn: Uint8Array.from(samples, (entry) => schedule.to[entry]),
    startMs: Float64Array.from(samples, (entry) => timing.startMs[entry]),
    endMs: Float64Array.from(samples, (entry) => timing.endMs[entry]),
    transfers: transfersOf(schedule, device, timing.startMs, timing.endMs),
  };
}

/** Compute entries by the moment they begin; at one moment in the order of the schedule. */
function computationsByStart(schedule: Schedule, startMs: Float64Array): Int32Array {
  const entries: number[] = [];
  for (let entry = 0; entry < schedule.length; entry++)
    if (schedule.op[entry] === Op.compute) entries.push(entry);
  return Int32Array.from(entries).sort((a, b) => startMs[a] - startMs[b] || a - b);
}

/** By sample: 1 where the schedule computes the node for another time. */
function repeats(schedule: Schedule, samples: Int32Array): Uint8Array {
  const again = new Uint8Array(schedule.length);
  const ran = new Set<number>();
  for (let entry = 0; entry < schedule.length; entry++) {
    if (schedule.op[entry] !== Op.compute) continue;
    again[entry] = Number(ran.has(schedule.subject[entry]));
    ran.add(schedule.subject[entry]);
  }
  return Uint8Array.from(samples, (entry) => again[entry]);
}

function transfersOf(
  { length, op, subject, from, to }: Schedule,
  device: number,
  startMs: Float64Array,
  endMs: Float64Array,
): Timeline['transfers'] {
  const transfers: Timeline['transfers'][number][] = [];
  for (let entry = 0; entry < length; entry++) {
    if (op[entry] !== Op.copy || (from[entry] !== device && to[entry] !== device)) continue;
    transfers.push({
      ...{ value: subject[entry], from: from[entry], to: to[entry], in: to[entry] === device },
      ...{ startMs: startMs[entry], endMs: endMs[entry] },
    });
  }
  return transfers.sort((a, b) => a.startMs - b.startMs);
}
