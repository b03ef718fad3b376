import type { Placement } from '../problem';
import { linkMs, type LatencyModel } from './latencyModel';

/** A computation or a transfer in a schedule, with what it waited for last. */
export interface ScheduledOperation {
  readonly kind: 'task' | 'transfer';
  /** Of a transfer: the task that made the result. */
  readonly task: number;
  /** Of a transfer; -1 for a task. */
  readonly result: number;
  /** Device of a task; receiving device of a transfer. */
  readonly device: number;
  /** Sending device of a transfer; -1 for a task. */
  readonly from: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Why it does not start earlier; 'start': it starts at once. */
  readonly reason: 'start' | 'input' | 'device busy' | 'channel busy';
  /** Index of the operation that it waited for; -1 with 'start'. */
  readonly after: number;
}

/** A schedule in full. */
export interface LatencyTimeline {
  readonly makespanMs: number;
  readonly operations: readonly ScheduledOperation[];
  /** Operations that follow each other without a pause from the start to the end: shorten these to be faster. */
  readonly criticalPath: readonly ScheduledOperation[];
}

/** The schedule whose makespan ListSchedule gives: the same rules, with every start, end and reason. */
export function latencyTimeline(
  model: LatencyModel,
  placement: Placement,
  sequence: Int32Array = model.problem.order,
): LatencyTimeline {
  return new Timeline(model, placement).of(sequence);
}

class Timeline {
  private readonly operations: ScheduledOperation[] = [];
  /** By task, and by [result * deviceCount + device]: index of the operation that makes it be there. */
  private readonly computed: Int32Array;
  private readonly sent = new Map<number, number>();
  /** By device, and by channel: the last operation on it. */
  private readonly lastOn: Int32Array;
  private readonly lastOnChannel = new Map<number, number>();

  constructor(
    private readonly model: LatencyModel,
    private readonly placement: Placement,
  ) {
    this.computed = new Int32Array(model.taskCount).fill(-1);
    this.lastOn = new Int32Array(model.deviceCount).fill(-1);
  }

  of(sequence: Int32Array): LatencyTimeline {
    const { operations } = this;
    for (const task of sequence) {
      if (this.model.problem.transfers.kind !== 'links') this.receive(task);
      this.compute(task);
      if (this.model.problem.transfers.kind === 'links') this.sendResults(task);
    }
    let last = -1;
    operations.forEach(({ kind, endMs }, index) => {
      if (kind === 'task' && (last < 0 || endMs > operations[last].endMs)) last = index;
    });
    const criticalPath: ScheduledOperation[] = [];
    for (let at = last; at >= 0; at = operations[at].after) criticalPath.unshift(operations[at]);
    return { makespanMs: last < 0 ? 0 : operations[last].endMs, operations, criticalPath };
  }

  private deviceOf(task: number): number {
    return this.placement[this.model.problem.groupOf[task]];
  }

  private compute(task: number): void {
    const { durationMs } = this.model.problem;
    const device = this.deviceOf(task);
    const inputs: number[] = [];
    this.model.forEachProducer(task, (producer, entry) => {
      const isLocal = this.deviceOf(producer) === device;
      inputs.push(isLocal ? this.computed[producer] : this.sent.get(this.sentKey(entry, device))!);
    });
    const busy = this.model.isSerial ? this.operations.length - 1 : this.lastOn[device];
    this.computed[task] = this.lastOn[device] = this.add(
      { kind: 'task', task, result: -1, device, from: -1 },
      durationMs[device * this.model.taskCount + task],
      inputs,
      busy,
    );
  }

  /** Transfers that no channel carries: each input comes by itself. */
  private receive(task: number): void {
    const device = this.deviceOf(task);
    this.model.forEachProducer(task, (producer, entry) => {
      const from = this.deviceOf(producer);
      if (from === device || this.sent.has(this.sentKey(entry, device))) return;
      const result = this.model.entryResult[entry];
      const delayMs = this.model.delayMs(entry, from, device);
      const busy = this.model.isSerial ? this.operations.length - 1 : -1;
      const operation = { kind: 'transfer', task: producer, result, device, from } as const;
      this.sent.set(
        this.sentKey(entry, device),
        this.add(operation, delayMs, [this.computed[producer]], busy),
      );
    });
  }

  private sendResults(task: number): void {
    const { transfers, resultBytes } = this.model.problem;
    if (transfers.kind !== 'links') return;
    const from = this.deviceOf(task);
    this.model.forEachReader(task, (reader, entry) => {
      const device = this.deviceOf(reader);
      const key = this.sentKey(entry, device);
      if (device === from || this.sent.has(key)) return;
      const result = this.model.entryResult[entry];
      const pair = from * this.model.deviceCount + device;
      const channel = transfers.channel[pair];
      const delayMs = linkMs(transfers.latencyMs[pair], transfers.msPerByte[pair], resultBytes[result]);
      const operation = { kind: 'transfer', task, result, device, from } as const;
      const busy = this.lastOnChannel.get(channel) ?? -1;
      const index = this.add(operation, delayMs, [this.computed[task]], busy);
      this.sent.set(key, index);
      if (delayMs < Infinity) this.lastOnChannel.set(channel, index);
    });
  }

  /** Listed transfers are paid for each reader, others once for each receiving device. */
  private sentKey(entry: number, device: number): number {
    if (this.model.isSerial) return entry;
    return this.model.entryResult[entry] * this.model.deviceCount + device;
  }

  /** Adds an operation that starts once its inputs are there and what is before it on its device or channel has ended. */
  private add(
    operation: Pick<ScheduledOperation, 'kind' | 'task' | 'result' | 'device' | 'from'>,
    durationMs: number,
    inputs: readonly number[],
    busy: number,
  ): number {
    let startMs = 0;
    let after = -1;
    let reason: ScheduledOperation['reason'] = 'start';
    const waitFor = (index: number, why: ScheduledOperation['reason']): void => {
      if (index < 0 || this.operations[index].endMs <= startMs) return;
      startMs = this.operations[index].endMs;
      after = index;
      reason = why;
    };
    for (const input of inputs) waitFor(input, 'input');
    waitFor(busy, operation.kind === 'task' ? 'device busy' : 'channel busy');
    return this.operations.push({ ...operation, startMs, endMs: startMs + durationMs, reason, after }) - 1;
  }
}
