import { HeadroomError } from '../../../base/errors';
import { formatMemory } from '../../../base/format';
import type { Rows } from '../../../step/stepGraph';
import type { PlacementProblem } from '../problem';

/** Stands for a device where a task has none yet: it then runs as fast as it can, and nothing waits for it. */
export const unplaced = 255;

/**
 * What all latency planners look up in a problem: inputs of each task, devices each group may have, and how early a task
 * can start and how much must follow it when transfers cost nothing.
 */
export class LatencyModel {
  readonly taskCount: number;
  readonly deviceCount: number;
  readonly groupCount: number;
  /** By task: indices into resultReaders.items. */
  readonly inputs: Rows;
  /** By entry of resultReaders.items. */
  readonly entryResult: Int32Array;
  /** By task. */
  readonly results: Rows;
  /** By task: the least duration on a device its group may have. */
  readonly fastestMs: Float64Array;
  /** By task: no schedule starts it earlier. */
  readonly headMs: Float64Array;
  /** By task: no schedule ends earlier than this after the task has ended. */
  readonly tailMs: Float64Array;
  /** By group: the devices it may have, ascending. */
  readonly allowed: readonly Uint8Array[];

  /** Throws 'infeasible', naming a task, where a group fits on no device or cannot run where it is pinned. */
  constructor(readonly problem: PlacementProblem) {
    const { taskCount, deviceCount, order, resultProducer, resultReaders, groups } = problem;
    if (deviceCount >= unplaced)
      throw new HeadroomError('limit-exceeded', `${deviceCount} devices, the limit is ${unplaced - 1}.`);
    this.taskCount = taskCount;
    this.deviceCount = deviceCount;
    this.groupCount = groups.offsets.length - 1;
    this.allowed = Array.from({ length: this.groupCount }, (_, group) => allowedDevices(problem, group));

    this.entryResult = new Int32Array(resultReaders.items.length);
    for (let result = 0; result < resultProducer.length; result++)
      this.entryResult.fill(result, resultReaders.offsets[result], resultReaders.offsets[result + 1]);
    this.inputs = rowsBy(resultReaders.items, taskCount);
    this.results = rowsBy(resultProducer, taskCount);

    this.fastestMs = new Float64Array(taskCount);
    for (let task = 0; task < taskCount; task++) {
      let least = Infinity;
      for (const device of this.allowed[problem.groupOf[task]])
        least = Math.min(least, problem.durationMs[device * taskCount + task]);
      this.fastestMs[task] = least;
    }
    this.headMs = new Float64Array(taskCount);
    this.tailMs = new Float64Array(taskCount);
    for (const task of order) {
      const end = this.headMs[task] + this.fastestMs[task];
      this.forEachReader(task, (reader) => {
        this.headMs[reader] = Math.max(this.headMs[reader], end);
      });
    }
    for (let at = taskCount - 1; at >= 0; at--) {
      const task = order[at];
      this.forEachReader(task, (reader) => {
        const rest = this.fastestMs[reader] + this.tailMs[reader];
        this.tailMs[task] = Math.max(this.tailMs[task], rest);
      });
    }
  }

  forEachReader(task: number, visit: (reader: number, entry: number) => void): void {
    const { resultReaders } = this.problem;
    for (let i = this.results.offsets[task]; i < this.results.offsets[task + 1]; i++) {
      const result = this.results.items[i];
      for (let entry = resultReaders.offsets[result]; entry < resultReaders.offsets[result + 1]; entry++)
        visit(resultReaders.items[entry], entry);
    }
  }

  /** Visits what makes the inputs of a task; inputs that are there from the start are left out. */
  forEachProducer(task: number, visit: (producer: number, entry: number) => void): void {
    for (let i = this.inputs.offsets[task]; i < this.inputs.offsets[task + 1]; i++) {
      const entry = this.inputs.items[i];
      const producer = this.problem.resultProducer[this.entryResult[entry]];
      if (producer >= 0) visit(producer, entry);
    }
  }

  /** Time from the end of the producer to the arrival at a reader's device when no channel is busy. */
  delayMs(entry: number, from: number, to: number): number {
    if (from === to) return 0;
    const { transfers, resultBytes } = this.problem;
    const result = this.entryResult[entry];
    if (transfers.kind === 'through-host')
      return (transfers.isAccelerator[from] + transfers.isAccelerator[to]) * transfers.resultMs[result];
    if (transfers.kind === 'listed')
      return transfers.entryMs[(entry * this.deviceCount + from) * this.deviceCount + to];
    const pair = from * this.deviceCount + to;
    return linkMs(transfers.latencyMs[pair], transfers.msPerByte[pair], resultBytes[result]);
  }

  /** Do things happen one after the other everywhere (listed transfers)? Otherwise devices run side by side. */
  get isSerial(): boolean {
    return this.problem.transfers.kind === 'listed';
  }

  /** Bytes over the limits of the devices; 0 for a placement that fits. */
  memoryExcess(placement: Uint8Array): number {
    const { memoryBytes, groupBytes } = this.problem;
    const used = new Float64Array(this.deviceCount);
    placement.forEach((device, group) => (used[device] += groupBytes[group]));
    return used.reduce((sum, bytes, device) => sum + Math.max(0, bytes - memoryBytes[device]), 0);
  }
}

/** Time of a transfer over a link; Infinity where there is no way, whatever the size. */
export function linkMs(latencyMs: number, msPerByte: number, bytes: number): number {
  return msPerByte === Infinity ? Infinity : latencyMs + bytes * msPerByte;
}

function allowedDevices(problem: PlacementProblem, group: number): Uint8Array {
  const { taskCount, deviceCount, taskName, deviceName, durationMs, groups, groupBytes, memoryBytes } =
    problem;
  const pinned = problem.pinnedDevice[group];
  const tasks = groups.items.subarray(groups.offsets[group], groups.offsets[group + 1]);
  const runs = (device: number): boolean =>
    tasks.every((task) => durationMs[device * taskCount + task] !== Infinity);
  const holds = (device: number): boolean => groupBytes[group] <= memoryBytes[device];
  const all = Array.from({ length: deviceCount }, (_, device) => device);
  const allowed = all.filter((device) => (pinned < 0 || pinned === device) && runs(device) && holds(device));
  if (allowed.length > 0) return Uint8Array.from(allowed);
  const name = taskName[tasks[0]];
  const where = pinned < 0 ? 'any device' : `${deviceName[pinned]}, where it is pinned`;
  const isTooLarge = (pinned < 0 ? all : [pinned]).some((device) => runs(device));
  const needs = `needs ${formatMemory(groupBytes[group])} with what shares its device`;
  const reason = isTooLarge ? `${needs} and does not fit on` : 'cannot run on';
  throw new HeadroomError('infeasible', `${name} ${reason} ${where}.`, undefined, { node: name });
}

/** For each of `count` keys the indices of `keys` that have it, in order; negative keys are left out. */
function rowsBy(keys: Int32Array, count: number): Rows {
  const offsets = new Int32Array(count + 1);
  for (const key of keys) if (key >= 0) offsets[key + 1]++;
  for (let key = 0; key < count; key++) offsets[key + 1] += offsets[key];
  const items = new Int32Array(offsets[count]);
  const next = offsets.slice();
  keys.forEach((key, index) => {
    if (key >= 0) items[next[key]++] = index;
  });
  return { offsets, items };
}
