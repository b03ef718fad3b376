import type { NodeId, ValueId } from '../../step/stepGraph';
import { Origin, type InsertionState } from './insertionState';

/** Nodes to run again, in order, just before a position. */
export interface Insertion {
  readonly position: number;
  readonly nodes: readonly NodeId[];
  readonly timeMs: number;
}

/** Larger closures hardly ever pay and cost time to weigh. */
const maxClosure = 40;

/**
 * Weighs insertions into a state for a budget. Relief is the fall of the bytes over budget, summed over the sequence.
 * Exact: the change of every lifetime is taken into account, only in the range where it happens.
 */
export class InsertionMoves {
  private readonly overBefore: Int32Array;
  private readonly change: Float64Array;

  constructor(
    private readonly state: InsertionState,
    /** By node: 1 where it may not run again. */
    private readonly fixed: Uint8Array,
    private readonly budgetBytes: number,
  ) {
    const { length, liveBytes } = state;
    this.overBefore = new Int32Array(length + 1);
    for (let position = 0; position < length; position++)
      this.overBefore[position + 1] = this.overBefore[position] + (liveBytes[position] > budgetBytes ? 1 : 0);
    this.change = new Float64Array(length + 1);
  }

  /** The insertion with the least time for each byte of relief at a position over budget; undefined when none helps. */
  best(peak: number): Insertion | undefined {
    const candidates = this.candidates(peak)
      .map((insertion) => ({ insertion, bound: this.reliefBound(insertion) }))
      .filter(({ bound }) => bound > 0)
      .map(({ insertion, bound }) => ({ insertion, optimistic: score(insertion.timeMs, bound) }))
      .sort((a, b) => a.optimistic - b.optimistic);
    let best: Insertion | undefined;
    let bestScore = Infinity;
    for (const { insertion, optimistic } of candidates) {
      if (optimistic >= bestScore) break;
      const relief = this.relief(insertion);
      if (relief <= 0) continue;
      const exact = score(insertion.timeMs, relief);
      if (exact < bestScore) {
        bestScore = exact;
        best = insertion;
      }
    }
    return best;
  }

  /**
   * For everything alive at `peak` but not used there: run it again just before its next use, (A) from inputs that live
   * on until then, or (B) with the inputs that are gone by then recomputed as well.
   */
  candidates(peak: number): Insertion[] {
    const { state, fixed } = this;
    const { step } = state;
    const found: Insertion[] = [];
    const seen = new Set<number>();
    for (let value = 0; value < step.valueCount; value++) {
      const producer = step.producer[value];
      if (producer < 0 || fixed[producer] || step.valueBytes[value] === 0 || state.isPermanent(value))
        continue;
      const next = state.nextUseFrom(value, peak);
      if (next <= peak) continue;
      const last = state.lastEventBefore(value, peak + 1);
      if (last < 0 || last === peak) continue;
      const key = producer * state.length + next;
      if (seen.has(key)) continue;
      seen.add(key);
      found.push({ position: next, nodes: [producer], timeMs: step.durationMs[producer] });
      const closure = this.closure(producer, next, peak);
      if (closure.length > 1) {
        const timeMs = closure.reduce((sum, node) => sum + step.durationMs[node], 0);
        found.push({ position: next, nodes: closure, timeMs });
      }
    }
    return found;
  }

  /** The node with the producers of inputs that are not alive at `position` and were made before `peak`, in order. */
  private closure(node: NodeId, position: number, peak: number): NodeId[] {
    const { state, fixed } = this;
    const { step } = state;
    const found = new Set([node]);
    const open = [node];
    for (let next = open.pop(); next !== undefined && found.size <= maxClosure; next = open.pop()) {
      for (let i = step.inputs.offsets[next]; i < step.inputs.offsets[next + 1]; i++) {
        const value = step.inputs.items[i];
        const producer = step.producer[value];
        if (producer < 0 || fixed[producer] || found.has(producer) || state.isPermanent(value)) continue;
        if (state.nextUseFrom(value, position) >= 0) continue;
        if (state.lastEventBefore(value, position) >= peak) continue;
        found.add(producer);
        open.push(producer);
      }
    }
    return found.size > maxClosure ? [node] : [...found].sort((a, b) => a - b);
  }

  /** Never less than the relief. */
  private reliefBound({ position, nodes }: Insertion): number {
    const { state, overBefore } = this;
    const { step } = state;
    let bound = 0;
    for (const node of nodes) {
      for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
        const value = step.outputs.items[i];
        if (state.isPermanent(value) || state.nextUseFrom(value, position) < 0) continue;
        const from = state.lastEventBefore(value, position) + 1;
        if (from < position) bound += step.valueBytes[value] * (overBefore[position] - overBefore[from]);
      }
    }
    return bound;
  }

  /** By how much the bytes over budget fall, summed over the sequence; negative when they rise. */
  relief({ position, nodes }: Insertion): number {
    const { state, change, budgetBytes } = this;
    const { step, liveBytes } = state;
    const inside = new Set(nodes);
    const lastReader = this.lastReaders(nodes);
    let first = position;
    const span = (from: number, bytes: number): void => {
      if (from >= position) return;
      change[from] += bytes;
      first = Math.min(first, from);
    };
    // Live bytes just before the insertion: what is alive across it, less what is made anew.
    let live = this.liveAcross(position);
    for (const node of nodes) {
      for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
        const value = step.outputs.items[i];
        if (state.isPermanent(value) || state.nextUseFrom(value, position) < 0) continue;
        span(state.lastEventBefore(value, position) + 1, -step.valueBytes[value]);
        live -= step.valueBytes[value];
      }
    }
    for (const value of lastReader.keys()) {
      if (state.isPermanent(value) || inside.has(step.producer[value])) continue;
      if (state.nextUseFrom(value, position) >= 0) continue;
      // Its life is stretched up to the insertion.
      span(state.lastEventBefore(value, position) + 1, step.valueBytes[value]);
      live += step.valueBytes[value];
    }
    let relief = 0;
    let sum = 0;
    for (let at = first; at < position; at++) {
      sum += change[at];
      change[at] = 0;
      if (sum === 0) continue;
      const before = liveBytes[at];
      relief += Math.max(0, before - budgetBytes) - Math.max(0, before + sum - budgetBytes);
    }
    return relief - this.excessOf(nodes, position, live, lastReader);
  }

  /** Bytes over budget while the inserted nodes run. */
  private excessOf(
    nodes: readonly NodeId[],
    position: number,
    liveBefore: number,
    lastReader: ReadonlyMap<ValueId, number>,
  ): number {
    const { state, budgetBytes } = this;
    const { step } = state;
    let live = liveBefore;
    let excess = 0;
    for (let index = 0; index < nodes.length; index++) {
      const node = nodes[index];
      const { offsets, items } = step.outputs;
      for (let i = offsets[node]; i < offsets[node + 1]; i++)
        if (!state.isPermanent(items[i])) live += step.valueBytes[items[i]];
      excess += Math.max(0, live + step.workspaceBytes[node] - budgetBytes);
      for (let i = offsets[node]; i < offsets[node + 1]; i++) {
        const value = items[i];
        if (state.isPermanent(value) || lastReader.has(value)) continue;
        if (state.nextUseFrom(value, position) < 0) live -= step.valueBytes[value];
      }
      for (const [value, reader] of lastReader) {
        if (reader !== index || state.isPermanent(value)) continue;
        if (state.nextUseFrom(value, position) < 0) live -= step.valueBytes[value];
      }
    }
    return excess;
  }

  /** For each value the inserted nodes read, the index of the last of them that does. */
  private lastReaders(nodes: readonly NodeId[]): Map<ValueId, number> {
    const { inputs, updates } = this.state.step;
    const readers = new Map<ValueId, number>();
    nodes.forEach((node, index) => {
      for (const rows of [inputs, updates])
        for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) readers.set(rows.items[i], index);
    });
    return readers;
  }

  /** Bytes alive both before and after a position's computation begins. */
  private liveAcross(position: number): number {
    const { state } = this;
    const { step } = state;
    const node = state.nodes[position];
    let live = state.liveBytes[position] - step.workspaceBytes[node];
    for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
      const value = step.outputs.items[i];
      const isFirst = state.origin[position] === Origin.base && step.producer[value] === node;
      if (!state.isPermanent(value) || (isFirst && !step.residentAtStart[value]))
        live -= step.valueBytes[value];
    }
    return live;
  }
}

/** Time for each byte; of what costs no time, the more relief the better. */
const score = (timeMs: number, relief: number): number => (timeMs > 0 ? timeMs / relief : -relief);
