import { roundedBytes, segmentBytesFor, sizes, type AllocatorConfig } from './allocatorConfig';
import { absorb, isSplit, link, newBlock, newPool, type Block, type Pool } from './block';
import { growSegment, unmapPages, type SegmentSource } from './expandableSegment';

/** Address space of an expandable segment, in whole pages: more than any device has, so that one a pool is enough. */
const addressSpaceBytes = 2 ** 20 * sizes.largeSegment;

/**
 * PyTorch's caching allocator for one CUDA device and one stream, without the memory: which blocks and segments it would
 * have. Follows DeviceCachingAllocator of c10/cuda/CUDACachingAllocator.cpp (malloc, get_free_block, should_split,
 * alloc_block, free_block, release_cached_blocks). Segments get ascending addresses, where a driver is free to choose.
 */
export class CachingAllocator implements SegmentSource {
  private readonly small = newPool(true);
  private readonly large = newPool(false);
  private nextAddress = 0;
  private requested = 0;
  private allocated = 0;
  private reserved = 0;
  private retries = 0;

  /** @param capacityBytes what segments may take in all. */
  constructor(
    private readonly config: AllocatorConfig,
    private readonly capacityBytes = Infinity,
  ) {}

  /** Sum of what tensors asked for: `requested_bytes.all.current` of torch.cuda.memory_stats. */
  get requestedBytes(): number {
    return this.requested;
  }

  /** Sum of the blocks in use: torch.cuda.memory_allocated. */
  get allocatedBytes(): number {
    return this.allocated;
  }

  /** Sum of the segments: torch.cuda.memory_reserved. */
  get reservedBytes(): number {
    return this.reserved;
  }

  /** How often all cached segments were given back because the device was full: `num_alloc_retries`. */
  get retryCount(): number {
    return this.retries;
  }

  /** A block for a request of at least one byte; undefined when the device is full even without cached segments. */
  allocate(requestedBytes: number): Block | undefined {
    const sizeBytes = roundedBytes(requestedBytes, this.config);
    const pool = sizeBytes <= sizes.largestSmall ? this.small : this.large;
    let found = this.takeCached(pool, sizeBytes) ?? this.takeFromDevice(pool, sizeBytes);
    if (!found && this.releaseOversize(pool, sizeBytes)) found = this.takeFromDevice(pool, sizeBytes);
    if (!found) {
      this.releaseCached();
      this.retries++;
      found = this.takeFromDevice(pool, sizeBytes);
    }
    if (!found) return undefined;
    const block = this.shouldSplit(found, sizeBytes) ? splitFront(found, sizeBytes) : found;
    block.inUse = true;
    block.requestedBytes = requestedBytes;
    this.requested += requestedBytes;
    this.allocated += block.sizeBytes;
    return block;
  }

  free(block: Block): void {
    this.requested -= block.requestedBytes;
    this.allocated -= block.sizeBytes;
    block.inUse = false;
    block.requestedBytes = 0;
    absorb(block, block.previous);
    absorb(block, block.next);
    block.pool.free.insert(block);
  }

  /** Gives every cached segment that is not split back to the device, as torch.cuda.empty_cache. */
  releaseCached(): void {
    for (const pool of [this.large, this.small]) {
      for (const block of pool.free.values()) {
        if (block.expandable) unmapPages(block, this);
        else if (!isSplit(block)) this.releaseSegment(block);
      }
    }
  }

  takeAddressSpace(): { address: number; sizeBytes: number } {
    return { address: this.takeAddresses(addressSpaceBytes), sizeBytes: addressSpaceBytes };
  }

  reserve(bytes: number): boolean {
    if (this.reserved + bytes > this.capacityBytes) return false;
    this.reserved += bytes;
    return true;
  }

  /** The best fitting cached block, taken out of its pool. */
  private takeCached(pool: Pool, sizeBytes: number): Block | undefined {
    let found = pool.free.atLeast({ sizeBytes, address: 0 });
    if (!found) return undefined;
    if (found.expandable) {
      // A block that can grow counts as large as it can become: prefer a larger one that cannot.
      for (
        let next = pool.free.after(found);
        next && grownBytes(next) < grownBytes(found);
        next = pool.free.after(found)
      )
        found = next;
    }
    const { maxSplitSizeBytes } = this.config;
    const isOversize = sizeBytes >= maxSplitSizeBytes;
    if (!isOversize && found.sizeBytes >= maxSplitSizeBytes) return undefined;
    if (isOversize && found.sizeBytes >= sizeBytes + sizes.largeSegment) return undefined;
    pool.free.delete(found);
    return found;
  }

  private takeFromDevice(pool: Pool, sizeBytes: number): Block | undefined {
    if (this.config.expandableSegments) return growSegment(pool, sizeBytes, this);
    const segmentBytes = segmentBytesFor(sizeBytes);
    if (!this.reserve(segmentBytes)) return undefined;
    return newBlock(pool, this.takeAddresses(segmentBytes), segmentBytes);
  }

  private shouldSplit({ pool, sizeBytes }: Block, neededBytes: number): boolean {
    const remainingBytes = sizeBytes - neededBytes;
    if (pool.isSmall || this.config.expandableSegments) return remainingBytes >= sizes.minimumBlock;
    return neededBytes < this.config.maxSplitSizeBytes && remainingBytes > sizes.largestSmall;
  }

  /** With a maximum split size: gives back one cached oversize block that is enough, or the largest until they are. */
  private releaseOversize(pool: Pool, sizeBytes: number): boolean {
    const { maxSplitSizeBytes } = this.config;
    if (maxSplitSizeBytes === Infinity) return false;
    const wantedBytes = Math.max(sizeBytes, maxSplitSizeBytes);
    const enough = pool.free.atLeast({ sizeBytes: wantedBytes, address: 0 });
    if (enough) {
      this.releaseSegment(enough);
      return true;
    }
    let releasedBytes = 0;
    for (
      let largest = pool.free.last();
      largest && releasedBytes < wantedBytes && largest.sizeBytes >= maxSplitSizeBytes;
      largest = pool.free.last()
    ) {
      releasedBytes += largest.sizeBytes;
      this.releaseSegment(largest);
    }
    return releasedBytes >= wantedBytes;
  }

  private releaseSegment(block: Block): void {
    block.pool.free.delete(block);
    this.reserved -= block.sizeBytes;
  }

  private takeAddresses(bytes: number): number {
    const address = this.nextAddress;
    this.nextAddress += bytes;
    return address;
  }
}

/** The size a block has, with the address space behind it that pages can still be mapped into. */
const grownBytes = ({ sizeBytes, next }: Block): number =>
  sizeBytes + (next && !next.mapped ? next.sizeBytes : 0);

/** Cuts `sizeBytes` off the front of a block; the rest goes to the free ones. */
function splitFront(block: Block, sizeBytes: number): Block {
  const { pool, address, expandable, previous } = block;
  const front = newBlock(pool, address, sizeBytes, expandable);
  block.address += sizeBytes;
  block.sizeBytes -= sizeBytes;
  link(front, previous, block);
  pool.free.insert(block);
  return front;
}
