import { groupedBy } from '../base/groups';
import type { MeasuredMemory } from './measuredRun';
import type { TraceAllocation } from './pytorchEvents';

/** Allocations of one device in the order they happened. */
export class AllocationTrack {
  private readonly startBytes: number;

  private constructor(
    readonly device: string,
    private readonly events: readonly TraceAllocation[],
  ) {
    this.startBytes = events[0].totalBytes - events[0].bytes;
  }

  /** The track of the device that moved most bytes: the one that the step runs on. Undefined without any event. */
  static busiest(allocations: readonly TraceAllocation[]): AllocationTrack | undefined {
    const byDevice = groupedBy(allocations, ({ device }) => device);
    const moved = (events: readonly TraceAllocation[]): number =>
      events.reduce((sum, { bytes }) => sum + Math.abs(bytes), 0);
    // Host memory that feeds a GPU is not the step's.
    const tracks = [...byDevice].sort(
      ([a, x], [b, y]) => Number(a === 'cpu') - Number(b === 'cpu') || moved(y) - moved(x),
    );
    if (tracks.length === 0) return undefined;
    const [device, events] = tracks[0];
    return new AllocationTrack(
      device,
      [...events].sort((a, b) => a.at - b.at),
    );
  }

  /** What happened from one moment to another. */
  between(from: number, to: number): { heldBytes: number; liveBytes: number } {
    let at = this.firstFrom(from);
    let liveBytes = at > 0 ? this.events[at - 1].totalBytes : this.startBytes;
    let heldBytes = 0;
    for (; at < this.events.length && this.events[at].at <= to; at++) {
      heldBytes += this.events[at].bytes;
      liveBytes = Math.max(liveBytes, this.events[at].totalBytes);
    }
    return { heldBytes, liveBytes };
  }

  /**
   * Bytes that were allocated from `from` to `to` and are not released before `until`: what was there before and is released meanwhile
   * does not count.
   */
  heldFrom(from: number, to: number, until: number): number {
    const heldAt = new Map<number | undefined, number>();
    for (let at = this.firstFrom(from); at < this.events.length && this.events[at].at < until; at++) {
      const { at: moment, address, bytes } = this.events[at];
      if (bytes < 0) heldAt.delete(address);
      else if (moment <= to) heldAt.set(address, bytes);
    }
    return [...heldAt.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** False where the recording does not tell one allocation from another. */
  get hasAddresses(): boolean {
    return this.events.every(({ address }) => address !== undefined);
  }

  /** Of the whole recording; `from` is when the first computation began. */
  summary(from: number): MeasuredMemory {
    const at = this.firstFrom(from);
    const inside = this.events.slice(at);
    const startBytes = at > 0 ? this.events[at - 1].totalBytes : this.startBytes;
    const highest = (of: (event: TraceAllocation) => number): number =>
      inside.reduce((most, event) => Math.max(most, of(event)), 0);
    const reservedBytes = highest((event) => event.reservedBytes);
    return {
      device: this.device,
      startBytes,
      peakBytes: Math.max(
        startBytes,
        highest((event) => event.totalBytes),
      ),
      ...(reservedBytes > 0 ? { reservedBytes } : {}),
    };
  }

  /** Index of the first event at a moment or after it. */
  private firstFrom(moment: number): number {
    let low = 0;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.events[middle].at < moment) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
