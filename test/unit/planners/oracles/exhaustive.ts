import { recomputableNodes } from '../../../../planner-core/plan/layerIndex';
import type { NodeId, StepGraph } from '../../../../planner-core/step/stepGraph';

/** The fastest schedule under a budget, and what it computes again. */
export interface ExhaustiveOptimum {
  readonly stepTimeMs: number;
  /** [before, node] pairs as in Directives. */
  readonly recomputations: Int32Array;
}

/**
 * The exact least time of a step on its first device under a budget, by search over everything that can be done: after
 * any computation any value may be dropped and any earlier node whose inputs are there may run again, any number of
 * times. Nodes run for the first time in their order; what outlives the step stays once made, and so does what is there
 * from the start and never read, as the simulator has it. `mayRepeat`, by node: what may run again. undefined when no
 * schedule fits. Throws RangeError for more than 30 values that can come and go: this is for steps of a few nodes.
 */
export function exhaustiveOptimum(
  step: StepGraph,
  budgetBytes: number,
  mayRepeat = recomputableNodes(step),
): ExhaustiveOptimum | undefined {
  return new Search(step, budgetBytes, mayRepeat).run();
}

/** Time of `exhaustiveOptimum`, in milliseconds. */
export function exhaustiveLeastTime(
  step: StepGraph,
  budgetBytes: number,
  mayRepeat = recomputableNodes(step),
): number | undefined {
  return exhaustiveOptimum(step, budgetBytes, mayRepeat)?.stepTimeMs;
}

/** The least peak of any schedule of the step: the smallest budget that has an optimum. Sizes are whole bytes. */
export function exhaustiveLeastPeak(step: StepGraph, mayRepeat = recomputableNodes(step)): number {
  let high = Math.max(0, ...step.workspaceBytes) + step.valueBytes.reduce((sum, bytes) => sum + bytes, 0);
  let low = 0;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (exhaustiveLeastTime(step, middle, mayRepeat) === undefined) low = middle + 1;
    else high = middle;
  }
  return high;
}

/** A point of the search: base nodes before `next` have run, `resident` is there. */
interface State {
  readonly next: NodeId;
  /** Bits of tracked values. */
  readonly resident: number;
  readonly addedMs: number;
  readonly from: State | undefined;
  /** The node that ran to get here. */
  readonly ran: NodeId;
}

/**
 * Dijkstra by added time. Dropping a value can wait until a computation would not fit without (keeping more is never
 * worse), and then only sets of which none can be left out need be tried.
 */
class Search {
  /** Bytes of tracked values, by bit. A tracked value can leave: the others are there from when they are first made. */
  private readonly bytesOfBit: number[] = [];
  /** Untracked bytes before base node k runs. */
  private readonly fixedBytes: Float64Array;
  private readonly needs: Int32Array;
  private readonly makes: Int32Array;
  /** Before base node k: what may be read from there on; what is read and cannot come back. */
  private readonly wanted: Int32Array;
  private readonly irreplaceable: Int32Array;
  private readonly startBits: number;
  private readonly best = new Map<number, number>();
  private readonly queue = new StateQueue();

  constructor(
    private readonly step: StepGraph,
    private readonly budgetBytes: number,
    private readonly mayRepeat: Uint8Array,
  ) {
    const { nodeCount, valueCount, valueBytes, residentAtStart, residentAtEnd, inputs, outputs, updates } =
      step;
    const isRead = new Uint8Array(valueCount);
    for (const rows of [inputs, updates]) for (const value of rows.items) isRead[value] = 1;
    const bitOf = new Int32Array(valueCount);
    let startBits = 0;
    // Large ones first, so that no set that is tried as what to drop has a member it could do without.
    const values = Array.from({ length: valueCount }, (_, value) => value);
    for (const value of values.sort((a, b) => valueBytes[b] - valueBytes[a])) {
      const stays = residentAtEnd[value] || (residentAtStart[value] && !isRead[value]);
      if (stays || valueBytes[value] === 0) continue;
      bitOf[value] = 1 << this.bytesOfBit.length;
      if (residentAtStart[value]) startBits |= bitOf[value];
      if (this.bytesOfBit.push(valueBytes[value]) > 30) throw new RangeError('too many values to search');
    }
    this.startBits = startBits;
    const bitsOf = (rows: StepGraph['inputs'], node: NodeId): number => {
      let bits = 0;
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) bits |= bitOf[rows.items[i]];
      return bits;
    };
    const nodes = Array.from({ length: nodeCount }, (_, node) => node);
    this.needs = Int32Array.from(nodes, (node) => bitsOf(inputs, node) | bitsOf(updates, node));
    this.makes = Int32Array.from(nodes, (node) => bitsOf(outputs, node));
    this.fixedBytes = this.fixedBytesBefore(bitOf);

    this.wanted = new Int32Array(nodeCount + 1);
    this.irreplaceable = new Int32Array(nodeCount + 1);
    let read = 0;
    let replaceable = 0;
    for (const node of nodes) if (mayRepeat[node]) replaceable |= this.makes[node];
    for (let next = nodeCount - 1; next >= 0; next--) {
      read |= this.needs[next];
      let wanted = read;
      for (let node = nodeCount - 1; node >= 0; node--)
        if (mayRepeat[node] && this.makes[node] & wanted) wanted |= this.needs[node];
      this.wanted[next] = wanted;
      this.irreplaceable[next] = read & ~replaceable & ~this.madeFrom(next);
    }
  }

  run(): ExhaustiveOptimum | undefined {
    const { step, budgetBytes } = this;
    const startBytes = this.fixedBytes[0] + this.bytesOf(this.startBits);
    if (startBytes > budgetBytes) return undefined;
    this.push(0, this.startBits, 0, undefined, -1);
    for (let state = this.queue.pop(); state; state = this.queue.pop()) {
      if (state.next === step.nodeCount) return this.answer(state);
      if (state.addedMs > this.best.get(this.keyOf(state.next, state.resident))!) continue;
      this.compute(state, state.next);
      const missing = this.wanted[state.next] & ~state.resident;
      for (let node = 0; node < state.next; node++)
        if (this.mayRepeat[node] && this.makes[node] & missing) this.compute(state, node);
    }
    return undefined;
  }

  /** Runs `node`, dropping what must be dropped for it in every way that leaves nothing out needlessly. */
  private compute(state: State, node: NodeId): void {
    const { resident, next } = state;
    const needs = this.needs[node];
    const makes = this.makes[node];
    if (needs & ~resident) return;
    const isFirst = node === next;
    const after = isFirst ? next + 1 : next;
    const addedMs = state.addedMs + (isFirst ? 0 : this.step.durationMs[node]);
    const momentBytes =
      this.fixedBytes[after] + this.bytesOf(resident | makes) + this.step.workspaceBytes[node];
    const droppable = resident & ~needs & ~makes & ~this.irreplaceable[next];
    const drop = (bit: number, dropped: number, droppedBytes: number): void => {
      if (momentBytes - droppedBytes <= this.budgetBytes)
        return this.push(after, (resident & ~dropped) | makes, addedMs, state, node);
      for (let other = bit; other < this.bytesOfBit.length; other++) {
        const mask = 1 << other;
        if (droppable & mask) drop(other + 1, dropped | mask, droppedBytes + this.bytesOfBit[other]);
      }
    };
    drop(0, 0, 0);
  }

  private push(next: NodeId, resident: number, addedMs: number, from: State | undefined, ran: NodeId): void {
    // What nobody can want any more leaves for nothing.
    const left = next < this.step.nodeCount ? resident & this.wanted[next] : 0;
    const key = this.keyOf(next, left);
    const known = this.best.get(key);
    if (known !== undefined && known <= addedMs) return;
    this.best.set(key, addedMs);
    this.queue.push({ next, resident: left, addedMs, from, ran });
  }

  private answer(end: State): ExhaustiveOptimum {
    const pairs: number[] = [];
    for (let state = end; state.from; state = state.from)
      if (state.ran !== state.from.next) pairs.push(state.ran, state.from.next);
    let baseMs = 0;
    for (let node = 0; node < this.step.nodeCount; node++) baseMs += this.step.durationMs[node];
    return {
      stepTimeMs: baseMs + end.addedMs,
      recomputations: Int32Array.from(pairs.reverse()),
    };
  }

  private fixedBytesBefore(bitOf: Int32Array): Float64Array {
    const { nodeCount, valueCount, valueBytes, residentAtStart, outputs } = this.step;
    const isThere = new Uint8Array(valueCount);
    const bytes = new Float64Array(nodeCount + 1);
    const add = (value: number, at: number): void => {
      if (bitOf[value] || isThere[value]) return;
      isThere[value] = 1;
      bytes[at] += valueBytes[value];
    };
    for (let value = 0; value < valueCount; value++) if (residentAtStart[value]) add(value, 0);
    for (let node = 0; node < nodeCount; node++) {
      bytes[node + 1] += bytes[node];
      for (let i = outputs.offsets[node]; i < outputs.offsets[node + 1]; i++) add(outputs.items[i], node + 1);
    }
    return bytes;
  }

  /** Values that base nodes from `next` on will make anew anyway. */
  private madeFrom(next: NodeId): number {
    let bits = 0;
    for (let node = next; node < this.step.nodeCount; node++) bits |= this.makes[node];
    return bits;
  }

  private bytesOf(bits: number): number {
    let sum = 0;
    for (let bit = 0; bits >> bit; bit++) if ((bits >> bit) & 1) sum += this.bytesOfBit[bit];
    return sum;
  }

  private keyOf(next: NodeId, resident: number): number {
    return next * 2 ** 30 + resident;
  }
}

/** Binary heap by added time; of equal times the one that is further. */
class StateQueue {
  private readonly states: State[] = [];

  push(state: State): void {
    const { states } = this;
    let at = states.push(state) - 1;
    for (; at > 0; at = (at - 1) >> 1) {
      const above = states[(at - 1) >> 1];
      if (!isBefore(state, above)) break;
      states[at] = above;
    }
    states[at] = state;
  }

  pop(): State | undefined {
    const { states } = this;
    const top = states[0] as State | undefined;
    const last = states.pop();
    if (states.length === 0 || !last) return top;
    let at = 0;
    for (let child = 1; child < states.length; child = 2 * at + 1) {
      if (child + 1 < states.length && isBefore(states[child + 1], states[child])) child++;
      if (!isBefore(states[child], last)) break;
      states[at] = states[child];
      at = child;
    }
    states[at] = last;
    return top;
  }
}

const isBefore = (a: State, b: State): boolean =>
  a.addedMs < b.addedMs || (a.addedMs === b.addedMs && a.next > b.next);
