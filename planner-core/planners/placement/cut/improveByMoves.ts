import type { BytesRange } from './splitCost';
import type { TwoDevices } from './twoDevices';

/**
 * Moves one group at a time to the other device: first whatever brings the bytes of the first device nearer to `range`
 * at the least time a byte, then whatever saves most time and stays within it. Undefined when the range is not reached.
 */
export function improveByMoves(
  two: TwoDevices,
  byteFactor: number,
  range: BytesRange,
  start: Uint8Array,
): Uint8Array | undefined {
  const moves = new Moves(two, byteFactor, start);
  const outside = (bytes: number): number => Math.max(range[0] - bytes, bytes - range[1], 0);
  // Each move makes the excess smaller, then the time: neither can go on forever.
  for (;;) {
    const excess = outside(moves.firstBytes);
    let best = -1;
    let bestWorth = Infinity;
    for (let group = 0; group < two.groupCount; group++) {
      const left = outside(moves.firstBytesAfter(group));
      if (excess > 0 ? left >= excess : left > 0) continue;
      const addedMs = moves.addedMs(group);
      if (!Number.isFinite(addedMs)) continue;
      const worth = excess > 0 ? addedMs / (excess - left) : addedMs;
      if (worth < bestWorth) [best, bestWorth] = [group, worth];
    }
    const isDone = excess === 0 && bestWorth > -1e-12;
    if (best < 0 || isDone) return excess > 0 ? undefined : moves.sides;
    moves.move(best);
  }
}

/** Sides of groups, changed one at a time. */
class Moves {
  readonly sides: Uint8Array;
  firstBytes = 0;
  private readonly crossingsOf: number[][];

  constructor(
    private readonly two: TwoDevices,
    private readonly byteFactor: number,
    start: Uint8Array,
  ) {
    this.sides = start.slice();
    const { groupCount, crossings, problem } = two;
    this.crossingsOf = Array.from({ length: groupCount }, () => []);
    crossings.forEach(({ producer, readers }, i) => {
      for (const group of [producer, ...readers]) this.crossingsOf[group].push(i);
    });
    for (let group = 0; group < groupCount; group++)
      if (this.sides[group] === 0) this.firstBytes += problem.groupBytes[group];
  }

  firstBytesAfter(group: number): number {
    const bytes = this.two.problem.groupBytes[group];
    return this.firstBytes + (this.sides[group] === 0 ? -bytes : bytes);
  }

  /** Infinity where it cannot run there. */
  addedMs(group: number): number {
    const { durationMs, groupCount } = this.two;
    const side = this.sides[group];
    const before = this.crossingMs(group);
    this.sides[group] = 1 - side;
    const after = this.crossingMs(group);
    this.sides[group] = side;
    return (
      durationMs[(1 - side) * groupCount + group] - durationMs[side * groupCount + group] + after - before
    );
  }

  move(group: number): void {
    this.firstBytes = this.firstBytesAfter(group);
    this.sides[group] = 1 - this.sides[group];
  }

  private crossingMs(group: number): number {
    let sum = 0;
    for (const i of this.crossingsOf[group]) {
      const { producer, readers, fixedMs, byteMs } = this.two.crossings[i];
      const side = this.sides[producer];
      for (const reader of readers)
        if (this.sides[reader] !== side) {
          sum += fixedMs[side] + this.byteFactor * byteMs[side];
          break;
        }
    }
    return sum;
  }
}
