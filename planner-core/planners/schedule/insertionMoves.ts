import type { NodeId, ValueId } from '../../step/stepGraph';
import { CandidateHeap } from './candidateHeap';
import type { InsertionState } from './insertionState';

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
 * Exact: the change of every lifetime is taken into account, only in the range where it happens. Of the many candidates
 * at a moment only those are weighed whose relief, as far as it can be at most, might make them the best.
 */
export class InsertionMoves {
  /** Positions over budget, and their bytes over it, before each position. */
  private overCount = new Int32Array(0);
  private overBytes = new Float64Array(0);
  /** Values that may be given up and made again, by ascending producer. */
  private readonly values: Int32Array;
  private readonly candidates = new CandidateHeap();
  /** By value: the most relief that running its producer again had when it was last weighed, and for which use. */
  private readonly knownRelief: Float64Array;
  private readonly knownFor: Int32Array;
  private knownSince = 0;
  /** Marks of the insertion being weighed: by value, the index of its last reader; by node, whether it is in it. */
  private readonly readBy: Int32Array;
  private readonly reads: ValueId[] = [];
  private readonly inside: Uint8Array;
  /** Lives that get shorter or longer up to the insertion: where that begins and by how many bytes. */
  private readonly from: number[] = [];
  private readonly change: number[] = [];

  constructor(
    private readonly state: InsertionState,
    /** By node: 1 where it may not run again. */
    private readonly fixed: Uint8Array,
    private readonly budgetBytes: number,
    /** By node: 1 where it is not to be chosen for its own sake; may change between calls. */
    private readonly avoided?: Uint8Array,
  ) {
    const { step } = state;
    const values: ValueId[] = [];
    for (let value = 0; value < step.valueCount; value++) {
      const producer = step.producer[value];
      if (producer >= 0 && !fixed[producer] && step.valueBytes[value] > 0 && !state.isPermanent(value))
        values.push(value);
    }
    values.sort((a, b) => step.producer[a] - step.producer[b] || a - b);
    this.values = Int32Array.from(values);
    this.knownRelief = new Float64Array(step.valueCount);
    this.knownFor = new Int32Array(step.valueCount).fill(-1);
    this.readBy = new Int32Array(step.valueCount).fill(-1);
    this.inside = new Uint8Array(step.nodeCount);
  }

  /** Reads the state anew; to be called when it has changed. Returns the bytes over budget, summed over the sequence. */
  refresh(): number {
    const { state, budgetBytes } = this;
    const { length, liveBytes } = state;
    if (this.overCount.length <= length) {
      this.overCount = new Int32Array(2 * length + 1);
      this.overBytes = new Float64Array(2 * length + 1);
    }
    const { overCount, overBytes } = this;
    if (this.knownSince !== state.removals) this.doubtKnown();
    for (let position = 0; position < length; position++) {
      const over = liveBytes[position] - budgetBytes;
      overCount[position + 1] = overCount[position] + (over > 0 ? 1 : 0);
      overBytes[position + 1] = overBytes[position] + (over > 0 ? over : 0);
    }
    return overBytes[length];
  }

  /** Relief only falls while repeats are put in (as good as always), but not when some are taken out. */
  private doubtKnown(): void {
    this.knownFor.fill(-1);
    this.knownSince = this.state.removals;
  }

  /**
   * The insertion with the least time for each byte of relief, of everything alive at `moment` but not used there: run
   * it again just before its next use, (A) from inputs that live on until then, or (B) with the inputs that are gone by
   * then recomputed as well. undefined when none helps.
   */
  best(moment: number): Insertion | undefined {
    const found = this.bestAsKnown(moment);
    if (found) return found;
    this.doubtKnown();
    return this.bestAsKnown(moment);
  }

  private bestAsKnown(moment: number): Insertion | undefined {
    const { state, candidates } = this;
    this.collect(moment);
    let best: Insertion | undefined;
    let bestScore = Infinity;
    for (let entry = candidates.pop(); entry >= 0; entry = candidates.pop()) {
      if (candidates.score[entry] >= bestScore) break;
      const value = candidates.value[entry];
      const position = candidates.position[entry];
      const weigh = (nodes: readonly NodeId[]): number => {
        const timeMs = this.timeOf(nodes);
        const relief = this.relief(position, nodes);
        const score = relief > 0 ? scoreOf(timeMs, relief) : Infinity;
        if (score < bestScore) {
          bestScore = score;
          best = { position, nodes, timeMs };
        }
        return relief;
      };
      const producer = state.step.producer[value];
      let relief = weigh([producer]);
      // Repeats of inputs cost time and relieve of no more: there is a limit to what they may cost.
      const mostMs = bestScore > 0 ? bestScore * candidates.relief[entry] : Infinity;
      const closure = this.closure(producer, position, moment, mostMs);
      if (closure) relief = Math.max(relief, weigh(closure));
      this.knownRelief[value] = relief;
      this.knownFor[value] = state.elementAt(position);
    }
    return best;
  }

  /** The insertions that help at a moment and take less than `mostMs`, by time for each byte of relief, `count` at most. */
  ranked(moment: number, mostMs: number, count: number): Insertion[] {
    const { state, candidates } = this;
    this.collect(moment);
    const found: { insertion: Insertion; score: number }[] = [];
    for (let entry = candidates.pop(); entry >= 0; entry = candidates.pop()) {
      if (found.length >= count && candidates.score[entry] >= found[found.length - 1].score) break;
      const position = candidates.position[entry];
      const producer = state.step.producer[candidates.value[entry]];
      if (state.step.durationMs[producer] >= mostMs) continue;
      for (const nodes of [[producer], this.closure(producer, position, moment, mostMs)]) {
        if (!nodes) continue;
        const timeMs = this.timeOf(nodes);
        const relief = this.relief(position, nodes);
        if (relief <= 0 || timeMs >= mostMs) continue;
        found.push({ insertion: { position, nodes, timeMs }, score: scoreOf(timeMs, relief) });
        for (let at = found.length - 1; at > 0 && found[at].score < found[at - 1].score; at--)
          [found[at], found[at - 1]] = [found[at - 1], found[at]];
        if (found.length > count) found.pop();
      }
    }
    return found.map(({ insertion }) => insertion);
  }

  /** All insertions `best` chooses from. */
  all(moment: number): Insertion[] {
    const { candidates } = this;
    this.collect(moment);
    const found: Insertion[] = [];
    for (let entry = candidates.pop(); entry >= 0; entry = candidates.pop()) {
      const position = candidates.position[entry];
      const producer = this.state.step.producer[candidates.value[entry]];
      for (const nodes of [[producer], this.closure(producer, position, moment, Infinity)])
        if (nodes) found.push({ position, nodes, timeMs: this.timeOf(nodes) });
    }
    return found;
  }

  /** Queues, for every idle life at the moment, its producer with the score it can have at best. */
  private collect(moment: number): void {
    const { state, candidates, avoided, overCount, overBytes, values } = this;
    const { step } = state;
    candidates.clear();
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      const producer = step.producer[value];
      if (state.positionOf(producer) >= moment) break;
      if (avoided?.[producer] || !state.findGap(value, moment)) continue;
      const { gapFrom, gapTo } = state;
      let atMost =
        step.outputs.offsets[producer + 1] - step.outputs.offsets[producer] === 1
          ? Math.min(
              step.valueBytes[value] * (overCount[gapTo] - overCount[gapFrom + 1]),
              overBytes[gapTo] - overBytes[gapFrom + 1],
            )
          : this.reliefAtMost(producer, gapTo);
      if (this.knownFor[value] === state.elementAt(gapTo)) atMost = Math.min(atMost, this.knownRelief[value]);
      if (atMost > 0) candidates.add(value, gapTo, atMost, scoreOf(step.durationMs[producer], atMost));
    }
    candidates.order();
  }

  /** Never less than the relief of running one node again, whatever runs before it. */
  private reliefAtMost(node: NodeId, position: number): number {
    const { state, overCount, overBytes } = this;
    const { valueBytes, outputs } = state.step;
    let bytes = 0;
    let first = position;
    for (let i = outputs.offsets[node]; i < outputs.offsets[node + 1]; i++) {
      const value = outputs.items[i];
      if (state.isPermanent(value) || state.nextUseFrom(value, position) < 0) continue;
      const from = state.lastEventBefore(value, position) + 1;
      if (from >= position) continue;
      bytes += valueBytes[value] * (overCount[position] - overCount[from]);
      first = Math.min(first, from);
    }
    return Math.min(bytes, overBytes[position] - overBytes[first]);
  }

  private timeOf(nodes: readonly NodeId[]): number {
    let timeMs = 0;
    for (const node of nodes) timeMs += this.state.step.durationMs[node];
    return timeMs;
  }

  /**
   * The node with the producers of inputs that are not alive at `position` and were made before `moment`, in order;
   * undefined when there are none, too many, or they take longer than `mostMs` together.
   */
  private closure(node: NodeId, position: number, moment: number, mostMs: number): NodeId[] | undefined {
    const { state, fixed, inside } = this;
    const { step } = state;
    const found = [node];
    inside[node] = 1;
    let timeMs = step.durationMs[node];
    for (let next = 0; next < found.length && found.length <= maxClosure && timeMs <= mostMs; next++) {
      for (let i = step.inputs.offsets[found[next]]; i < step.inputs.offsets[found[next] + 1]; i++) {
        const value = step.inputs.items[i];
        const producer = step.producer[value];
        if (producer < 0 || fixed[producer] || state.isPermanent(value) || inside[producer]) continue;
        if (!state.isIdleSince(value, position, moment)) continue;
        found.push(producer);
        inside[producer] = 1;
        timeMs += step.durationMs[producer];
      }
    }
    for (const each of found) inside[each] = 0;
    if (found.length === 1 || found.length > maxClosure || timeMs > mostMs) return undefined;
    return found.sort((a, b) => a - b);
  }

  /** By how much the bytes over budget fall, summed over the sequence; negative when they rise. */
  relief(position: number, nodes: readonly NodeId[]): number {
    const { state, reads, readBy, inside } = this;
    const { step } = state;
    this.from.length = 0;
    this.change.length = 0;
    this.markReads(nodes);
    // Live bytes just before the insertion: what is alive across it, less what is made anew.
    let live = state.liveAcross(position);
    for (const node of nodes) {
      for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
        const value = step.outputs.items[i];
        if (state.isPermanent(value) || state.nextUseFrom(value, position) < 0) continue;
        this.span(state.lastEventBefore(value, position) + 1, -step.valueBytes[value]);
        live -= step.valueBytes[value];
      }
    }
    for (const value of reads) {
      const producer = step.producer[value];
      if (state.isPermanent(value) || (producer >= 0 && inside[producer])) continue;
      if (state.nextUseFrom(value, position) >= 0) continue;
      // Its life is stretched up to the insertion.
      this.span(state.lastEventBefore(value, position) + 1, step.valueBytes[value]);
      live += step.valueBytes[value];
    }
    const relief = this.reliefOfSpans(position) - this.excessOf(nodes, position, live);
    for (const value of reads) readBy[value] = -1;
    for (const node of nodes) inside[node] = 0;
    return relief;
  }

  /** Fills `reads`, `readBy` and `inside`. */
  private markReads(nodes: readonly NodeId[]): void {
    const { inputs, updates } = this.state.step;
    const { reads, readBy, inside } = this;
    reads.length = 0;
    for (let index = 0; index < nodes.length; index++) {
      const node = nodes[index];
      inside[node] = 1;
      for (const rows of [inputs, updates]) {
        for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) {
          const value = rows.items[i];
          if (readBy[value] < 0) reads.push(value);
          readBy[value] = index;
        }
      }
    }
  }

  /** Keeps the spans in ascending order of where they begin. */
  private span(from: number, bytes: number): void {
    const { from: froms, change } = this;
    let at = froms.length;
    froms.push(from);
    change.push(bytes);
    for (; at > 0 && froms[at - 1] > from; at--) {
      froms[at] = froms[at - 1];
      change[at] = change[at - 1];
    }
    froms[at] = from;
    change[at] = bytes;
  }

  private reliefOfSpans(position: number): number {
    const { from, change, budgetBytes, state, overCount } = this;
    const { liveBytes } = state;
    let relief = 0;
    let sum = 0;
    for (let i = 0; i < from.length; i++) {
      sum += change[i];
      const end = i + 1 < from.length ? Math.min(from[i + 1], position) : position;
      // Where nothing is over budget, only a rise can matter.
      if (sum === 0 || (sum < 0 && overCount[end] === overCount[Math.min(from[i], end)])) continue;
      for (let at = from[i]; at < end; at++) {
        const over = liveBytes[at] - budgetBytes;
        const after = over + sum;
        relief += (over > 0 ? over : 0) - (after > 0 ? after : 0);
      }
    }
    return relief;
  }

  /** Bytes over budget while the inserted nodes run. */
  private excessOf(nodes: readonly NodeId[], position: number, liveBefore: number): number {
    const { state, budgetBytes, reads, readBy } = this;
    const { step } = state;
    const { offsets, items } = step.outputs;
    let live = liveBefore;
    let excess = 0;
    for (let index = 0; index < nodes.length; index++) {
      const node = nodes[index];
      for (let i = offsets[node]; i < offsets[node + 1]; i++)
        if (!state.isPermanent(items[i])) live += step.valueBytes[items[i]];
      excess += Math.max(0, live + step.workspaceBytes[node] - budgetBytes);
      if (index === nodes.length - 1) break;
      for (let i = offsets[node]; i < offsets[node + 1]; i++) {
        const value = items[i];
        if (state.isPermanent(value) || readBy[value] >= 0) continue;
        if (state.nextUseFrom(value, position) < 0) live -= step.valueBytes[value];
      }
      for (const value of reads) {
        if (readBy[value] !== index || state.isPermanent(value)) continue;
        if (state.nextUseFrom(value, position) < 0) live -= step.valueBytes[value];
      }
    }
    return excess;
  }
}

/** Time for each byte; of what costs no time, the more relief the better. */
const scoreOf = (timeMs: number, relief: number): number => (timeMs > 0 ? timeMs / relief : -relief);
