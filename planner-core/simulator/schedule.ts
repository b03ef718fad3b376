/** Kinds of schedule entries. */
export const Op = { compute: 0, free: 1, copy: 2 } as const;

/** "Device" index of host memory, or whatever place offloaded values go to. */
export const hostMemory = -1;

/**
 * What is executed, in order, as parallel arrays. Entry i is
 * compute(node = subject, device = to) | free(value = subject, device = from) | copy(value = subject, from, to).
 * A free with to = hostMemory is one that the device waits for: what it computes next begins when the value has left.
 */
export interface Schedule {
  readonly length: number;
  readonly op: Uint8Array;
  readonly subject: Int32Array;
  readonly from: Int16Array;
  readonly to: Int16Array;
  /** Transfers between devices are not started ahead of the computations listed before them: see `timeSchedule`. */
  readonly transfersWait?: boolean;
}

/**
 * What a plan changes about the step, in the smallest form: everything not named runs once, in order, on device 0, and
 * is freed after its last use. Produced by planners and by decisions; `compileSchedule` turns it into a Schedule.
 */
export interface Directives {
  /**
   * Pairs [before, node]: just before base node `before`, compute `node` again. Sorted by `before`; pairs with the same
   * `before` run in list order.
   */
  readonly recomputations: Int32Array;
  /** Device index of each recomputation, by pair; undefined when each runs where its node first ran. */
  readonly recomputationDevices?: Uint8Array;
  /**
   * Values that leave for host memory, ascending. Activations: after their last forward use, and back before their first
   * backward use. What exists before the step begins (parameters, optimizer state) stays there between steps, and leaves
   * after its last use in each of forward, backward and optimizer.
   */
  readonly offloads: Int32Array;
  /**
   * Pairs [before, value]: what is offloaded is asked for again before base node `before`, and what is computed again
   * for it, runs: while what precedes it runs. Sorted by `before`. What is not named: just before its use.
   */
  readonly fetches?: Int32Array;
  /**
   * Pairs [before, value]: base node `before`, and what is computed again for it, waits until the value has left for the
   * first time. Sorted by `before`. What is not named leaves its memory when its transfer happens to end.
   */
  readonly waits?: Int32Array;
  /** Device index of each node; undefined when all run on device 0. */
  readonly placement?: Uint8Array;
  /**
   * Results are copied to other devices just before they are read there, which takes less memory; else as soon as they
   * are made, which takes less time.
   */
  readonly lateTransfers?: boolean;
  /**
   * By device: others that run all that is placed on it too, and take micro-batches (of a stream: steps) in turn; undefined
   * where there are none. A schedule is that of one micro-batch, on the device itself; `simulatePipeline` runs all.
   */
  readonly replicas?: readonly (readonly number[])[];
}

/** What of directives is about values that leave. */
export type Paging = Pick<Directives, 'offloads' | 'fetches' | 'waits'>;

export const keepEverything: Directives = {
  recomputations: new Int32Array(0),
  offloads: new Int32Array(0),
};

/** Collects schedule entries in growing typed arrays. */
export class ScheduleBuilder {
  private op = new Uint8Array(1024);
  private subject = new Int32Array(1024);
  private from = new Int16Array(1024);
  private to = new Int16Array(1024);
  private length = 0;

  push(op: number, subject: number, from: number, to: number): void {
    if (this.length === this.op.length) this.grow();
    this.op[this.length] = op;
    this.subject[this.length] = subject;
    this.from[this.length] = from;
    this.to[this.length++] = to;
  }

  build(): Schedule {
    const { length } = this;
    return {
      length,
      op: this.op.slice(0, length),
      subject: this.subject.slice(0, length),
      from: this.from.slice(0, length),
      to: this.to.slice(0, length),
    };
  }

  private grow(): void {
    const grown = <T extends Uint8Array | Int16Array | Int32Array>(larger: T, old: T): T => {
      larger.set(old);
      return larger;
    };
    const size = this.length * 2;
    this.op = grown(new Uint8Array(size), this.op);
    this.subject = grown(new Int32Array(size), this.subject);
    this.from = grown(new Int16Array(size), this.from);
    this.to = grown(new Int16Array(size), this.to);
  }
}
