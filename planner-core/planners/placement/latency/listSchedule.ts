import { linkMs, unplaced, type LatencyModel } from './latencyModel';

/** Times of a schedule, by position in its sequence. */
interface Times {
  readonly finishMs: Float64Array;
  /** [position / stride * width + resource]: when devices (then channels) are free before that position. */
  readonly freeMs: Float64Array;
  /** By position: latest end so far, this task not included. */
  readonly endMs: Float64Array;
  /** [result * deviceCount + device]; -1 where it is not sent (transfers over links). */
  readonly arrivalMs: Float64Array;
}

/** How much is remembered of when resources were free. */
const rememberedNumbers = 1 << 20;

/**
 * Makespans of placements under one sequence of the tasks: a device runs its tasks in that sequence, each as soon as it
 * is free and the inputs have arrived. Over links, a result is sent to every device that reads it as soon as it is
 * there and the channel is free; through the host, transfers delay and occupy nothing (as instances/sampleLatency.ts has
 * it); listed transfers and all tasks follow each other. The last placement kept is remembered, so that one that
 * differs in a few groups is timed from the first task that they touch on.
 */
export class ListSchedule {
  readonly sequence: Int32Array;
  /** By task. */
  readonly position: Int32Array;
  private readonly width: number;
  private readonly stride: number;
  private kept: Times;
  private tried: Times;
  private triedFrom = 0;
  private readonly channelCount: number;
  private readonly earliestTouched: Int32Array;
  private readonly free: Float64Array;

  constructor(
    readonly model: LatencyModel,
    sequence: Int32Array = model.problem.order,
  ) {
    this.sequence = sequence.slice();
    const { taskCount, deviceCount, problem } = model;
    this.channelCount = problem.transfers.kind === 'links' ? problem.transfers.channelCount : 0;
    this.width = deviceCount + this.channelCount;
    this.stride = 1 + Math.floor((taskCount * this.width) / rememberedNumbers);
    const remembered = (Math.floor(taskCount / this.stride) + 1) * this.width;
    const newTimes = (): Times => ({
      finishMs: new Float64Array(taskCount),
      freeMs: new Float64Array(remembered),
      endMs: new Float64Array(taskCount + 1),
      arrivalMs: new Float64Array(this.channelCount > 0 ? problem.resultProducer.length * deviceCount : 0),
    });
    this.kept = newTimes();
    this.tried = newTimes();
    this.free = new Float64Array(this.width);
    this.position = new Int32Array(taskCount);
    sequence.forEach((task, at) => (this.position[task] = at));
    this.earliestTouched = new Int32Array(model.groupCount);
    this.findTouched();
  }

  /** The first position whose time depends on where a group is. */
  touchedFrom(group: number): number {
    return this.earliestTouched[group];
  }

  /**
   * Times a placement (devices by group; `unplaced` ones make it a bound) that equals the kept one but for groups that
   * touch positions from `from` on. Infinity as soon as it is certain that it takes `cutoffMs` or more.
   */
  makespan(placement: Uint8Array, from = 0, cutoffMs = Infinity): number {
    if (this.model.isSerial) return this.serial(placement, cutoffMs);
    this.triedFrom = from - (from % this.stride);
    return this.run(placement, this.triedFrom, cutoffMs);
  }

  /** The places in the sequence that a task can have while the others stay in theirs. */
  rangeOf(task: number): [first: number, last: number] {
    let first = 0;
    let last = this.sequence.length - 1;
    this.model.forEachProducer(task, (producer) => {
      first = Math.max(first, this.position[producer] + 1);
    });
    this.model.forEachReader(task, (reader) => {
      last = Math.min(last, this.position[reader] - 1);
    });
    return [first, last];
  }

  /** Moves a task to another place of its range; gives the first position whose time may change. */
  moveTask(task: number, target: number): number {
    const { sequence, position } = this;
    const at = position[task];
    const step = target < at ? -1 : 1;
    for (let i = at; i !== target; i += step) {
      sequence[i] = sequence[i + step];
      position[sequence[i]] = i;
    }
    sequence[target] = task;
    position[task] = target;
    this.findTouched();
    return Math.min(at, target);
  }

  /** Tasks of the kept placement that follow each other, with transfers but no other pause between, up to its end. */
  criticalTasks(placement: Uint8Array): number[] {
    const { model, sequence, position } = this;
    const { problem, taskCount } = model;
    const finishMs = (task: number): number => this.kept.finishMs[position[task]];
    const startMs = (task: number): number => {
      const device = placement[problem.groupOf[task]];
      return finishMs(task) - problem.durationMs[device * taskCount + task];
    };
    let last = sequence[0];
    for (const task of sequence) if (finishMs(task) > finishMs(last)) last = task;
    const path = [last];
    for (let task = last; ;) {
      let before = -1;
      let latest = 0;
      const look = (other: number, arrivalMs: number): void => {
        if (arrivalMs <= latest) return;
        latest = arrivalMs;
        before = other;
      };
      const device = placement[problem.groupOf[task]];
      for (let at = position[task] - 1; at >= 0; at--) {
        if (placement[problem.groupOf[sequence[at]]] !== device) continue;
        look(sequence[at], finishMs(sequence[at]));
        break;
      }
      model.forEachProducer(task, (producer, entry) => {
        const from = placement[problem.groupOf[producer]];
        look(producer, finishMs(producer) + model.delayMs(entry, from, device));
      });
      if (before < 0 || startMs(task) <= 0) return path;
      path.push(before);
      task = before;
    }
  }

  /** Keeps the placement timed last: it must have been timed to its end. */
  keep(): void {
    const { kept, tried, triedFrom, width, stride, sequence, model } = this;
    const row = (triedFrom / stride) * width;
    kept.finishMs.set(tried.finishMs.subarray(triedFrom), triedFrom);
    if (model.isSerial) return;
    kept.endMs.set(tried.endMs.subarray(triedFrom), triedFrom);
    kept.freeMs.set(tried.freeMs.subarray(row), row);
    if (this.channelCount === 0) return;
    const { deviceCount, results } = model;
    for (let at = triedFrom; at < sequence.length; at++) {
      for (let i = results.offsets[sequence[at]]; i < results.offsets[sequence[at] + 1]; i++) {
        const sent = results.items[i] * deviceCount;
        kept.arrivalMs.set(tried.arrivalMs.subarray(sent, sent + deviceCount), sent);
      }
    }
  }

  /** End of a task in the placement timed last. */
  finishMs(task: number): number {
    const at = this.position[task];
    return (at < this.triedFrom ? this.kept : this.tried).finishMs[at];
  }

  private run(placement: Uint8Array, from: number, cutoffMs: number): number {
    const { model, sequence, position, kept, tried, width, stride, free } = this;
    const { problem, inputs, entryResult, tailMs, fastestMs, deviceCount, taskCount } = model;
    const { groupOf, durationMs, resultProducer, transfers } = problem;
    const links = transfers.kind === 'links';
    let end = 0;
    free.fill(0);
    if (from > 0) {
      const row = (from / stride) * width;
      free.set(kept.freeMs.subarray(row, row + width));
      end = kept.endMs[from];
      if (end >= cutoffMs) return Infinity;
    }
    for (let at = from; at < taskCount; at++) {
      const task = sequence[at];
      const device = placement[groupOf[task]];
      const isPlaced = device !== unplaced;
      if (at % stride === 0) tried.freeMs.set(free, (at / stride) * width);
      tried.endMs[at] = end;
      let start = isPlaced ? free[device] : 0;
      for (let i = inputs.offsets[task]; i < inputs.offsets[task + 1]; i++) {
        const result = entryResult[inputs.items[i]];
        const producer = resultProducer[result];
        if (producer < 0) continue;
        const made = position[producer];
        const times = made < from ? kept : tried;
        let arrival = times.finishMs[made];
        const source = placement[groupOf[producer]];
        if (source !== device && isPlaced && source !== unplaced) {
          if (links) arrival = times.arrivalMs[result * deviceCount + device];
          else if (transfers.kind === 'through-host') {
            const hops = transfers.isAccelerator[source] + transfers.isAccelerator[device];
            arrival += hops * transfers.resultMs[result];
          }
        }
        if (arrival > start) start = arrival;
      }
      const finish = start + (isPlaced ? durationMs[device * taskCount + task] : fastestMs[task]);
      if (finish + tailMs[task] >= cutoffMs) return Infinity;
      tried.finishMs[at] = finish;
      if (isPlaced) free[device] = finish;
      if (finish > end) end = finish;
      if (links && isPlaced) this.send(task, device, finish, placement);
    }
    return end;
  }

  /** Sends the results of a task to the devices that read them. */
  private send(task: number, device: number, finishMs: number, placement: Uint8Array): void {
    const { results, problem, deviceCount } = this.model;
    const { transfers, resultReaders, resultBytes, groupOf } = problem;
    if (transfers.kind !== 'links') return;
    const { arrivalMs } = this.tried;
    for (let i = results.offsets[task]; i < results.offsets[task + 1]; i++) {
      const result = results.items[i];
      const row = result * deviceCount;
      arrivalMs.fill(-1, row, row + deviceCount);
      for (let r = resultReaders.offsets[result]; r < resultReaders.offsets[result + 1]; r++) {
        const target = placement[groupOf[resultReaders.items[r]]];
        if (target === device || target === unplaced || arrivalMs[row + target] >= 0) continue;
        const pair = device * deviceCount + target;
        const channel = deviceCount + transfers.channel[pair];
        const start = Math.max(finishMs, this.free[channel]);
        const end = start + linkMs(transfers.latencyMs[pair], transfers.msPerByte[pair], resultBytes[result]);
        arrivalMs[row + target] = end;
        if (end < Infinity) this.free[channel] = end;
      }
    }
  }

  /** Everything one after the other: the sum of all times. */
  private serial(placement: Uint8Array, cutoffMs: number): number {
    const { model, sequence, position, tried } = this;
    const { problem, inputs, entryResult, fastestMs, taskCount } = model;
    const { groupOf, durationMs, resultProducer } = problem;
    let now = 0;
    for (const task of sequence) {
      const device = placement[groupOf[task]];
      if (device === unplaced) now += fastestMs[task];
      else {
        for (let i = inputs.offsets[task]; i < inputs.offsets[task + 1]; i++) {
          const entry = inputs.items[i];
          const producer = resultProducer[entryResult[entry]];
          const source = producer < 0 ? device : placement[groupOf[producer]];
          if (source !== unplaced && source !== device) now += model.delayMs(entry, source, device);
        }
        now += durationMs[device * taskCount + task];
      }
      if (now >= cutoffMs) return Infinity;
      tried.finishMs[position[task]] = now;
    }
    this.triedFrom = 0;
    return now;
  }

  /** For each group the first position that depends on it: its tasks; over links also what is sent to them. */
  private findTouched(): void {
    const { model, position, earliestTouched } = this;
    const { groupOf } = model.problem;
    earliestTouched.fill(model.taskCount);
    for (let task = 0; task < model.taskCount; task++) {
      const group = groupOf[task];
      const touch = (at: number): void => {
        if (at < earliestTouched[group]) earliestTouched[group] = at;
      };
      touch(position[task]);
      if (this.channelCount > 0) model.forEachProducer(task, (producer) => touch(position[producer]));
    }
  }
}
