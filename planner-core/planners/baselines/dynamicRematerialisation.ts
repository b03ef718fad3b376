import type { NodeId, StepGraph, ValueId } from '../../step/stepGraph';
import {
  EvictedClasses,
  EvictedNeighbourhood,
  noCost,
  ValueNeighbours,
  type EvictionScore,
  type RematerialisationCost,
} from './evictionScores';
import type { SwapDirector } from './swapDirector';

/** A run with more repeats than this many times the step's computations is thrashing. */
const maxRepeats = 8;
/** Chains of repeats longer than this would exhaust the stack. */
const maxDepth = 3000;

/**
 * Runs the step as dynamic tensor rematerialisation does (Kirisame et al., ICLR 2021; its simulator "simrd"): online,
 * under a hard budget, knowing nothing of what comes. When room is needed the value with the least score is given up;
 * when a missing one is needed it is made again, with what it needs. A value is dropped when the program drops its last
 * reference: here after its last use in the step. Returns [before, node] pairs; undefined when it runs out of memory,
 * thrashes, or looks at more than `maxWork` values. `fixed`, by node: 1 where it may not run again. With a director,
 * what is released may be swapped out instead.
 */
export function dynamicRematerialisation(
  step: StepGraph,
  fixed: Uint8Array,
  budgetBytes: number,
  score: EvictionScore,
  maxWork: number,
  director?: SwapDirector,
): Int32Array | undefined {
  return new OnlineRun(step, fixed, budgetBytes, score, maxWork, director).run();
}

class OnlineRun {
  private readonly resident: Uint8Array;
  /** Number of running computations that need the value right now. */
  private readonly locks: Int32Array;
  private readonly evictable: Uint8Array;
  /** By value: 1 once it was made and is not there any more. */
  private readonly isGone: Uint8Array;
  /** Values that may be given up now, and the place of each among them. */
  private readonly pool: ValueId[] = [];
  private readonly placeInPool: Int32Array;
  /** The clock when a value was used last. */
  private readonly lastAccessMs: Float64Array;
  private readonly cost: RematerialisationCost;
  /** By node, once it was asked for: repeats ask again. */
  private readonly neededBy: ValueId[][] = [];
  private readonly pairs: number[] = [];
  private clockMs = 0;
  private liveBytes = 0;
  private scanned = 0;
  private now: NodeId = 0;

  constructor(
    private readonly step: StepGraph,
    private readonly fixed: Uint8Array,
    private readonly budgetBytes: number,
    private readonly score: EvictionScore,
    private readonly maxWork: number,
    private readonly director?: SwapDirector,
  ) {
    const { valueCount, producer, residentAtStart, residentAtEnd } = step;
    this.resident = new Uint8Array(valueCount);
    this.locks = new Int32Array(valueCount);
    this.isGone = new Uint8Array(valueCount);
    this.placeInPool = new Int32Array(valueCount).fill(-1);
    this.lastAccessMs = new Float64Array(valueCount);
    this.evictable = Uint8Array.from(producer, (node, value) =>
      Number(node >= 0 && !residentAtStart[value] && !residentAtEnd[value] && !fixed[node]),
    );
    this.cost = costOf(score, step, this.evictable);
    for (let value = 0; value < valueCount; value++) if (residentAtStart[value]) this.enter(value);
  }

  run(): Int32Array | undefined {
    const dropped = droppedAfter(this.step);
    for (this.now = 0; this.now < this.step.nodeCount; this.now++) {
      if (!this.compute(this.now, 0)) return undefined;
      for (const value of dropped[this.now] ?? []) if (this.resident[value]) this.leave(value);
    }
    return Int32Array.from(this.pairs);
  }

  /** Runs a node once its inputs are there. False when there is no way on. */
  private compute(node: NodeId, depth: number): boolean {
    const { step } = this;
    const needed = (this.neededBy[node] ??= inputsOf(step, node));
    for (const value of needed) this.lastAccessMs[value] = this.clockMs;
    const missing = needed.filter((value) => !this.resident[value]);
    for (const value of needed) if (this.resident[value]) this.lock(value);
    for (const value of missing) {
      // Another one's computation may have brought it along.
      if (!this.resident[value] && !this.bringBack(value) && !this.makeAgain(value, depth)) return false;
      this.lock(value);
    }
    const { offsets, items } = step.outputs;
    let wanted = step.workspaceBytes[node];
    // A repeat makes all of its results; those that are there already are doubled until it ends.
    for (let i = offsets[node]; i < offsets[node + 1]; i++)
      if (depth > 0 || !this.resident[items[i]]) wanted += step.valueBytes[items[i]];
    if (!this.makeRoom(wanted)) return false;
    this.clockMs += step.durationMs[node];
    for (let i = offsets[node]; i < offsets[node + 1]; i++) {
      if (!this.resident[items[i]]) this.enter(items[i]);
      if (depth === 0) this.lastAccessMs[items[i]] = this.clockMs;
    }
    for (const value of needed) this.unlock(value);
    return true;
  }

  /** What was swapped out comes back; false when it was not, or there is no room. */
  private bringBack(value: ValueId): boolean {
    if (!this.director?.returns(value) || !this.makeRoom(this.step.valueBytes[value])) return false;
    this.enter(value);
    return true;
  }

  private makeAgain(value: ValueId, depth: number): boolean {
    const producer = this.step.producer[value];
    if (producer < 0 || this.fixed[producer] || depth > maxDepth) return false;
    if (this.pairs.length > 2 * maxRepeats * this.step.nodeCount) return false;
    if (!this.compute(producer, depth + 1)) return false;
    this.pairs.push(this.now, producer);
    return true;
  }

  private makeRoom(wanted: number): boolean {
    while (this.liveBytes + wanted > this.budgetBytes) {
      this.scanned += this.pool.length;
      if (this.scanned + this.cost.work > this.maxWork) return false;
      const victim = this.leastScored();
      if (victim < 0) return false;
      if (!this.swapOut(victim)) this.leave(victim);
    }
    return true;
  }

  private swapOut(value: ValueId): boolean {
    const { director, cost, now, clockMs, lastAccessMs } = this;
    if (!director) return false;
    cost.refresh(value);
    if (!director.takes(value, now, clockMs, lastAccessMs[value], cost.costMs[value])) return false;
    this.resident[value] = 0;
    this.liveBytes -= this.step.valueBytes[value];
    this.withdraw(value);
    return true;
  }

  /** The last of those in the pool with the least score; -1 where none may be given up. */
  private leastScored(): ValueId {
    const { step, score, pool, clockMs, lastAccessMs, cost } = this;
    const { valueBytes } = step;
    const { costMs } = cost;
    let victim = -1;
    let least = Infinity;
    // A run spends its time here: no iterator, and nothing is called that returns a number, which would be allocated.
    for (let place = 0; place < pool.length; place++) {
      const value = pool[place];
      let own = Infinity;
      if (score === 'LRU') own = lastAccessMs[value];
      else if (score === 'largest') own = -valueBytes[value];
      else if (clockMs > lastAccessMs[value]) {
        cost.refresh(value);
        own = costMs[value] / (valueBytes[value] * (clockMs - lastAccessMs[value]));
      }
      if (own > least) continue;
      least = own;
      victim = value;
    }
    return victim;
  }

  private enter(value: ValueId): void {
    this.resident[value] = 1;
    this.liveBytes += this.step.valueBytes[value];
    if (!this.evictable[value]) return;
    if (this.isGone[value]) this.cost.returned(value);
    this.isGone[value] = 0;
    this.offer(value);
  }

  private leave(value: ValueId): void {
    this.resident[value] = 0;
    this.liveBytes -= this.step.valueBytes[value];
    if (!this.evictable[value]) return;
    this.isGone[value] = 1;
    this.cost.evicted(value);
    this.withdraw(value);
  }

  private lock(value: ValueId): void {
    if (this.locks[value]++ === 0) this.withdraw(value);
  }

  private unlock(value: ValueId): void {
    if (--this.locks[value] === 0 && this.evictable[value]) this.offer(value);
  }

  /** Giving up a value without bytes makes no room. */
  private offer(value: ValueId): void {
    if (this.placeInPool[value] >= 0 || this.step.valueBytes[value] === 0) return;
    this.placeInPool[value] = this.pool.length;
    this.pool.push(value);
  }

  private withdraw(value: ValueId): void {
    const place = this.placeInPool[value];
    if (place < 0) return;
    const last = this.pool.pop()!;
    this.placeInPool[value] = -1;
    if (last === value) return;
    this.pool[place] = last;
    this.placeInPool[last] = place;
  }
}

function costOf(score: EvictionScore, step: StepGraph, evictable: Uint8Array): RematerialisationCost {
  if (score === 'LRU' || score === 'largest') return noCost(step.valueCount);
  const neighbours = new ValueNeighbours(step, evictable);
  return score === 'h_DTR' ? new EvictedNeighbourhood(neighbours) : new EvictedClasses(neighbours);
}

function inputsOf({ inputs, updates }: StepGraph, node: NodeId): ValueId[] {
  const values = new Set<ValueId>();
  for (const rows of [inputs, updates])
    for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) values.add(rows.items[i]);
  return [...values];
}

/** By node: the values whose last use it is (or that it makes for nobody), but for those that outlive the step. */
function droppedAfter(step: StepGraph): (ValueId[] | undefined)[] {
  const last = Int32Array.from(step.producer);
  for (let node = 0; node < step.nodeCount; node++)
    for (const rows of [step.inputs, step.updates, step.outputs])
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) last[rows.items[i]] = node;
  const dropped: (ValueId[] | undefined)[] = [];
  last.forEach((node, value) => {
    if (node >= 0 && !step.residentAtEnd[value]) (dropped[node] ??= []).push(value);
  });
  return dropped;
}
