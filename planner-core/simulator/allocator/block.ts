import { BlockSet } from './blockSet';

/** A stretch of device memory: part of a segment, in use, free, or (in expandable segments) not backed by pages. */
export interface Block {
  address: number;
  sizeBytes: number;
  /** What the tensor in it asked for; 0 while free. */
  requestedBytes: number;
  inUse: boolean;
  /** False for address space of an expandable segment without pages behind it. */
  mapped: boolean;
  readonly pool: Pool;
  readonly expandable: boolean;
  /** Neighbours in the same segment. */
  previous: Block | undefined;
  next: Block | undefined;
}

/** Requests up to 1 MiB and larger ones are kept apart. */
export interface Pool {
  readonly isSmall: boolean;
  /** Cached blocks, the smallest first, those of a size by address. */
  readonly free: BlockSet;
  /** Address space without pages, by address. */
  readonly unmapped: BlockSet;
}

export function newPool(isSmall: boolean): Pool {
  return {
    isSmall,
    free: new BlockSet('size'),
    unmapped: new BlockSet('address'),
  };
}

/** A free block at `address`, alone in its segment until it is linked. */
export function newBlock(
  pool: Pool,
  address: number,
  sizeBytes: number,
  expandable = false,
  mapped = true,
): Block {
  return {
    address,
    sizeBytes,
    requestedBytes: 0,
    inUse: false,
    mapped,
    pool,
    expandable,
    previous: undefined,
    next: undefined,
  };
}

/** Links `block` into its segment, behind `previous` and before `next`. */
export function link(block: Block, previous: Block | undefined, next: Block | undefined): void {
  block.previous = previous;
  block.next = next;
  if (previous) previous.next = block;
  if (next) next.previous = block;
}

/** Is the block only a part of its segment? */
export const isSplit = (block: Block): boolean => block.previous !== undefined || block.next !== undefined;

/** Takes a free neighbour of the same kind out of its pool and into `block`. */
export function absorb(block: Block, neighbour: Block | undefined): void {
  if (!neighbour || neighbour.inUse || neighbour.mapped !== block.mapped) return;
  const { pool } = neighbour;
  (neighbour.mapped ? pool.free : pool.unmapped).delete(neighbour);
  if (neighbour === block.previous) {
    block.address = neighbour.address;
    link(block, neighbour.previous, block.next);
  } else {
    link(block, block.previous, neighbour.next);
  }
  block.sizeBytes += neighbour.sizeBytes;
}
