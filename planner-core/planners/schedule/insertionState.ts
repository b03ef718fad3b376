import type { NodeId, Rows, StepGraph, ValueId } from '../../step/stepGraph';
import { MemoryProfile, rowsOf } from '../memoryProfile';
import { SequenceEvents } from './sequenceEvents';

/** How a computation came into the sequence. */
const Origin = { base: 0, inserted: 1, pinned: 2 } as const;

/**
 * A sequence of computations with repeats, and all that is known about lifetimes in it. A use reads the latest earlier
 * computation. Putting a computation in or taking one out changes only the lives it touches: a shift of flat arrays and
 * additions to ranges of them, no walk over the graph. Changes can be undone, exactly because bytes are whole numbers.
 */
export class InsertionState {
  length: number;
  /** By position: bytes live while it runs. */
  liveBytes: Float64Array;
  stepTimeMs: number;
  /** Grows whenever a computation is taken out. */
  removals = 0;
  /** By position. Base node b is element b; repeats are the elements from nodeCount on. */
  private elements: Int32Array;
  /** By element. */
  private nodeOf: Int32Array;
  private originOf: Uint8Array;
  private readonly unusedElements: number[] = [];
  private elementCount: number;
  private readonly events: SequenceEvents;
  private readonly rows: TrackedRows;
  private readonly startBytes: number;
  private highest = unknown;
  /** Since the last `forget`: four numbers a change, see `undoTo`. */
  private readonly journal: number[] = [];

  /** Starts from [before, node] pairs. Those that are also in `pinned` are marked as such. */
  constructor(
    readonly step: StepGraph,
    recomputations: Int32Array,
    pinned: Int32Array,
  ) {
    const { nodeCount, valueCount } = step;
    const extra = recomputations.length / 2;
    this.length = nodeCount + extra;
    this.elementCount = this.length;
    const capacity = 2 * this.length + 16;
    this.elements = new Int32Array(capacity);
    this.nodeOf = new Int32Array(capacity);
    this.originOf = new Uint8Array(capacity);
    this.liveBytes = new Float64Array(capacity);
    this.events = new SequenceEvents(valueCount, capacity);
    this.rows = trackedRows(step);
    let startBytes = 0;
    for (let value = 0; value < valueCount; value++)
      if (step.residentAtStart[value]) startBytes += step.valueBytes[value];
    this.startBytes = startBytes;

    const pinnedKeys = new Set<number>();
    for (let i = 0; i < pinned.length; i += 2) pinnedKeys.add(pinned[i] * nodeCount + pinned[i + 1]);
    const nodes = new Int32Array(this.length);
    let at = 0;
    let next = 0;
    const append = (element: number, node: NodeId): void => {
      nodes[at] = this.nodeOf[element] = node;
      this.elements[at++] = element;
    };
    for (let before = 0; before < nodeCount; before++) {
      for (; next < extra && recomputations[2 * next] === before; next++) {
        const node = recomputations[2 * next + 1];
        const isPinned = pinnedKeys.has(before * nodeCount + node);
        this.originOf[nodeCount + next] = isPinned ? Origin.pinned : Origin.inserted;
        append(nodeCount + next, node);
      }
      append(before, before);
    }
    this.listEvents();
    const profile = new MemoryProfile(step).ofSequence(nodes, this.length);
    this.liveBytes.set(profile.liveBytes.subarray(0, this.length));
    this.stepTimeMs = profile.stepTimeMs;
  }

  nodeAt(position: number): NodeId {
    return this.nodeOf[this.elements[position]];
  }

  originAt(position: number): number {
    return this.originOf[this.elements[position]];
  }

  /** What is at a position, whatever is put in before it; void once it is taken out. */
  elementAt(position: number): number {
    return this.elements[position];
  }

  /** Where a node runs for the first time. */
  positionOf(node: NodeId): number {
    return this.events.position[node];
  }

  get peakBytes(): number {
    const at = this.peakPosition;
    return at < 0 ? this.startBytes : this.liveBytes[at];
  }

  /** First position at which memory is highest; -1 when nothing exceeds what is there before the step. */
  get peakPosition(): number {
    if (this.highest !== unknown) return this.highest;
    const { liveBytes, length } = this;
    let most = -Infinity;
    let at = -1;
    for (let position = 0; position < length; position++) {
      if (liveBytes[position] <= most) continue;
      most = liveBytes[position];
      at = position;
    }
    this.highest = most >= this.startBytes ? at : -1;
    return this.highest;
  }

  /** Runs `nodes` again just before `position`. */
  insert(position: number, nodes: readonly NodeId[]): void {
    for (let i = 0; i < nodes.length; i++) {
      this.insertAt(position + i, nodes[i], Origin.inserted);
      this.journal.push(1, position + i, 0, 0);
    }
  }

  /** Takes the computations at `positions` out. */
  remove(...positions: readonly number[]): void {
    const descending = positions.length > 1 ? [...new Set(positions)].sort((a, b) => b - a) : positions;
    for (const position of descending) {
      this.journal.push(0, position, this.nodeAt(position), this.originAt(position));
      this.removeAt(position);
    }
  }

  /** A point `undoTo` can go back to, until `forget`. */
  mark(): number {
    return this.journal.length;
  }

  /** Takes back all changes since a mark. */
  undoTo(mark: number): void {
    const { journal } = this;
    while (journal.length > mark) {
      const origin = journal.pop()!;
      const node = journal.pop()!;
      const position = journal.pop()!;
      if (journal.pop() === 1) this.removeAt(position);
      else this.insertAt(position, node, origin);
    }
  }

  /** Makes the changes so far final. */
  forget(): void {
    this.journal.length = 0;
  }

  /** Positions of repeats that may be taken out. */
  repeats(): number[] {
    const positions: number[] = [];
    for (let position = 0; position < this.length; position++)
      if (this.originAt(position) === Origin.inserted) positions.push(position);
    return positions;
  }

  /** The repeats as [before, node] pairs. */
  recomputations(): Int32Array {
    const pairs = new Int32Array(2 * (this.length - this.step.nodeCount));
    let at = pairs.length;
    let before = this.step.nodeCount;
    for (let position = this.length - 1; position >= 0; position--) {
      if (this.originAt(position) === Origin.base) before = this.nodeAt(position);
      else {
        pairs[--at] = this.nodeAt(position);
        pairs[--at] = before;
      }
    }
    return pairs;
  }

  /** Last position before `position` at which the value is made or used; -1 when there is none. */
  lastEventBefore(value: ValueId, position: number): number {
    return this.events.lastEventBefore(value, position);
  }

  /** Next position from `position` on at which the value is used before it is made again; -1 when there is none. */
  nextUseFrom(value: ValueId, position: number): number {
    return this.events.nextUseFrom(value, position);
  }

  /** Is the value not alive at a position, nor made or used between a moment and there? */
  isIdleSince(value: ValueId, position: number, moment: number): boolean {
    const { events } = this;
    const index = events.indexFrom(value, position);
    return !events.isUse(value, index) && events.positionAt(value, index - 1) < moment;
  }

  /**
   * Of a value that is alive but idle at a position: when it was made or used before and when it is used next. False
   * for any other value; true leaves the answer in `gapFrom` and `gapTo`.
   */
  findGap(value: ValueId, position: number): boolean {
    const { events } = this;
    const index = events.indexFrom(value, position);
    if (index === 0 || !events.isUse(value, index)) return false;
    this.gapTo = events.positionAt(value, index);
    if (this.gapTo === position) return false;
    this.gapFrom = events.positionAt(value, index - 1);
    return true;
  }
  gapFrom = -1;
  gapTo = -1;

  /** Does the value live to the end of the step, so that nothing about it can change? */
  isPermanent(value: ValueId): boolean {
    return this.step.residentAtEnd[value] === 1;
  }

  /** Bytes alive both before and after the computation at a position begins. */
  liveAcross(position: number): number {
    const { step } = this;
    const { offsets, items } = step.outputs;
    const node = this.nodeAt(position);
    let live = this.liveBytes[position] - step.workspaceBytes[node];
    for (let i = offsets[node]; i < offsets[node + 1]; i++) {
      const value = items[i];
      const isFirst = this.originAt(position) === Origin.base && step.producer[value] === node;
      if (!this.isPermanent(value) || (isFirst && !step.residentAtStart[value]))
        live -= step.valueBytes[value];
    }
    return live;
  }

  private listEvents(): void {
    const { elements, nodeOf, events } = this;
    const { used, made } = this.rows;
    for (let position = 0; position < this.length; position++) {
      const element = elements[position];
      const node = nodeOf[element];
      events.position[element] = position;
      for (let i = used.offsets[node]; i < used.offsets[node + 1]; i++)
        events.append(used.items[i], 2 * element);
      for (let i = made.offsets[node]; i < made.offsets[node + 1]; i++)
        events.append(made.items[i], 2 * element + 1);
    }
  }

  private insertAt(position: number, node: NodeId, origin: number): void {
    const { step, rows } = this;
    if (this.elementCount === this.nodeOf.length) this.grow();
    const element = this.unusedElements.pop() ?? this.elementCount++;
    this.nodeOf[element] = node;
    this.originOf[element] = origin;
    const live = this.liveAcross(position) + step.workspaceBytes[node];
    this.elements.copyWithin(position + 1, position, this.length);
    this.liveBytes.copyWithin(position + 1, position, this.length);
    this.length++;
    this.elements[position] = element;
    this.liveBytes[position] = live;
    this.numberFrom(position);
    for (let i = rows.used.offsets[node]; i < rows.used.offsets[node + 1]; i++)
      this.addUse(rows.used.items[i], element, position);
    for (let i = rows.made.offsets[node]; i < rows.made.offsets[node + 1]; i++)
      this.addMake(rows.made.items[i], element, position);
    this.stepTimeMs += step.durationMs[node];
    this.highest = unknown;
  }

  private removeAt(position: number): void {
    const { step, rows } = this;
    const element = this.elements[position];
    const node = this.nodeOf[element];
    for (let i = rows.made.offsets[node]; i < rows.made.offsets[node + 1]; i++)
      this.dropMake(rows.made.items[i], element, position);
    for (let i = rows.used.offsets[node]; i < rows.used.offsets[node + 1]; i++)
      this.dropUse(rows.used.items[i], element, position);
    this.elements.copyWithin(position, position + 1, this.length);
    this.liveBytes.copyWithin(position, position + 1, this.length);
    this.length--;
    this.numberFrom(position);
    this.unusedElements.push(element);
    this.removals++;
    this.stepTimeMs -= step.durationMs[node];
    this.highest = unknown;
  }

  /** A use behind the last of a life stretches that life up to it. */
  private addUse(value: ValueId, element: number, position: number): void {
    const { events } = this;
    const index = events.indexFrom(value, position);
    if (!events.isUse(value, index))
      this.add(value, events.positionAt(value, index - 1) + 1, position + 1, 1);
    events.of(value).splice(index, 0, 2 * element);
  }

  private dropUse(value: ValueId, element: number, position: number): void {
    const { events } = this;
    const list = events.of(value);
    const index = list.indexOf(2 * element, events.indexFrom(value, position));
    list.splice(index, 1);
    if (!events.isUse(value, index))
      this.add(value, events.positionAt(value, index - 1) + 1, position + 1, -1);
  }

  /** What is made anew need not live since it was last used; what nobody uses then lives at its own position only. */
  private addMake(value: ValueId, element: number, position: number): void {
    const { events } = this;
    const index = events.indexFrom(value, position + 1);
    const last = events.positionAt(value, index - 1);
    if (events.isUse(value, index)) this.add(value, last + 1, position, -1);
    // An older life of the value that ends here is there as well.
    if (!events.isUse(value, index) || last === position) this.add(value, position, position + 1, 1);
    events.of(value).splice(index, 0, 2 * element + 1);
  }

  private dropMake(value: ValueId, element: number, position: number): void {
    const { events } = this;
    const list = events.of(value);
    const index = list.indexOf(2 * element + 1, events.indexFrom(value, position));
    list.splice(index, 1);
    const last = events.positionAt(value, index - 1);
    if (events.isUse(value, index)) this.add(value, last + 1, position, 1);
    if (!events.isUse(value, index) || last === position) this.add(value, position, position + 1, -1);
  }

  /** Adds the bytes of a value, times a sign, to positions [from, to). */
  private add(value: ValueId, from: number, to: number, sign: number): void {
    const { liveBytes } = this;
    const bytes = sign * this.step.valueBytes[value];
    for (let position = from; position < to; position++) liveBytes[position] += bytes;
  }

  private numberFrom(position: number): void {
    const { elements, length } = this;
    const { position: positions } = this.events;
    for (let at = position; at < length; at++) positions[elements[at]] = at;
  }

  private grow(): void {
    const larger = 2 * this.nodeOf.length;
    const grown = <T extends Uint8Array | Int32Array | Float64Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.elements = grown(new Int32Array(larger), this.elements);
    this.nodeOf = grown(new Int32Array(larger), this.nodeOf);
    this.originOf = grown(new Uint8Array(larger), this.originOf);
    this.liveBytes = grown(new Float64Array(larger), this.liveBytes);
    this.events.position = grown(new Int32Array(larger), this.events.position);
  }
}

/** The highest position has to be looked for. */
const unknown = -2;

/** By node, what it uses and makes of the values whose lives repeats can change. */
interface TrackedRows {
  readonly used: Rows;
  readonly made: Rows;
}

const rowsOfSteps = new WeakMap<StepGraph, TrackedRows>();

/** What repeatable computations make or read, if it does not stay anyway. Found once a step. */
function trackedRows(step: StepGraph): TrackedRows {
  const known = rowsOfSteps.get(step);
  if (known) return known;
  const tracked = new Uint8Array(step.valueCount);
  for (let node = 0; node < step.nodeCount; node++) {
    if (!step.recomputable[node]) continue;
    for (const rows of [step.inputs, step.outputs, step.updates])
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) tracked[rows.items[i]] = 1;
  }
  for (let value = 0; value < step.valueCount; value++) if (step.residentAtEnd[value]) tracked[value] = 0;
  const isTracked = (value: ValueId): boolean => tracked[value] === 1;
  const found = {
    used: rowsOf(step, [step.inputs, step.updates], isTracked),
    made: rowsOf(step, [step.outputs], isTracked),
  };
  rowsOfSteps.set(step, found);
  return found;
}
