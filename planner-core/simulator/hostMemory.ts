import type { StepGraph } from '../step/stepGraph';
import { initialPlacement } from './initialPlacement';
import { Op, hostMemory, type Schedule } from './schedule';
import type { Timing } from './timing';

/** Memory in use where offloaded values go: from `ms[i]` on it is `bytes[i]`. */
export interface HostMemory {
  readonly ms: Float64Array;
  readonly bytes: Float64Array;
  readonly peakBytes: number;
}

/**
 * A value takes room in host memory from the start of its first transfer there until the end of its last one back; for
 * ever where it stays: where it is between steps, and where nothing fetches it again.
 */
export function hostMemoryOverTime(step: StepGraph, schedule: Schedule, timing: Timing): HostMemory {
  const from = new Float64Array(step.valueCount).fill(-1);
  const until = new Float64Array(step.valueCount).fill(Infinity);
  const homes = initialPlacement(step, schedule);
  for (let entry = 0; entry < schedule.length; entry++) {
    if (schedule.op[entry] !== Op.copy) continue;
    const value = schedule.subject[entry];
    if (step.residentAtStart[value] && homes[value] < 0) from[value] = 0;
    else if (schedule.to[entry] === hostMemory) {
      if (from[value] < 0) from[value] = timing.startMs[entry];
      until[value] = Infinity;
    } else if (schedule.from[entry] === hostMemory) until[value] = timing.endMs[entry];
  }
  const changes: { ms: number; bytes: number }[] = [];
  for (let value = 0; value < step.valueCount; value++) {
    if (from[value] < 0) continue;
    changes.push({ ms: from[value], bytes: step.valueBytes[value] });
    if (until[value] < Infinity) changes.push({ ms: until[value], bytes: -step.valueBytes[value] });
  }
  // What leaves at a moment makes room for what comes then.
  changes.sort((a, b) => a.ms - b.ms || a.bytes - b.bytes);
  const ms: number[] = [];
  const bytes: number[] = [];
  let now = 0;
  for (const change of changes) {
    now += change.bytes;
    if (ms[ms.length - 1] === change.ms) bytes[bytes.length - 1] = now;
    else {
      ms.push(change.ms);
      bytes.push(now);
    }
  }
  const peakBytes = bytes.reduce((highest, sum) => Math.max(highest, sum), 0);
  return { ms: Float64Array.from(ms), bytes: Float64Array.from(bytes), peakBytes };
}
