import type { StepGraph, ValueId } from '../../step/stepGraph';

/** Scores of Kirisame et al., "Dynamic Tensor Rematerialization" (ICLR 2021): the value with the least is given up. */
export const evictionScores = ['h_DTR', 'h_DTR eq', 'LRU', 'largest'] as const;
export type EvictionScore = (typeof evictionScores)[number];

/** The part of a score that does not change with the clock: what it would cost to bring a value back. */
export interface RematerialisationCost {
  /**
   * By value: the cost when `refresh` was last called for it. An array and no result of a call, because numbers that calls
   * return are allocated, and every time room is made the costs of all values are asked for.
   */
  readonly costMs: Float64Array;
  refresh(value: ValueId): void;
  evicted(value: ValueId): void;
  returned(value: ValueId): void;
  /** Values looked at so far. */
  readonly work: number;
}

/** Which values a value is made from, and which are made from it, as far as they can be made again. */
export class ValueNeighbours {
  readonly parents: readonly (readonly ValueId[])[];
  readonly children: readonly (readonly ValueId[])[];
  /** By value: time of the node that makes it. */
  readonly ownMs: Float64Array;

  /** `isRecomputable`, by value. */
  constructor(step: StepGraph, isRecomputable: Uint8Array) {
    const parents: ValueId[][] = Array.from({ length: step.valueCount }, () => []);
    const children: ValueId[][] = Array.from({ length: step.valueCount }, () => []);
    this.ownMs = new Float64Array(step.valueCount);
    for (let value = 0; value < step.valueCount; value++) {
      if (!isRecomputable[value]) continue;
      const node = step.producer[value];
      this.ownMs[value] = step.durationMs[node];
      for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
        const input = step.inputs.items[i];
        if (!isRecomputable[input]) continue;
        parents[value].push(input);
        children[input].push(value);
      }
    }
    this.parents = parents;
    this.children = children;
  }
}

/**
 * e*: the value's own time and that of everything evicted which it needs, or which needs it, through evicted values
 * only. Sums are kept until something evicted or returned touches them.
 */
export class EvictedNeighbourhood implements RematerialisationCost {
  work = 0;
  /** Negative where it is not known. */
  readonly costMs: Float64Array;
  private readonly isEvicted: Uint8Array;
  private readonly seen: Int32Array;
  private walk = 0;

  constructor(private readonly neighbours: ValueNeighbours) {
    const count = neighbours.ownMs.length;
    this.isEvicted = new Uint8Array(count);
    this.costMs = new Float64Array(count).fill(-1);
    this.seen = new Int32Array(count);
  }

  refresh(value: ValueId): void {
    const { costMs, neighbours } = this;
    if (costMs[value] >= 0) return;
    const { parents, children, ownMs } = neighbours;
    let sum = ownMs[value];
    const add = (other: ValueId): void => {
      sum += ownMs[other];
    };
    this.spread(value, parents, add);
    this.spread(value, children, add);
    costMs[value] = sum;
  }

  evicted(value: ValueId): void {
    this.isEvicted[value] = 1;
    this.forget(value);
  }

  returned(value: ValueId): void {
    this.isEvicted[value] = 0;
    this.forget(value);
  }

  /** Everything that has the value in its neighbourhood: what lies beyond the evicted values around it. */
  private forget(value: ValueId): void {
    this.costMs[value] = -1;
    const drop = (other: ValueId): void => {
      this.costMs[other] = -1;
    };
    this.spread(value, this.neighbours.parents, drop, drop);
    this.spread(value, this.neighbours.children, drop, drop);
  }

  /** Visits the evicted values that are reached one way through evicted ones, and what is there at the rim. */
  private spread(
    start: ValueId,
    ways: ValueNeighbours['parents'],
    visit: (value: ValueId) => void,
    visitRim?: (value: ValueId) => void,
  ): void {
    this.walk++;
    const open = [start];
    for (let value = open.pop(); value !== undefined; value = open.pop()) {
      for (const other of ways[value]) {
        if (this.seen[other] === this.walk) continue;
        this.seen[other] = this.walk;
        this.work++;
        if (this.isEvicted[other]) {
          visit(other);
          open.push(other);
        } else visitRim?.(other);
      }
    }
  }
}

/**
 * e~: evicted values that touch form a class with one sum (union-find). What returns is subtracted, but does not part a
 * class: cheap, and a little too high afterwards, as in the paper.
 */
export class EvictedClasses implements RematerialisationCost {
  work = 0;
  readonly costMs: Float64Array;
  /** By value: its entry in the forest; -1 while it is there. */
  private readonly entry: Int32Array;
  private readonly above: number[] = [];
  private readonly sumMs: number[] = [];
  /** By entry: the walk around a value that met it last. */
  private readonly met: number[] = [];
  /** What `findRootsAround` found last. */
  private readonly rootsAround: number[] = [];
  private walk = 0;

  constructor(private readonly neighbours: ValueNeighbours) {
    const { ownMs } = neighbours;
    this.entry = new Int32Array(ownMs.length).fill(-1);
    this.costMs = new Float64Array(ownMs.length);
  }

  refresh(value: ValueId): void {
    const { costMs, sumMs, rootsAround, neighbours } = this;
    const count = this.findRootsAround(value);
    costMs[value] = neighbours.ownMs[value];
    for (let i = 0; i < count; i++) costMs[value] += sumMs[rootsAround[i]];
  }

  evicted(value: ValueId): void {
    const { above, sumMs, rootsAround, neighbours } = this;
    const own = above.length;
    let sum = neighbours.ownMs[value];
    const count = this.findRootsAround(value);
    for (let i = 0; i < count; i++) {
      above[rootsAround[i]] = own;
      sum += sumMs[rootsAround[i]];
    }
    above.push(own);
    sumMs.push(sum);
    this.met.push(0);
    this.entry[value] = own;
  }

  returned(value: ValueId): void {
    this.sumMs[this.rootOf(this.entry[value])] -= this.neighbours.ownMs[value];
    this.entry[value] = -1;
  }

  /** Puts the classes that touch the value into `rootsAround`, each once, and returns how many they are. */
  private findRootsAround(value: ValueId): number {
    const { parents, children } = this.neighbours;
    this.walk++;
    return this.meet(children[value], this.meet(parents[value], 0));
  }

  /** Adds the classes of some neighbours to the `count` that are there already. */
  private meet(others: readonly ValueId[], count: number): number {
    this.work += others.length;
    for (const other of others) {
      const entry = this.entry[other];
      if (entry < 0) continue;
      const root = this.rootOf(entry);
      if (this.met[root] === this.walk) continue;
      this.met[root] = this.walk;
      this.rootsAround[count++] = root;
    }
    return count;
  }

  private rootOf(entry: number): number {
    let root = entry;
    while (this.above[root] !== root) root = this.above[root];
    for (let at = entry; this.above[at] !== root;) {
      const next = this.above[at];
      this.above[at] = root;
      at = next;
    }
    return root;
  }
}

/** For scores that do not ask. */
export const noCost = (valueCount: number): RematerialisationCost => ({
  costMs: new Float64Array(valueCount),
  refresh: () => undefined,
  evicted: () => undefined,
  returned: () => undefined,
  work: 0,
});
