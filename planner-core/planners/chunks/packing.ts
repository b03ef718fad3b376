/** Tensors laid one after the other into chunks of one size; none is cut in two. */
export interface Packing {
  readonly chunkBytes: number;
  readonly chunkCount: number;
  /** By tensor, in the order they were given. */
  readonly chunkOf: Int32Array;
  /** What no tensor fills. */
  readonly wasteBytes: number;
}

/**
 * A new chunk begins where a tensor does not fit into the one before, as PatrickStar's mapping schema has it (arXiv
 * 2108.05818, section 6.1). Throws a RangeError for a tensor larger than a chunk.
 */
export function packInOrder(tensorBytes: readonly number[], chunkBytes: number): Packing {
  const chunkOf = new Int32Array(tensorBytes.length);
  let chunkCount = tensorBytes.length > 0 ? 1 : 0;
  let filledBytes = 0;
  let usedBytes = 0;
  tensorBytes.forEach((bytes, i) => {
    if (bytes > chunkBytes) throw new RangeError(`a tensor of ${bytes} bytes in chunks of ${chunkBytes}`);
    if (filledBytes + bytes > chunkBytes) {
      chunkCount++;
      filledBytes = 0;
    }
    chunkOf[i] = chunkCount - 1;
    filledBytes += bytes;
    usedBytes += bytes;
  });
  return { chunkBytes, chunkCount, chunkOf, wasteBytes: chunkCount * chunkBytes - usedBytes };
}

/**
 * For every number of chunks that there can be, the least size that needs no more: larger sizes with as many chunks only
 * waste more. From one chunk to chunks of the largest tensor. Exact, by bisection: filling in order is monotone in the size.
 */
export function chunkSizes(tensorBytes: readonly number[]): Packing[] {
  const largestBytes = Math.max(1, ...tensorBytes);
  const most = packInOrder(tensorBytes, largestBytes);
  const packings: Packing[] = [];
  for (let count = 1; count < most.chunkCount; count++) {
    let low = largestBytes;
    let high = tensorBytes.reduce((sum, bytes) => sum + bytes, 0);
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (packInOrder(tensorBytes, middle).chunkCount <= count) high = middle;
      else low = middle + 1;
    }
    if (packings.at(-1)?.chunkBytes !== high) packings.push(packInOrder(tensorBytes, high));
  }
  return [...packings, most];
}
