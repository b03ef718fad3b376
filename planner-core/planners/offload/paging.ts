import type { Paging } from '../../simulator/schedule';
import type { StepGraph } from '../../step/stepGraph';
import type { Gap, Leaver } from './gaps';

/** A sequence of computations on one device, with its memory while nothing leaves, and its link to where values go. */
export class PagedSequence {
  /** By position: the base node that runs next where it is one, or the one it is computed again for. */
  private readonly base: Int32Array;
  /** First position of each base node's computations. */
  private readonly firstOf: Int32Array;
  /** Without waiting; one more entry for the end. */
  private readonly startMs: Float64Array;
  private readonly length: number;
  private readonly outMs: (bytes: number) => number;
  private readonly inMs: (bytes: number) => number;

  constructor(
    readonly step: StepGraph,
    nodes: Int32Array,
    again: Uint8Array,
    /** Bytes while the computation at each position runs. */
    private readonly liveBytes: Float64Array,
  ) {
    const { length } = nodes;
    this.length = length;
    this.base = new Int32Array(length);
    this.firstOf = new Int32Array(step.nodeCount);
    this.startMs = new Float64Array(length + 1);
    for (let position = 0, base = 0, first = 0; position < length; position++) {
      this.base[position] = base;
      this.startMs[position + 1] = this.startMs[position] + step.durationMs[nodes[position]];
      if (again[position]) continue;
      this.firstOf[base++] = first;
      first = position + 1;
    }
    const host = step.devices.length;
    const time = (link: number) => (bytes: number) =>
      step.linkLatencyMs[link] + bytes / (step.linkBytesPerMs[link] || Infinity);
    this.outMs = time(host);
    this.inMs = time(host * (host + 1));
  }

  /** Milliseconds between two uses. */
  lengthMs({ after, until }: Gap): number {
    return this.startMs[Math.min(until, this.length)] - this.startMs[after + 1];
  }

  /** Memory while the values are away for as long as they can be. */
  memoryWithout(leavers: readonly Leaver[]): Float64Array {
    const memory = this.liveBytes.slice(0, this.length);
    for (const leaver of leavers) this.takeAway(memory, leaver);
    return memory;
  }

  /** Transfers back take memory while what precedes the use runs. */
  takeAway(memory: Float64Array, { gaps, bytes }: Leaver, sign = -1): void {
    for (const { after, until } of gaps)
      for (let position = after + 1; position < until - (until < this.length ? 1 : 0); position++)
        memory[position] += sign * bytes;
  }

  /**
   * When the values leave and come back so that memory stays within the budget in the order of the schedule, whatever
   * transfers take: computations wait for memory where they must, transfers back start as late as they can without
   * being waited for, and later where there is no room. `moments`: the base nodes, ascending, before which something can be asked
   * for; absent: all. Undefined where there is no room at all.
   */
  page(leavers: readonly Leaver[], budgetBytes: number, moments?: Int32Array): Paging | undefined {
    const memory = this.liveBytes.slice(0, this.length);
    const waits = this.leave(leavers, memory, budgetBytes);
    const fetches = waits && this.comeBack(leavers, memory, budgetBytes, moments);
    if (!fetches) return undefined;
    const sorted = (pairs: [number, number][]): Int32Array =>
      Int32Array.from(pairs.sort((a, b) => a[0] - b[0]).flat());
    const offloads = Int32Array.from(leavers, ({ value }) => value).sort();
    return { offloads, fetches: sorted(fetches), waits: sorted(waits) };
  }

  /** Leaves `memory` with everything away until it is needed again; the base nodes that wait. */
  private leave(
    leavers: readonly Leaver[],
    memory: Float64Array,
    budgetBytes: number,
  ): [base: number, value: number][] | undefined {
    const waits: [number, number][] = [];
    for (const leaver of leavers) if (leaver.isState) this.takeAway(memory, leaver);
    const queue = leavers
      .filter(({ isState }) => !isState)
      .sort((a, b) => a.gaps[0].after - b.gaps[0].after || a.value - b.value);
    let delayMs = 0;
    let channelMs = 0;
    let at = 0;
    /** What is on its way, in its order, with when it has left. */
    const leaving: { leaver: Leaver; endMs: number }[] = [];
    for (let position = 0; position < this.length; position++) {
      while (at < queue.length && queue[at].gaps[0].after < position) {
        const leaver = queue[at++];
        const readyMs = this.startMs[leaver.gaps[0].after + 1] + delayMs;
        channelMs = Math.max(channelMs, readyMs) + this.outMs(leaver.bytes);
        leaving.push({ leaver, endMs: channelMs });
      }
      const first = this.firstOf[this.base[position]];
      while (leaving.length > 0) {
        const [{ leaver, endMs }] = leaving;
        const { after, until } = leaver.gaps[0];
        // What waits is a base node, with all that is computed again for it.
        if (after >= first) break;
        const isOver = this.most(memory, first, position) > budgetBytes;
        const nowMs = this.startMs[first] + delayMs;
        if (!isOver && endMs > nowMs && until > position + 2) break;
        leaving.shift();
        delayMs += Math.max(0, endMs - nowMs);
        waits.push([this.base[position], leaver.value]);
        this.awayFrom(memory, leaver, first);
      }
      if (memory[position] > budgetBytes) return undefined;
    }
    return waits;
  }

  private most(memory: Float64Array, from: number, to: number): number {
    let most = 0;
    for (let position = from; position <= to; position++) most = Math.max(most, memory[position]);
    return most;
  }

  private awayFrom(memory: Float64Array, { gaps: [{ until }], bytes }: Leaver, from: number): void {
    for (let position = from; position < until - 1; position++) memory[position] -= bytes;
  }

  /** The base nodes before which values are asked for. */
  private comeBack(
    leavers: readonly Leaver[],
    memory: Float64Array,
    budgetBytes: number,
    moments: Int32Array | undefined,
  ): [base: number, value: number][] | undefined {
    const returns = leavers
      .flatMap(({ value, bytes, gaps }) => gaps.map((gap) => ({ value, bytes, ...gap })))
      .filter(({ until }) => until < this.length)
      .sort((a, b) => b.until - a.until || b.value - a.value);
    const fetches: [number, number][] = [];
    let nextMs = Infinity;
    for (const { value, bytes, after, until } of returns) {
      const useMs = this.startMs[until];
      const beginMs = Math.min(useMs, nextMs) - this.inMs(bytes);
      nextMs = Math.min(useMs, Math.max(beginMs, 0));
      // It is on its way while what precedes it in the schedule runs: room is needed from there on.
      let from = until - 1;
      while (from > after + 1 && this.startMs[from] > beginMs && memory[from - 1] + bytes <= budgetBytes)
        from--;
      const ideal = this.baseAfter(from, until);
      const hasRoom = (base: number): boolean => {
        const first = this.firstOf[base] - 1;
        return first > after && this.most(memory, first, from - 1) + bytes <= budgetBytes;
      };
      const base = moments && ideal !== undefined ? momentNear(moments, ideal, hasRoom) : ideal;
      if (base === undefined || this.firstOf[base] >= until) continue;
      const first = this.firstOf[base];
      for (let position = first - 1; position < until - 1; position++) memory[position] += bytes;
      fetches.push([base, value]);
    }
    return fetches;
  }

  /** The first base node whose computations begin after a position and before another. */
  private baseAfter(position: number, until: number): number | undefined {
    const base = this.base[position] + 1;
    return base <= this.base[Math.min(until, this.length - 1)] && this.firstOf[base] < until
      ? base
      : undefined;
  }
}

/** The last moment up to a base node, if it has room; else the first one after it. Undefined: there is none. */
function momentNear(
  moments: Int32Array,
  ideal: number,
  hasRoom: (base: number) => boolean,
): number | undefined {
  const last = moments.findLast((base) => base <= ideal);
  if (last !== undefined && hasRoom(last)) return last;
  return moments.find((base) => base > ideal);
}
