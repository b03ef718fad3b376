import { ceilTo, floorTo, sizes } from './allocatorConfig';
import { absorb, link, newBlock, type Block, type Pool } from './block';

/** Where segments get address space and pages; reserved bytes are what is mapped. */
export interface SegmentSource {
  /** Address space for an expandable segment. */
  takeAddressSpace(): { readonly address: number; readonly sizeBytes: number };
  /** Changes what is reserved; false when the device has no such memory left. */
  reserve(bytes: number): boolean;
}

const pageBytesOf = ({ isSmall }: Pool): number => (isSmall ? sizes.smallSegment : sizes.largeSegment);

/**
 * A free block of at least `sizeBytes`, taken out of its pool, for which pages are mapped behind (or before) free ones;
 * undefined when the device is full. As try_allocate_expandable_block of CUDACachingAllocator.cpp.
 */
export function growSegment(pool: Pool, sizeBytes: number, source: SegmentSource): Block | undefined {
  let block = lowestRoom(pool, sizeBytes, source);
  if (!block.mapped && !mapPages(block, Math.min(block.sizeBytes, sizeBytes), source)) return undefined;
  while (block.sizeBytes < sizeBytes) {
    const behind: Block = block.next!;
    const missing = Math.min(sizeBytes - block.sizeBytes, behind.sizeBytes);
    if (!mapPages(behind, missing, source)) return undefined;
    // What was mapped has taken in the free block before it.
    block = behind;
  }
  pool.free.delete(block);
  return block;
}

/** The lowest free or unmapped block that begins enough free address space; a new segment when there is none. */
function lowestRoom(pool: Pool, sizeBytes: number, source: SegmentSource): Block {
  for (const unmapped of pool.unmapped.values()) {
    const { previous } = unmapped;
    const start = previous && !previous.inUse ? previous : unmapped;
    let room = 0;
    for (let at: Block | undefined = start; at && !at.inUse && room < sizeBytes; at = at.next)
      room += at.sizeBytes;
    if (room >= sizeBytes) return start;
  }
  const space = source.takeAddressSpace();
  const block = newBlock(pool, space.address, space.sizeBytes, true, false);
  pool.unmapped.insert(block);
  return block;
}

/** Maps whole pages from the start of an unmapped block on, and puts them among the free blocks. */
function mapPages(block: Block, wantedBytes: number, source: SegmentSource): boolean {
  const { pool } = block;
  const mappedBytes = ceilTo(wantedBytes, pageBytesOf(pool));
  if (!source.reserve(mappedBytes)) return false;
  pool.unmapped.delete(block);
  block.mapped = true;
  if (mappedBytes < block.sizeBytes) {
    const rest = newBlock(pool, block.address + mappedBytes, block.sizeBytes - mappedBytes, true, false);
    link(rest, block, block.next);
    pool.unmapped.insert(rest);
    block.sizeBytes = mappedBytes;
  }
  absorb(block, block.previous);
  absorb(block, block.next);
  pool.free.insert(block);
  return true;
}

/** Gives the whole pages inside a free block back to the device. */
export function unmapPages(block: Block, source: SegmentSource): void {
  const { pool } = block;
  const page = pageBytesOf(pool);
  const start = ceilTo(block.address, page);
  const end = floorTo(block.address + block.sizeBytes, page);
  if (start >= end) return;
  pool.free.delete(block);
  if (start > block.address) {
    const before = newBlock(pool, block.address, start - block.address, true);
    link(before, block.previous, block);
    pool.free.insert(before);
  }
  const afterBytes = block.address + block.sizeBytes - end;
  if (afterBytes > 0) {
    const after = newBlock(pool, end, afterBytes, true);
    link(after, block, block.next);
    pool.free.insert(after);
  }
  block.address = start;
  block.sizeBytes = end - start;
  block.mapped = false;
  absorb(block, block.previous);
  absorb(block, block.next);
  source.reserve(start - end);
  // A segment without any page left is given up with its address space.
  if (block.previous || block.next) pool.unmapped.insert(block);
}
