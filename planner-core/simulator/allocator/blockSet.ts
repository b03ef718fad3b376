import type { Block } from './block';

/** What blocks are ordered by. */
export type BlockKey = Pick<Block, 'sizeBytes' | 'address'>;

/** A chunk that grows to this many blocks is halved. */
const chunkLimit = 128;

/**
 * Blocks in order of their size, those of a size by address; or of their address alone. A list of short sorted arrays:
 * lookups are binary searches, insertions and deletions move at most one chunk, which is quicker than a balanced tree
 * at the few thousand blocks a step has.
 */
export class BlockSet {
  private readonly chunks: Block[][] = [];

  constructor(private readonly order: 'size' | 'address') {}

  insert(block: Block): void {
    const { chunks } = this;
    if (chunks.length === 0) {
      chunks.push([block]);
      return;
    }
    const at = Math.min(this.chunkOf(block), chunks.length - 1);
    const chunk = chunks[at];
    chunk.splice(this.indexIn(chunk, block), 0, block);
    if (chunk.length >= chunkLimit) chunks.splice(at + 1, 0, chunk.splice(chunkLimit / 2));
  }

  /** The block must be in the set, with the key it was inserted with. */
  delete(block: Block): void {
    const at = this.chunkOf(block);
    const chunk = this.chunks.at(at);
    const index = chunk ? this.indexIn(chunk, block) : 0;
    if (chunk?.[index] !== block) throw new Error('a block is not where the allocator keeps it');
    chunk.splice(index, 1);
    if (chunk.length === 0) this.chunks.splice(at, 1);
  }

  /** The first block that does not come before the key. */
  atLeast(key: BlockKey): Block | undefined {
    const chunk = this.chunks[this.chunkOf(key)];
    return chunk && chunk[this.indexIn(chunk, key)];
  }

  /** The block that follows a block of the set. */
  after(block: Block): Block | undefined {
    const at = this.chunkOf(block);
    const chunk = this.chunks[at];
    return chunk[this.indexIn(chunk, block) + 1] ?? this.chunks.at(at + 1)?.[0];
  }

  last(): Block | undefined {
    return this.chunks.at(-1)?.at(-1);
  }

  /** All blocks in order, as they are now. */
  values(): Block[] {
    return this.chunks.flat();
  }

  /** The first chunk whose last block does not come before the key; one more than there are when all do. */
  private chunkOf(key: BlockKey): number {
    const { chunks } = this;
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const chunk = chunks[middle];
      if (this.isBefore(chunk[chunk.length - 1], key)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private indexIn(chunk: readonly Block[], key: BlockKey): number {
    let low = 0;
    let high = chunk.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.isBefore(chunk[middle], key)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private isBefore(block: Block, key: BlockKey): boolean {
    if (this.order === 'size' && block.sizeBytes !== key.sizeBytes) return block.sizeBytes < key.sizeBytes;
    return block.address < key.address;
  }
}
