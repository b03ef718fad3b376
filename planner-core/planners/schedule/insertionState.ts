import type { NodeId, Rows, StepGraph, ValueId } from '../../step/stepGraph';
import { MemoryProfile, rowsOf } from '../memoryProfile';

/** How a computation came into the sequence. */
export const Origin = { base: 0, inserted: 1, pinned: 2 } as const;

/** By value, ascending positions; entries of value v are items[offsets[v] .. offsets[v + 1]). */
interface Events {
  offsets: Int32Array;
  items: Int32Array;
}

/**
 * A sequence of computations with repeats, and all that is known about lifetimes in it. A use reads the latest earlier
 * computation. Changing the sequence rebuilds everything: O(computations + their inputs and outputs).
 */
export class InsertionState {
  nodes: Int32Array;
  origin: Uint8Array;
  length: number;
  /** By position: bytes live while it runs. */
  liveBytes: Float64Array = new Float64Array(0);
  peakBytes = 0;
  peakPosition = -1;
  stepTimeMs = 0;
  private readonly made: Events;
  private readonly used: Events;
  private readonly madeRows: Rows;
  private readonly usedRows: Rows;
  private readonly profile: MemoryProfile;

  /** Starts from [before, node] pairs. Those that are also in `pinned` are marked as such. */
  constructor(
    readonly step: StepGraph,
    recomputations: Int32Array,
    pinned: Int32Array,
  ) {
    const extra = recomputations.length / 2;
    this.length = step.nodeCount + extra;
    this.nodes = new Int32Array(2 * this.length);
    this.origin = new Uint8Array(2 * this.length);
    this.profile = new MemoryProfile(step);
    const tracked = trackedValues(step);
    const isTracked = (value: ValueId): boolean => tracked[value] === 1;
    this.madeRows = rowsOf(step, [step.outputs], isTracked);
    this.usedRows = rowsOf(step, [step.inputs, step.updates], isTracked);
    this.made = { offsets: new Int32Array(step.valueCount + 2), items: new Int32Array(0) };
    this.used = { offsets: new Int32Array(step.valueCount + 2), items: new Int32Array(0) };
    const pinnedKeys = new Set<number>();
    for (let i = 0; i < pinned.length; i += 2) pinnedKeys.add(pinned[i] * step.nodeCount + pinned[i + 1]);
    for (let before = 0, next = 0, at = 0; before < step.nodeCount; before++) {
      for (; next < extra && recomputations[2 * next] === before; next++) {
        const node = recomputations[2 * next + 1];
        this.nodes[at] = node;
        this.origin[at++] = pinnedKeys.has(before * step.nodeCount + node) ? Origin.pinned : Origin.inserted;
      }
      this.nodes[at++] = before;
    }
    this.rebuild();
  }

  /** Runs `nodes` again just before `position`. */
  insert(position: number, nodes: readonly NodeId[]): void {
    const count = nodes.length;
    if (this.length + count > this.nodes.length) {
      const larger = 2 * (this.length + count);
      const old = { nodes: this.nodes, origin: this.origin };
      this.nodes = new Int32Array(larger);
      this.nodes.set(old.nodes.subarray(0, this.length));
      this.origin = new Uint8Array(larger);
      this.origin.set(old.origin.subarray(0, this.length));
    }
    this.nodes.copyWithin(position + count, position, this.length);
    this.origin.copyWithin(position + count, position, this.length);
    this.nodes.set(nodes, position);
    this.origin.fill(Origin.inserted, position, position + count);
    this.length += count;
    this.rebuild();
  }

  /** Takes the computations at `positions` out. */
  remove(...positions: readonly number[]): void {
    for (const position of [...new Set(positions)].sort((a, b) => b - a)) {
      this.nodes.copyWithin(position, position + 1, this.length);
      this.origin.copyWithin(position, position + 1, this.length);
      this.length--;
    }
    this.rebuild();
  }

  /** Positions of repeats that may be taken out. */
  repeats(): number[] {
    const positions: number[] = [];
    for (let position = 0; position < this.length; position++)
      if (this.origin[position] === Origin.inserted) positions.push(position);
    return positions;
  }

  /** The repeats as [before, node] pairs. */
  recomputations(): Int32Array {
    const pairs = new Int32Array(2 * (this.length - this.step.nodeCount));
    let at = pairs.length;
    let before = this.step.nodeCount;
    for (let position = this.length - 1; position >= 0; position--) {
      if (this.origin[position] === Origin.base) before = this.nodes[position];
      else {
        pairs[--at] = this.nodes[position];
        pairs[--at] = before;
      }
    }
    return pairs;
  }

  /** Last position before `position` at which the value is made or used; -1 when there is none. */
  lastEventBefore(value: ValueId, position: number): number {
    return Math.max(lastBefore(this.made, value, position), lastBefore(this.used, value, position));
  }

  /** Next position from `position` on at which the value is used before it is made again; -1 when there is none. */
  nextUseFrom(value: ValueId, position: number): number {
    const use = firstFrom(this.used, value, position);
    if (use < 0) return -1;
    const birth = firstFrom(this.made, value, position);
    return birth >= 0 && birth < use ? -1 : use;
  }

  /** Does the value live to the end of the step, so that nothing about it can change? */
  isPermanent(value: ValueId): boolean {
    return this.step.residentAtEnd[value] === 1;
  }

  private rebuild(): void {
    const { nodes, length } = this;
    this.profile.ofSequence(nodes, length);
    this.liveBytes = this.profile.liveBytes;
    this.peakBytes = this.profile.peakBytes;
    this.peakPosition = this.profile.peakPosition;
    this.stepTimeMs = this.profile.stepTimeMs;
    fillEvents(this.made, nodes, length, this.madeRows);
    fillEvents(this.used, nodes, length, this.usedRows);
  }
}

/** Values whose lives insertions can change: what repeatable computations make or read, if it does not stay anyway. */
function trackedValues(step: StepGraph): Uint8Array {
  const tracked = new Uint8Array(step.valueCount);
  for (let node = 0; node < step.nodeCount; node++) {
    if (!step.recomputable[node]) continue;
    for (const rows of [step.inputs, step.outputs, step.updates])
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) tracked[rows.items[i]] = 1;
  }
  for (let value = 0; value < step.valueCount; value++) if (step.residentAtEnd[value]) tracked[value] = 0;
  return tracked;
}

/** Counting sort of (value, position); reuses the buffers. */
function fillEvents(events: Events, nodes: Int32Array, length: number, rows: Rows): void {
  const { offsets } = events;
  offsets.fill(0);
  for (let position = 0; position < length; position++) {
    const node = nodes[position];
    for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) offsets[rows.items[i] + 2]++;
  }
  for (let value = 2; value < offsets.length; value++) offsets[value] += offsets[value - 1];
  const count = offsets[offsets.length - 1];
  if (events.items.length < count) events.items = new Int32Array(2 * count);
  for (let position = 0; position < length; position++) {
    const node = nodes[position];
    for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++)
      events.items[offsets[rows.items[i] + 1]++] = position;
  }
}

/** Last entry of a row that is less than `position`; -1 when there is none. */
function lastBefore({ offsets, items }: Events, row: number, position: number): number {
  let low = offsets[row];
  let high = offsets[row + 1];
  const start = low;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle] < position) low = middle + 1;
    else high = middle;
  }
  return low > start ? items[low - 1] : -1;
}

/** First entry of a row that is at least `position`; -1 when there is none. */
function firstFrom({ offsets, items }: Events, row: number, position: number): number {
  let low = offsets[row];
  let high = offsets[row + 1];
  const end = high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle] < position) low = middle + 1;
    else high = middle;
  }
  return low < end ? items[low] : -1;
}
