import type { Placement } from '../problem';
import { latencyWindows, type LatencyWindows } from '../bounds/latencyWindows';
import { linkMs, unplaced, type LatencyModel } from './latencyModel';

/** Which task is placed next. */
export type TaskPriority =
  /** The order of the problem. */
  | 'given'
  /** The longest way to the end at mean times (HEFT, Topcuoglu, Hariri and Wu, IEEE TPDS 2002). */
  | 'mean-rank'
  /** The same at the fastest times, without transfers. */
  | 'fastest-rank'
  /** The same with the slowest devices and transfers. */
  | 'slowest-rank'
  /** The mean over devices of the optimistic way to the end (PEFT, Arabnejad and Barbosa, IEEE TPDS 2014). */
  | 'optimistic-rank';

/** A placement, and the sequence in which its tasks start. */
export interface ListedPlacement {
  readonly placement: Placement;
  readonly sequence: Int32Array;
}

export interface ListRule {
  readonly priority: TaskPriority;
  /** Judge a device by the end of the task plus the optimistic way from there (PEFT) rather than by its end alone. */
  readonly looksAhead: boolean;
}

/**
 * List scheduling onto the device where a task ends first, in gaps between tasks where it fits (not with 'given'
 * priority, whose order is kept). A group goes where its first task goes; what its other tasks lose there counts too.
 * Devices that are full are left out; where all are, memory is exceeded: the caller repairs that.
 */
export function listPlacement(
  model: LatencyModel,
  rule: ListRule,
  windows?: LatencyWindows,
): ListedPlacement {
  return new ListPlacement(model, rule, windows ?? latencyWindows(model)).run();
}

class ListPlacement {
  private readonly placement: Placement;
  private readonly startMs: Float64Array;
  private readonly endMs: Float64Array;
  private readonly usedBytes: Float64Array;
  /** By device: [start, end] of its tasks, ascending. */
  private readonly busy: [number, number][][];
  private readonly channelFreeMs = new Map<number, number>();
  private readonly arrivals = new Map<number, number>();

  constructor(
    private readonly model: LatencyModel,
    private readonly rule: ListRule,
    private readonly windows: LatencyWindows,
  ) {
    this.placement = new Uint8Array(model.groupCount).fill(unplaced);
    this.startMs = new Float64Array(model.taskCount);
    this.endMs = new Float64Array(model.taskCount);
    this.usedBytes = new Float64Array(model.deviceCount);
    this.busy = Array.from({ length: model.deviceCount }, () => []);
  }

  run(): ListedPlacement {
    const { model, placement, usedBytes, startMs } = this;
    const { problem, taskCount } = model;
    const sequence = prioritySequence(model, this.rule.priority, this.windows);
    for (const task of sequence) {
      const group = problem.groupOf[task];
      if (placement[group] === unplaced) {
        const device = this.bestDevice(task);
        placement[group] = device;
        usedBytes[device] += problem.groupBytes[group];
      }
      const device = placement[group];
      const ms = problem.durationMs[device * taskCount + task];
      const start = this.gapFrom(device, this.arrivalMs(task, device, true), ms);
      startMs[task] = start;
      this.endMs[task] = start + ms;
      this.occupy(device, start, start + ms);
    }
    if (this.rule.priority === 'given') return { placement, sequence };
    const position = new Int32Array(taskCount);
    sequence.forEach((task, at) => (position[task] = at));
    // By start; what takes no time stays after what it reads.
    const started = sequence.slice().sort((a, b) => startMs[a] - startMs[b] || position[a] - position[b]);
    return { placement, sequence: started };
  }

  private bestDevice(task: number): number {
    const { model, usedBytes, windows } = this;
    const { problem, deviceCount, taskCount } = model;
    const group = problem.groupOf[task];
    const bytes = problem.groupBytes[group];
    const all = model.allowed[group];
    const roomy = all.filter((device) => usedBytes[device] + bytes <= problem.memoryBytes[device]);
    if (roomy.length === 0) return all.reduce((a, b) => (this.roomOf(b) > this.roomOf(a) ? b : a));
    let least = Infinity;
    let best = roomy[0];
    for (const device of roomy) {
      const ms = problem.durationMs[device * taskCount + task];
      let cost = this.gapFrom(device, this.arrivalMs(task, device, false), ms) + ms;
      if (this.rule.looksAhead) cost += windows.tailMs[task * deviceCount + device];
      for (let i = problem.groups.offsets[group]; i < problem.groups.offsets[group + 1]; i++) {
        const other = problem.groups.items[i];
        if (other !== task) cost += problem.durationMs[device * taskCount + other] - model.fastestMs[other];
      }
      if (cost >= least) continue;
      least = cost;
      best = device;
    }
    return best;
  }

  private roomOf(device: number): number {
    return this.model.problem.memoryBytes[device] - this.usedBytes[device];
  }

  /** When the inputs of a task are on a device; `isDecided` sends them there. */
  private arrivalMs(task: number, device: number, isDecided: boolean): number {
    const { model, endMs, placement } = this;
    const { transfers, groupOf, resultBytes } = model.problem;
    let latest = 0;
    model.forEachProducer(task, (producer, entry) => {
      const from = placement[groupOf[producer]];
      let arrival = endMs[producer];
      if (from !== device && transfers.kind !== 'links') arrival += model.delayMs(entry, from, device);
      else if (from !== device && transfers.kind === 'links') {
        const result = model.entryResult[entry];
        const key = result * model.deviceCount + device;
        const known = this.arrivals.get(key);
        if (known !== undefined) arrival = known;
        else {
          const pair = from * model.deviceCount + device;
          const channel = transfers.channel[pair];
          const start = Math.max(arrival, this.channelFreeMs.get(channel) ?? 0);
          arrival = start + linkMs(transfers.latencyMs[pair], transfers.msPerByte[pair], resultBytes[result]);
          if (isDecided) {
            this.arrivals.set(key, arrival);
            this.channelFreeMs.set(channel, arrival);
          }
        }
      }
      latest = Math.max(latest, arrival);
    });
    return latest;
  }

  /** The first time from `readyMs` on at which a device is free for so long. */
  private gapFrom(device: number, readyMs: number, durationMs: number): number {
    const busy = this.busy[device];
    if (this.rule.priority === 'given')
      return Math.max(readyMs, busy.length > 0 ? busy[busy.length - 1][1] : 0);
    let start = readyMs;
    // From the last task back to the first that ends after the inputs are there.
    let first = busy.length;
    while (first > 0 && busy[first - 1][1] > readyMs) first--;
    for (let i = first; i < busy.length && start + durationMs > busy[i][0]; i++)
      start = Math.max(start, busy[i][1]);
    return start;
  }

  private occupy(device: number, startMs: number, endMs: number): void {
    const busy = this.busy[device];
    let at = busy.length;
    while (at > 0 && busy[at - 1][0] > startMs) at--;
    busy.splice(at, 0, [startMs, endMs]);
  }
}

/** The tasks by falling priority; a task never comes before one that it reads from. */
function prioritySequence(model: LatencyModel, priority: TaskPriority, windows: LatencyWindows): Int32Array {
  const { problem, taskCount } = model;
  if (priority === 'given') return problem.order.slice();
  const rank = new Float64Array(taskCount);
  for (let at = taskCount - 1; at >= 0; at--) {
    const task = problem.order[at];
    if (priority === 'optimistic-rank') rank[task] = meanOptimistic(model, task, windows);
    let rest = 0;
    model.forEachReader(task, (reader, entry) => {
      const link = priority === 'fastest-rank' ? 0 : transferMs(model, task, reader, entry, priority);
      rest = Math.max(rest, rank[reader] + (priority === 'optimistic-rank' ? 0 : link));
    });
    if (priority === 'optimistic-rank') rank[task] = Math.max(rank[task], rest);
    else rank[task] = rest + durationOf(model, task, priority);
  }
  const position = new Int32Array(taskCount);
  problem.order.forEach((task, at) => (position[task] = at));
  return problem.order.slice().sort((a, b) => rank[b] - rank[a] || position[a] - position[b]);
}

function durationOf(model: LatencyModel, task: number, priority: TaskPriority): number {
  const { problem, taskCount, fastestMs } = model;
  if (priority === 'fastest-rank') return fastestMs[task];
  const devices = model.allowed[problem.groupOf[task]];
  let sum = 0;
  let most = 0;
  for (const device of devices) {
    const ms = problem.durationMs[device * taskCount + task];
    sum += ms;
    most = Math.max(most, ms);
  }
  return priority === 'slowest-rank' ? most : sum / devices.length;
}

/** Of a result between the devices of two tasks: the mean over pairs, or the most. */
function transferMs(
  model: LatencyModel,
  producer: number,
  reader: number,
  entry: number,
  priority: TaskPriority,
): number {
  const { groupOf } = model.problem;
  let sum = 0;
  let most = 0;
  let pairs = 0;
  for (const from of model.allowed[groupOf[producer]]) {
    for (const to of model.allowed[groupOf[reader]]) {
      const ms = model.delayMs(entry, from, to);
      if (ms === Infinity) continue;
      sum += ms;
      most = Math.max(most, ms);
      pairs++;
    }
  }
  if (pairs === 0) return 0;
  return priority === 'slowest-rank' ? most : sum / pairs;
}

function meanOptimistic(model: LatencyModel, task: number, { tailMs }: LatencyWindows): number {
  const { problem, taskCount, deviceCount } = model;
  const devices = model.allowed[problem.groupOf[task]];
  let sum = 0;
  for (const device of devices)
    sum += tailMs[task * deviceCount + device] + problem.durationMs[device * taskCount + task];
  return sum / devices.length;
}
