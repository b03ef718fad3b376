import type { Block } from './block';

/** What blocks are ordered by. */
export type BlockKey = Pick<Block, 'sizeBytes' | 'address'>;

/** A chunk that grows to this many blocks is halved. */
const chunkLimit = 256;

/**
 * Blocks in order. A list of short sorted arrays: lookups are binary searches, insertions and deletions move at most one
 * chunk, which is quicker than a balanced tree at the few thousand blocks a step has.
 */
export class BlockSet {
  private readonly chunks: Block[][] = [];

  constructor(private readonly compare: (a: BlockKey, b: BlockKey) => number) {}

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
    const chunk = this.chunks[at];
    const index = this.indexIn(chunk, block);
    if (chunk[index] !== block) throw new Error('a block is not where the allocator keeps it');
    chunk.splice(index, 1);
    if (chunk.length === 0) this.chunks.splice(at, 1);
  }

  /** The first block that does not come before the key. */
  atLeast(key: BlockKey): Block | undefined {
    const chunk = this.chunks[this.chunkOf(key)];
    return chunk && chunk[this.indexIn(chunk, key)];
  }

  /** The first block behind the key. */
  after(key: BlockKey): Block | undefined {
    const at = this.chunkOf(key);
    const chunk = this.chunks[at];
    if (!chunk) return undefined;
    const index = this.indexIn(chunk, key);
    const isThere = index < chunk.length && this.compare(chunk[index], key) === 0;
    return isThere ? (chunk[index + 1] ?? this.chunks[at + 1]?.[0]) : chunk[index];
  }

  last(): Block | undefined {
    return this.chunks.at(-1)?.at(-1);
  }

  /** All blocks in order, as they are now. */
  values(): Block[] {
    return this.chunks.flat();
  }

  /** The first chunk whose last block does not come before the key. */
  private chunkOf(key: BlockKey): number {
    return firstIndex(this.chunks.length, (at) => {
      const chunk = this.chunks[at];
      return this.compare(chunk[chunk.length - 1], key) < 0;
    });
  }

  private indexIn(chunk: readonly Block[], key: BlockKey): number {
    return firstIndex(chunk.length, (index) => this.compare(chunk[index], key) < 0);
  }
}

/** How many leading indexes are `before`. */
function firstIndex(count: number, isBefore: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
