import { usersByValue } from '../../plan/regionRecomputation';
import type { Rows, StepGraph, ValueId } from '../../step/stepGraph';

/**
 * When values are there in the step that keeps everything, as bounds need it. A gap is the time between two neighbouring
 * events of a value (made, read, updated): within it the value may be absent, and then its producer has to run again
 * before the gap ends. Only values that can come back have gaps: made by one node that may run again, not lasting.
 */
export class Lifetimes {
  /** By gap, ascending by its end: the value, and the nodes of the events it lies between. */
  readonly gapValue: Int32Array;
  readonly gapStart: Int32Array;
  readonly gapEnd: Int32Array;
  /** The gaps of each value. */
  readonly gapsOfValue: Rows;
  /** The nodes that may run again and then need a value. */
  readonly readersAgain: Rows;
  /** By value: 1 when only one node, or none, ever makes it. */
  readonly isMadeOnce: Uint8Array;
  /** By value: the last node that makes, reads or updates it; nodeCount when it never leaves. */
  readonly lastEvent: Int32Array;
  /** By value: 1 when it can be computed again. */
  readonly canReturn: Uint8Array;
  /** By node: what is there in any plan while it runs: workspace, what it uses, what never leaves or cannot return. */
  readonly certainBytes: Float64Array;

  /** `mayRepeat`, by node: what may run again. */
  constructor(
    readonly step: StepGraph,
    readonly mayRepeat: Uint8Array,
  ) {
    const { nodeCount, valueCount, residentAtStart, residentAtEnd } = step;
    const timesMade = timesMadeOf(step);
    this.isMadeOnce = timesMade.map((times) => Number(times <= 1));
    this.readersAgain = onlyRepeatable(usersByValue(step), mayRepeat);
    this.canReturn = returningValues(step, mayRepeat, timesMade);
    this.lastEvent = new Int32Array(valueCount).fill(-1);
    const change = new Float64Array(nodeCount + 1);
    const isThere = (value: ValueId, from: number, to: number): void => {
      change[from] += step.valueBytes[value];
      change[to] -= step.valueBytes[value];
    };
    const gaps: number[] = [];
    const event = (value: ValueId, node: number): void => {
      const last = this.lastEvent[value];
      if (last === node) return;
      this.lastEvent[value] = node;
      if (residentAtEnd[value]) {
        if (last < 0) isThere(value, residentAtStart[value] ? 0 : node, nodeCount);
      } else if (this.canReturn[value]) {
        isThere(value, node, node + 1);
        if (last >= 0 && node > last + 1) gaps.push(value, last, node);
      } else {
        // What is made anew by a later node need not be there in between.
        const isUnbroken = timesMade[value] <= 1 && (last >= 0 || residentAtStart[value]);
        isThere(value, isUnbroken ? last + 1 : node, node + 1);
      }
    };
    for (let node = 0; node < nodeCount; node++) {
      for (const rows of [step.inputs, step.updates, step.outputs])
        for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) event(rows.items[i], node);
    }
    for (let value = 0; value < valueCount; value++) {
      // The simulator never frees what is there from the start and not read.
      if (residentAtStart[value] && this.lastEvent[value] < 0) isThere(value, 0, nodeCount);
      if (residentAtEnd[value] || this.lastEvent[value] < 0) this.lastEvent[value] = nodeCount;
    }
    this.certainBytes = new Float64Array(nodeCount);
    for (let node = 0, live = 0; node < nodeCount; node++) {
      live += change[node];
      this.certainBytes[node] = live + step.workspaceBytes[node];
    }
    const count = gaps.length / 3;
    const column = (offset: number): Int32Array =>
      Int32Array.from({ length: count }, (_, gap) => gaps[3 * gap + offset]);
    this.gapValue = column(0);
    this.gapStart = column(1);
    this.gapEnd = column(2);
    this.gapsOfValue = rowsBy(this.gapValue, valueCount);
  }

  get gapCount(): number {
    return this.gapValue.length;
  }
}

/** How often a value comes to be: 1, or 2 for more. */
function timesMadeOf(step: StepGraph): Uint8Array {
  const timesMade = Uint8Array.from(step.residentAtStart);
  for (const value of step.outputs.items) timesMade[value] = Math.min(2, timesMade[value] + 1);
  return timesMade;
}

function returningValues(step: StepGraph, mayRepeat: Uint8Array, timesMade: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: step.valueCount }, (_, value) => {
    const isLasting = step.residentAtStart[value] || step.residentAtEnd[value];
    const producer = step.producer[value];
    const canReturn = !isLasting && producer >= 0 && timesMade[value] === 1 && mayRepeat[producer];
    return Number(canReturn && step.valueBytes[value] > 0);
  });
}

function onlyRepeatable({ offsets, items }: Rows, mayRepeat: Uint8Array): Rows {
  const kept = new Int32Array(offsets.length);
  const left: number[] = [];
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let i = offsets[row]; i < offsets[row + 1]; i++) if (mayRepeat[items[i]]) left.push(items[i]);
    kept[row + 1] = left.length;
  }
  return { offsets: kept, items: Int32Array.from(left) };
}

/** The positions in `keys` of every key. */
function rowsBy(keys: Int32Array, count: number): Rows {
  const offsets = new Int32Array(count + 1);
  for (const key of keys) offsets[key + 1]++;
  for (let key = 0; key < count; key++) offsets[key + 1] += offsets[key];
  const fill = offsets.slice();
  const items = new Int32Array(keys.length);
  keys.forEach((key, at) => (items[fill[key]++] = at));
  return { offsets, items };
}
