const mib = 1024 ** 2;

/**
 * Sizes of PyTorch's caching allocator (c10/core/AllocatorConfig.h), in bytes: granularity of blocks, largest request of
 * the small pool, its segments, the segments that requests between 1 and 10 MiB share, the least request that gets a
 * segment of its own, and what such segments are multiples of.
 */
export const sizes = {
  minimumBlock: 512,
  largestSmall: mib,
  smallSegment: 2 * mib,
  largeSegment: 20 * mib,
  ownSegment: 10 * mib,
  segmentGranularity: 2 * mib,
} as const;

/** The options of PYTORCH_CUDA_ALLOC_CONF that change sizes. */
export interface AllocatorConfig {
  /** expandable_segments: each pool is one segment that grows by pages. */
  readonly expandableSegments: boolean;
  /** roundup_power2_divisions: steps between powers of two that sizes are rounded up to; 1 is off. A power of two. */
  readonly roundupPower2Divisions: number;
  /** max_split_size_mb, in bytes: blocks of this size and above are never split; Infinity is off. */
  readonly maxSplitSizeBytes: number;
}

export const defaultAllocatorConfig: AllocatorConfig = {
  expandableSegments: false,
  roundupPower2Divisions: 1,
  maxSplitSizeBytes: Infinity,
};

/** Bytes of the block that serves a request, before an unsplit remainder is added to it. */
export function roundedBytes(requestedBytes: number, { roundupPower2Divisions }: AllocatorConfig): number {
  const { minimumBlock } = sizes;
  if (requestedBytes < minimumBlock) return minimumBlock;
  const isDivided = roundupPower2Divisions > 1 && requestedBytes > minimumBlock * roundupPower2Divisions;
  return ceilTo(
    requestedBytes,
    isDivided ? powerOfTwoAtMost(requestedBytes) / roundupPower2Divisions : minimumBlock,
  );
}

/** Bytes of the segment that is taken from the driver for a rounded request no cached block can serve. */
export function segmentBytesFor(roundedBytes: number): number {
  if (roundedBytes <= sizes.largestSmall) return sizes.smallSegment;
  if (roundedBytes < sizes.ownSegment) return sizes.largeSegment;
  return ceilTo(roundedBytes, sizes.segmentGranularity);
}

export const ceilTo = (bytes: number, multiple: number): number => Math.ceil(bytes / multiple) * multiple;
export const floorTo = (bytes: number, multiple: number): number => Math.floor(bytes / multiple) * multiple;

function powerOfTwoAtMost(value: number): number {
  // Math.log2 is exact for powers of two but may round up just below one.
  const power = 2 ** Math.floor(Math.log2(value));
  return power > value ? power / 2 : power;
}
