import { describe, expect, it } from 'vitest';
import { staysOf, type ChunkUses } from '../../../../planner-core/planners/chunks/keptGaps';
import { chunkSizes, packInOrder } from '../../../../planner-core/planners/chunks/packing';
import { Random } from '../../support/random';

describe('packing into chunks', () => {
  it('has for every number of chunks the least size, as trying every size finds it', () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = new Random(seed);
      const tensors = Array.from({ length: random.int(1, 7) }, () => random.int(1, 12));
      const total = tensors.reduce((sum, bytes) => sum + bytes, 0);
      const leastOf = new Map<number, number>();
      for (let size = total; size >= Math.max(...tensors); size--)
        leastOf.set(packInOrder(tensors, size).chunkCount, size);
      const found = chunkSizes(tensors).map(({ chunkCount, chunkBytes }) => [chunkCount, chunkBytes]);
      expect(found, `seed ${seed}`).toEqual([...leastOf].sort(([a], [b]) => a - b));
      for (const { chunkBytes, chunkCount, wasteBytes, chunkOf } of chunkSizes(tensors)) {
        expect(wasteBytes).toBe(chunkBytes * chunkCount - total);
        for (let chunk = 0; chunk < chunkCount; chunk++) {
          const inside = tensors
            .filter((_, i) => chunkOf[i] === chunk)
            .reduce((sum, bytes) => sum + bytes, 0);
          expect(inside).toBeLessThanOrEqual(chunkBytes);
          expect(inside).toBeGreaterThan(0);
        }
      }
    }
  });

  it('refuses a chunk smaller than a tensor', () => {
    expect(() => packInOrder([3, 9], 8)).toThrow(RangeError);
  });
});

describe('which chunks stay between their uses', () => {
  it('lets as few come back as any choice does', () => {
    let forced = 0;
    for (let seed = 0; seed < 300; seed++) {
      const random = new Random(seed);
      const length = random.int(4, 9);
      const uses = Array.from({ length: random.int(1, 3) }, (_, value): ChunkUses => {
        const positions = Array.from({ length }, (_, position) => position).filter(() => random.chance(0.35));
        return { value, positions: positions.length > 0 ? positions : [0], isMade: false, mayStay: false };
      });
      const free = Float64Array.from({ length }, () => random.int(1, 3));
      const stays = staysOf(uses, free, 1);
      const best = fewestStays(uses, free);
      if (stays) {
        expect(stays.length, `seed ${seed}`).toBe(best);
        const taken = new Float64Array(length);
        for (const { from, to } of stays) for (let at = from; at <= to; at++) taken[at]++;
        taken.forEach((count, at) => expect(count).toBeLessThanOrEqual(free[at]));
        if (stays.length > uses.length) forced++;
      } else expect(best, `seed ${seed}`).toBe(Infinity);
    }
    expect(forced).toBeGreaterThan(10);
  });
});

/** By trying every set of places: a chunk is there at its uses and just before them. */
function fewestStays(uses: readonly ChunkUses[], free: Float64Array): number {
  const { length } = free;
  const masksOf = uses.map(({ positions }) => {
    const needed = new Set(positions.flatMap((at) => [at, Math.max(0, at - 1)]));
    const masks: boolean[][] = [];
    for (let bits = 0; bits < 2 ** length; bits++) {
      const mask = Array.from({ length }, (_, at) => (bits & (1 << at)) > 0);
      if ([...needed].every((at) => mask[at])) masks.push(mask);
    }
    // Only sets whose every run is of use.
    return masks.filter((mask) =>
      runsOf(mask).every(([from, to]) => positions.some((at) => at >= from && at <= to)),
    );
  });
  let best = Infinity;
  const search = (chunk: number, left: Float64Array, runs: number): void => {
    if (runs >= best) return;
    if (chunk === uses.length) {
      best = runs;
      return;
    }
    for (const mask of masksOf[chunk]) {
      const after = left.map((room, at) => room - Number(mask[at]));
      if (after.every((room) => room >= 0)) search(chunk + 1, after, runs + runsOf(mask).length);
    }
  };
  search(0, free, 0);
  return best;
}

function runsOf(mask: readonly boolean[]): [number, number][] {
  const runs: [number, number][] = [];
  mask.forEach((isThere, at) => {
    if (!isThere) return;
    const last = runs.at(-1);
    if (last && last[1] === at - 1) last[1] = at;
    else runs.push([at, at]);
  });
  return runs;
}
