import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defaultAllocatorConfig,
  roundedBytes,
  segmentBytesFor,
} from '../../../../planner-core/simulator/allocator/allocatorConfig';
import type { Block } from '../../../../planner-core/simulator/allocator/block';
import { CachingAllocator } from '../../../../planner-core/simulator/allocator/cachingAllocator';
import { NaiveAllocator, naiveRounded } from './naiveAllocator';
import { NaiveExpandable } from './naiveExpandable';

const KiB = 1024;
const MiB = 1024 * KiB;

/** Sizes around every threshold of the allocator. */
const requestSize = fc.oneof(
  fc.integer({ min: 1, max: 4 * KiB }),
  fc.integer({ min: 1, max: 1100 * KiB }),
  fc.integer({ min: 1000 * KiB, max: 12 * MiB }),
  fc.integer({ min: 9 * MiB, max: 60 * MiB }),
  fc.integer({ min: 18 * MiB, max: 30 * MiB }),
  fc.constantFrom(512, MiB, MiB + 1, 10 * MiB - 1, 10 * MiB, 20 * MiB, 30 * MiB),
);

/** A request, or the freeing of one of the tensors there are. */
const action = fc.oneof(
  { weight: 3, arbitrary: requestSize.map((bytes) => ({ bytes })) },
  { weight: 2, arbitrary: fc.nat().map((victim) => ({ victim })) },
);
const actions = fc.array(action, { maxLength: 120 });
const divisions = fc.constantFrom(1, 1, 2, 4, 8);

interface Reference {
  /** Address; undefined when there is no memory. */
  allocate(tensor: number, requested: number): number | undefined;
  free(tensor: number): void;
  readonly allocatedBytes: number;
  readonly reservedBytes: number;
}

/** Expandable segments begin at multiples of this. */
const addressSpace = 2 ** 20 * 20 * MiB;

/** Runs both through the same actions and compares them, and what must hold of any allocator, after each. */
function runBoth(
  list: readonly ({ bytes: number } | { victim: number })[],
  allocator: CachingAllocator,
  reference: Reference,
): void {
  const live = new Map<number, { block: Block; bytes: number }>();
  list.forEach((step, tensor) => {
    if ('bytes' in step) {
      const block = allocator.allocate(step.bytes);
      expect(block && block.address % addressSpace).toBe(reference.allocate(tensor, step.bytes));
      if (block) live.set(tensor, { block, bytes: step.bytes });
    } else if (live.size > 0) {
      const victim = [...live.keys()][step.victim % live.size];
      allocator.free(live.get(victim)!.block);
      reference.free(victim);
      live.delete(victim);
    }
    const blocks = [...live.values()].map(({ block }) => block);
    const requested = [...live.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    expect(allocator.requestedBytes).toBe(requested);
    expect(allocator.allocatedBytes).toBe(reference.allocatedBytes);
    expect(allocator.reservedBytes).toBe(reference.reservedBytes);
    expect(allocator.allocatedBytes).toBeGreaterThanOrEqual(requested);
    expect(allocator.reservedBytes).toBeGreaterThanOrEqual(allocator.allocatedBytes);
    expectSound(blocks);
  });
}

/** Blocks do not overlap, and the neighbours of each tile its segment with no two free ones side by side. */
function expectSound(blocks: readonly Block[]): void {
  const sorted = [...blocks].sort((a, b) => a.address - b.address);
  sorted.forEach((block, i) => {
    const next = sorted.at(i + 1);
    if (next) expect(block.address + block.sizeBytes).toBeLessThanOrEqual(next.address);
    expect(block.sizeBytes).toBeGreaterThanOrEqual(block.requestedBytes);
    if (block.next) {
      expect(block.next.previous).toBe(block);
      expect(block.next.address).toBe(block.address + block.sizeBytes);
    }
    for (let at: Block | undefined = block.next; at?.next; at = at.next) {
      expect(at.inUse || at.next.inUse || at.mapped !== at.next.mapped).toBe(true);
    }
  });
}

describe('rounding', () => {
  it('rounds up to 512 bytes, and to steps between powers of two when asked', () => {
    expect([1, 511, 512, 513, 1000].map((bytes) => roundedBytes(bytes, defaultAllocatorConfig))).toEqual([
      512, 512, 512, 1024, 1024,
    ]);
    // The example of PyTorch's notes on roundup_power2_divisions: 1200 with 4 divisions becomes 1280 (there in MiB).
    const four = { ...defaultAllocatorConfig, roundupPower2Divisions: 4 };
    expect(roundedBytes(1200 * MiB, four)).toBe(1280 * MiB);
  });

  it('agrees with counting up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 * KiB }), divisions, (bytes, roundupPower2Divisions) => {
        const config = { ...defaultAllocatorConfig, roundupPower2Divisions };
        expect(roundedBytes(bytes, config)).toBe(naiveRounded(bytes, roundupPower2Divisions));
      }),
    );
  });

  it('takes segments of 2 MiB, 20 MiB or a multiple of 2 MiB', () => {
    expect([512, MiB, MiB + 512, 10 * MiB - 512, 10 * MiB, 20 * MiB + 512].map(segmentBytesFor)).toEqual([
      2 * MiB,
      2 * MiB,
      20 * MiB,
      20 * MiB,
      10 * MiB,
      22 * MiB,
    ]);
  });
});

describe('CachingAllocator', () => {
  it('agrees with an allocator that searches lists', () => {
    fc.assert(
      fc.property(
        actions,
        divisions,
        fc.constantFrom(Infinity, 64 * MiB, 150 * MiB),
        fc.constantFrom(Infinity, 21 * MiB, 24 * MiB),
        (list, roundupPower2Divisions, capacity, maxSplitSizeBytes) => {
          const config = { expandableSegments: false, roundupPower2Divisions, maxSplitSizeBytes };
          runBoth(list, new CachingAllocator(config, capacity), new NaiveAllocator(config, capacity));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('agrees with sets of pages when segments are expandable', () => {
    fc.assert(
      fc.property(
        actions,
        divisions,
        fc.constantFrom(Infinity, 64 * MiB, 150 * MiB),
        (list, roundupPower2Divisions, capacity) => {
          const config = { ...defaultAllocatorConfig, expandableSegments: true, roundupPower2Divisions };
          runBoth(
            list,
            new CachingAllocator(config, capacity),
            new NaiveExpandable(roundupPower2Divisions, capacity),
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  it('counts a remainder that is not split off as allocated', () => {
    const allocator = new CachingAllocator(defaultAllocatorConfig);
    allocator.free(allocator.allocate(12 * MiB)!);
    const tight = allocator.allocate(11 * MiB)!;
    // 1 MiB is left: not more than 1 MiB, so the block stays whole.
    expect(tight.sizeBytes).toBe(12 * MiB);
    expect(allocator.allocatedBytes).toBe(12 * MiB);
    allocator.free(tight);
    expect(allocator.allocate(11 * MiB - 512)!.sizeBytes).toBe(11 * MiB - 512);
  });

  it('gives cached segments back when the device is full, but not split ones', () => {
    const allocator = new CachingAllocator(defaultAllocatorConfig, 40 * MiB);
    allocator.free(allocator.allocate(16 * MiB)!);
    const holder = allocator.allocate(4 * MiB)!;
    // 4 of the 16 MiB are in use: that segment has to stay.
    expect(allocator.reservedBytes).toBe(16 * MiB);
    expect(allocator.allocate(26 * MiB)).toBeUndefined();
    expect(allocator.retryCount).toBe(1);
    allocator.free(holder);
    expect(allocator.allocate(26 * MiB)).toBeDefined();
    expect(allocator.retryCount).toBe(2);
    expect(allocator.reservedBytes).toBe(26 * MiB);
  });

  it('gives everything back when nothing is in use', () => {
    fc.assert(
      fc.property(fc.array(requestSize, { maxLength: 60 }), fc.boolean(), (list, expandableSegments) => {
        const allocator = new CachingAllocator({ ...defaultAllocatorConfig, expandableSegments });
        const blocks = list.map((bytes) => allocator.allocate(bytes)!);
        for (const block of blocks.filter((_, i) => i % 2 === 0)) allocator.free(block);
        for (const block of blocks.filter((_, i) => i % 2 === 1)) allocator.free(block);
        expect([allocator.requestedBytes, allocator.allocatedBytes]).toEqual([0, 0]);
        allocator.releaseCached();
        expect(allocator.reservedBytes).toBe(0);
      }),
    );
  });
});
