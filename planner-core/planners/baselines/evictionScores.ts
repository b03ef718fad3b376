import type { StepGraph, ValueId } from '../../step/stepGraph';

/** Scores of Kirisame et al., "Dynamic Tensor Rematerialization" (ICLR 2021): the value with the least is given up. */
export const evictionScores = ['h_DTR', 'h_DTR eq', 'LRU', 'largest'] as const;
export type EvictionScore = (typeof evictionScores)[number];

/** The part of a score that does not change with the clock: what it would cost to bring a value back. */
export interface RematerialisationCost {
  costMs(value: ValueId): number;
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
  private readonly isEvicted: Uint8Array;
  private readonly known: Float64Array;
  private readonly seen: Int32Array;
  private walk = 0;

  constructor(private readonly neighbours: ValueNeighbours) {
    const count = neighbours.ownMs.length;
    this.isEvicted = new Uint8Array(count);
    this.known = new Float64Array(count).fill(-1);
    this.seen = new Int32Array(count);
  }

  costMs(value: ValueId): number {
    if (this.known[value] < 0) {
      const { parents, children, ownMs } = this.neighbours;
      let sum = ownMs[value];
      const add = (other: ValueId): void => {
        sum += ownMs[other];
      };
      this.spread(value, parents, add);
      this.spread(value, children, add);
      this.known[value] = sum;
    }
    return this.known[value];
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
    this.known[value] = -1;
    const drop = (other: ValueId): void => {
      this.known[other] = -1;
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
  /** By value: its entry in the forest; -1 while it is there. */
  private readonly entry: Int32Array;
  private readonly above: number[] = [];
  private readonly sumMs: number[] = [];
  /** By entry: the walk around a value that met it last. */
  private readonly met: number[] = [];
  private walk = 0;

  constructor(private readonly neighbours: ValueNeighbours) {
    this.entry = new Int32Array(neighbours.ownMs.length).fill(-1);
  }

  costMs(value: ValueId): number {
    let sum = this.neighbours.ownMs[value];
    this.eachRootAround(value, (root) => (sum += this.sumMs[root]));
    return sum;
  }

  evicted(value: ValueId): void {
    const own = this.above.length;
    let sum = this.neighbours.ownMs[value];
    const roots: number[] = [];
    this.eachRootAround(value, (root) => roots.push(root));
    for (const root of roots) {
      this.above[root] = own;
      sum += this.sumMs[root];
    }
    this.above.push(own);
    this.sumMs.push(sum);
    this.met.push(0);
    this.entry[value] = own;
  }

  returned(value: ValueId): void {
    this.sumMs[this.rootOf(this.entry[value])] -= this.neighbours.ownMs[value];
    this.entry[value] = -1;
  }

  /** The classes that touch the value, each once. */
  private eachRootAround(value: ValueId, visit: (root: number) => void): void {
    const { parents, children } = this.neighbours;
    this.walk++;
    this.meet(parents[value], visit);
    this.meet(children[value], visit);
  }

  private meet(others: readonly ValueId[], visit: (root: number) => void): void {
    this.work += others.length;
    for (const other of others) {
      const entry = this.entry[other];
      if (entry < 0) continue;
      const root = this.rootOf(entry);
      if (this.met[root] === this.walk) continue;
      this.met[root] = this.walk;
      visit(root);
    }
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
export const noCost: RematerialisationCost = {
  costMs: () => 0,
  evicted: () => undefined,
  returned: () => undefined,
  work: 0,
};
