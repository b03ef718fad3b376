import type { AllocatorConfig } from '../../../../planner-core/simulator/allocator/allocatorConfig';

const KiB = 1024;
const MiB = 1024 * KiB;

interface Stretch {
  /** Position in the segment. */
  at: number;
  bytes: number;
  /** Name of the tensor in it; undefined when free. */
  tensor?: number;
}

interface Segment {
  small: boolean;
  bytes: number;
  /** Later segments lie higher. */
  start: number;
  parts: Stretch[];
}

export function naiveRounded(bytes: number, divisions: number): number {
  if (divisions > 1 && bytes > 512 * divisions) {
    let power = 1;
    while (power * 2 <= bytes) power *= 2;
    let candidate = power;
    while (candidate < bytes) candidate += power / divisions;
    return candidate;
  }
  let rounded = 512;
  while (rounded < bytes) rounded += 512;
  return rounded;
}

/** The caching allocator's rules, written down a second time with lists that are searched from end to end. */
export class NaiveAllocator {
  private segments: Segment[] = [];
  private end = 0;

  constructor(
    private readonly config: AllocatorConfig,
    private readonly capacityBytes: number,
  ) {}

  /** Address of the tensor; undefined when there is no memory. */
  allocate(tensor: number, requested: number): number | undefined {
    const bytes = naiveRounded(requested, this.config.roundupPower2Divisions);
    const small = bytes <= MiB;
    const max = this.config.maxSplitSizeBytes;
    let target = this.bestFit(small, bytes);
    let segmentBytes = small ? 2 * MiB : 20 * MiB;
    if (bytes >= 10 * MiB) for (segmentBytes = 0; segmentBytes < bytes;) segmentBytes += 2 * MiB;
    target ??= this.newSegment(small, segmentBytes);
    if (!target && max !== Infinity && this.releaseOversize(small, Math.max(bytes, max)))
      target = this.newSegment(small, segmentBytes);
    if (!target) {
      this.segments = this.segments.filter(({ parts }) => parts.length > 1 || parts[0].tensor !== undefined);
      target = this.newSegment(small, segmentBytes);
    }
    if (!target) return undefined;
    const { segment, part } = target;
    const rest = part.bytes - bytes;
    if (small ? rest >= 512 : rest > MiB && bytes < max) {
      segment.parts.splice(segment.parts.indexOf(part) + 1, 0, { at: part.at + bytes, bytes: rest });
      part.bytes = bytes;
    }
    part.tensor = tensor;
    return segment.start + part.at;
  }

  free(tensor: number): void {
    for (const { parts } of this.segments) {
      for (const part of parts) if (part.tensor === tensor) part.tensor = undefined;
      for (let i = parts.length - 1; i > 0; i--) {
        if (parts[i].tensor !== undefined || parts[i - 1].tensor !== undefined) continue;
        parts[i - 1].bytes += parts[i].bytes;
        parts.splice(i, 1);
      }
    }
  }

  get allocatedBytes(): number {
    const used = this.segments.flatMap(({ parts }) => parts.filter(({ tensor }) => tensor !== undefined));
    return used.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get reservedBytes(): number {
    return this.segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  private bestFit(small: boolean, bytes: number) {
    const max = this.config.maxSplitSizeBytes;
    const fitting = this.segments
      .filter((segment) => segment.small === small)
      .flatMap((segment) => segment.parts.map((part) => ({ segment, part })))
      .filter(({ part }) => part.tensor === undefined && part.bytes >= bytes)
      .sort(
        (a, b) => a.part.bytes - b.part.bytes || a.segment.start - b.segment.start || a.part.at - b.part.at,
      );
    const best = fitting.at(0);
    if (best && bytes < max && best.part.bytes >= max) return undefined;
    if (best && bytes >= max && best.part.bytes >= bytes + 20 * MiB) return undefined;
    return best;
  }

  private newSegment(small: boolean, bytes: number) {
    if (this.reservedBytes + bytes > this.capacityBytes) return undefined;
    const part: Stretch = { at: 0, bytes };
    const segment = { small, bytes, start: this.end, parts: [part] };
    this.end += bytes;
    this.segments.push(segment);
    return { segment, part };
  }

  private releaseOversize(small: boolean, wanted: number): boolean {
    const oversize = this.segments
      .filter(({ parts, bytes }) => parts.length === 1 && parts[0].tensor === undefined && bytes > 0)
      .filter((segment) => segment.small === small && segment.bytes >= this.config.maxSplitSizeBytes)
      .sort((a, b) => a.bytes - b.bytes || a.start - b.start);
    const enough = oversize.find(({ bytes }) => bytes >= wanted);
    const released: Segment[] = enough ? [enough] : [];
    let sum = enough?.bytes ?? 0;
    for (; sum < wanted && oversize.length > 0; sum += released[released.length - 1].bytes)
      released.push(oversize.pop()!);
    this.segments = this.segments.filter((segment) => !released.includes(segment));
    return sum >= wanted;
  }
}
