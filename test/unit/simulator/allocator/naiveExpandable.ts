import { naiveRounded } from './naiveAllocator';

const MiB = 1024 * 1024;

interface Interval {
  readonly start: number;
  readonly end: number;
}

/** One pool of an allocator with expandable segments: which pages are mapped, which intervals are in use. */
class NaivePool {
  readonly pages = new Set<number>();
  readonly used = new Map<number, Interval>();

  constructor(readonly pageBytes: number) {}

  /** Maximal stretches between tensors, in order; the last has no end. */
  private gaps(): Interval[] {
    const used = [...this.used.values()].sort((a, b) => a.start - b.start);
    const starts = [0, ...used.map(({ end }) => end)];
    const ends = [...used.map(({ start }) => start), Infinity];
    return starts.map((start, i) => ({ start, end: ends[i] })).filter(({ start, end }) => start < end);
  }

  /** Maximal mapped free stretches, each with how far it could grow. */
  private freeBlocks(): { start: number; end: number; grownEnd: number }[] {
    const { pageBytes } = this;
    return this.gaps().flatMap((gap) => {
      const blocks: { start: number; end: number; grownEnd: number }[] = [];
      const lastPage = Math.min(gap.end / pageBytes, Math.max(0, ...this.pages) + 1);
      let open: number | undefined;
      for (let page = Math.floor(gap.start / pageBytes); page <= lastPage; page++) {
        const start = Math.max(gap.start, page * pageBytes);
        if (start >= gap.end) break;
        if (this.pages.has(page)) open ??= start;
        else if (open !== undefined) {
          let next = page;
          while (next <= Math.max(...this.pages) && !this.pages.has(next)) next++;
          const isTail = next > Math.max(...this.pages);
          blocks.push({
            start: open,
            end: start,
            grownEnd: isTail ? Infinity : Math.min(gap.end, next * pageBytes),
          });
          open = undefined;
        }
      }
      if (open !== undefined) blocks.push({ start: open, end: gap.end, grownEnd: gap.end });
      return blocks;
    });
  }

  allocate(tensor: number, bytes: number, mayMap: (bytes: number) => boolean): number | undefined {
    const start = this.bestFit(bytes) ?? this.grow(bytes, mayMap);
    if (start !== undefined) this.used.set(tensor, { start, end: start + bytes });
    return start;
  }

  private bestFit(bytes: number): number | undefined {
    const fitting = this.freeBlocks()
      .filter(({ start, end }) => end - start >= bytes)
      .sort((a, b) => a.end - a.start - (b.end - b.start) || a.start - b.start);
    let at = 0;
    const grown = (i: number): number => fitting[i].grownEnd - fitting[i].start;
    while (at + 1 < fitting.length && grown(at + 1) < grown(at)) at++;
    return fitting.at(at)?.start;
  }

  private grow(bytes: number, mayMap: (bytes: number) => boolean): number | undefined {
    const { pageBytes } = this;
    const gap = this.gaps().find(({ start, end }) => {
      const firstUnmapped = this.unmappedPage(start, end);
      if (firstUnmapped === undefined) return false;
      return end - this.chainStart(start, firstUnmapped) >= bytes;
    })!;
    const start = this.chainStart(gap.start, this.unmappedPage(gap.start, gap.end)!);
    for (;;) {
      // The next stretch without pages is mapped in one go, or not at all.
      let page = Math.floor(start / pageBytes);
      while (this.pages.has(page)) page++;
      const missing = start + bytes - page * pageBytes;
      if (missing <= 0) return start;
      const wanted = Math.ceil(missing / pageBytes);
      let count = 0;
      while (count < wanted && !this.pages.has(page + count)) count++;
      if (!mayMap(count * pageBytes)) return undefined;
      for (let i = 0; i < count; i++) this.pages.add(page + i);
    }
  }

  private unmappedPage(start: number, end: number): number | undefined {
    for (let page = Math.ceil(start / this.pageBytes); page * this.pageBytes < end; page++) {
      if (!this.pages.has(page)) return page;
    }
    return undefined;
  }

  /** Where the free block before an unmapped page begins. */
  private chainStart(gapStart: number, unmapped: number): number {
    let page = unmapped;
    while (page > 0 && this.pages.has(page - 1) && page * this.pageBytes > gapStart) page--;
    return Math.max(gapStart, page * this.pageBytes);
  }

  releaseFreePages(): void {
    for (const page of [...this.pages]) {
      const start = page * this.pageBytes;
      const isUsed = [...this.used.values()].some((u) => u.start < start + this.pageBytes && u.end > start);
      if (!isUsed) this.pages.delete(page);
    }
  }
}

/** The rules of expandable segments, kept as sets of pages. */
export class NaiveExpandable {
  private readonly small = new NaivePool(2 * MiB);
  private readonly large = new NaivePool(20 * MiB);

  constructor(
    private readonly divisions: number,
    private readonly capacityBytes: number,
  ) {}

  /** Address in the pool; undefined when there is no memory. */
  allocate(tensor: number, requested: number): number | undefined {
    const bytes = naiveRounded(requested, this.divisions);
    const pool = bytes <= MiB ? this.small : this.large;
    const mayMap = (more: number): boolean => this.reservedBytes + more <= this.capacityBytes;
    const address = pool.allocate(tensor, bytes, mayMap);
    if (address !== undefined) return address;
    for (const each of [this.large, this.small]) each.releaseFreePages();
    return pool.allocate(tensor, bytes, mayMap);
  }

  free(tensor: number): void {
    this.small.used.delete(tensor);
    this.large.used.delete(tensor);
  }

  get allocatedBytes(): number {
    return [this.small, this.large]
      .flatMap(({ used }) => [...used.values()])
      .reduce((sum, { start, end }) => sum + end - start, 0);
  }

  get reservedBytes(): number {
    return this.small.pages.size * this.small.pageBytes + this.large.pages.size * this.large.pageBytes;
  }
}
