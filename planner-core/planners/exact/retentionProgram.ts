import { LinearProgramBuilder, type LinearProgram } from '../../solvers/linearProgram';
import type { NodeId, ValueId } from '../../step/stepGraph';
import type { RetentionFacts } from './retentionFacts';

/** Objectives are scaled so that the cost of the best plan known is about this... */
const costScale = 1000;
/** ... unless all times are multiples of one number: then the engine sees whole costs, and rounds its bounds up. */
const largestWholeCost = 1e6;

/**
 * The least time that must be added so that memory fits at some moments ("rows"): an integer program whose optimum no
 * plan within the budget beats. The moments are nodes of the step; they cut it into intervals. `repeat[k, node]`: the
 * node runs again in interval k. `hold[k, value]`: the value is there while moment k's node runs and serves later
 * intervals. What an interval uses is held into it, made in it for the first time, or repeated in it; at each moment
 * what is held fits the budget. Checkmate's R and S (Jain et al., MLSys 2020) with stages as coarse as the chosen
 * moments, and without their order inside a stage: with every node a moment the relaxation leaves out only the memory
 * that repeats themselves take on the way.
 */
export class RetentionProgram {
  readonly program: LinearProgram;
  readonly costPerMs: number;
  private readonly repeats: { readonly column: number; readonly interval: number; readonly node: NodeId }[] =
    [];
  private readonly repeatColumn: Map<NodeId, number>[];
  private readonly holdColumn: Map<ValueId, number>[];
  private readonly intervalOfNode: Int32Array;
  private readonly pinnedRepeats = new Set<number>();
  private readonly throughs: Through[] = [];
  private readonly builder = new LinearProgramBuilder();

  /**
   * `moments`: ascending nodes. `mostAddedMs`: only plans that add at most this matter (the best one known); repeats
   * that cannot be part of one are left out. `pinned`: [before, node] pairs that every plan has.
   * `allowed`: with it, no other repeats are looked at, and nothing is proven.
   */
  constructor(
    private readonly facts: RetentionFacts,
    readonly moments: readonly NodeId[],
    readonly budgetBytes: number,
    mostAddedMs: number,
    transients: readonly Transient[] = [],
    pinned: Int32Array = new Int32Array(0),
    private readonly allowed?: AllowedRepeats,
  ) {
    const { step } = facts;
    const scaleMs = Number.isFinite(mostAddedMs) && mostAddedMs > 0 ? mostAddedMs : totalMs(facts);
    const unitMs = commonUnit(step.durationMs.subarray(0, step.nodeCount));
    this.costPerMs = scaleMs / unitMs <= largestWholeCost ? 1 / unitMs : costScale / scaleMs;
    this.intervalOfNode = new Int32Array(step.nodeCount);
    for (let node = 0, interval = 0; node < step.nodeCount; node++) {
      while (interval < moments.length && moments[interval] < node) interval++;
      this.intervalOfNode[node] = interval;
    }
    this.repeatColumn = Array.from({ length: moments.length + 1 }, () => new Map<NodeId, number>());
    this.holdColumn = Array.from({ length: moments.length }, () => new Map<ValueId, number>());
    for (let i = 0; i < pinned.length; i += 2)
      this.pinnedRepeats.add(this.keyOf(this.intervalOfNode[pinned[i]], pinned[i + 1]));
    this.addColumns(mostAddedMs);
    this.addUses();
    this.addMemory();
    for (const transient of transients) this.addTransient(transient);
    this.program = this.builder.build();
  }

  /** The interval a node runs in for the first time. */
  intervalOf(node: NodeId): number {
    return this.intervalOfNode[node];
  }

  /** The repeats a point of the program asks for, without those that are pinned. */
  repeatsOf(values: Float64Array): { readonly interval: number; readonly node: NodeId }[] {
    return this.repeats.filter(
      ({ column, interval, node }) =>
        values[column] > 0.5 && !this.pinnedRepeats.has(this.keyOf(interval, node)),
    );
  }

  /**
   * The fewest repeats that go with the values a point holds to at least `threshold`: what an interval uses, or holds on
   * from it, and is neither held into it nor made in it, and what these repeats use themselves.
   */
  repeatsHolding(values: Float64Array, threshold: number): { interval: number; node: NodeId }[] {
    const { facts, moments } = this;
    const { step } = facts;
    const found: { interval: number; node: NodeId }[] = [];
    for (let interval = 1; interval <= moments.length; interval++) {
      const isHeld = (at: number, value: ValueId): boolean => {
        const column = this.holdColumn[at].get(value);
        return column === undefined ? facts.isMandatory[value] === 1 : values[column] >= threshold;
      };
      const asked = new Set<NodeId>();
      const open: NodeId[] = [];
      const ask = (value: ValueId): void => {
        const producer = step.producer[value];
        if (facts.isPermanent[value] || this.madeIn(value) >= interval || isHeld(interval - 1, value)) return;
        if (producer < 0 || !facts.repeatable[producer] || asked.has(producer)) return;
        asked.add(producer);
        open.push(producer);
      };
      const askInputs = (node: NodeId): void => {
        for (const { offsets, items } of [step.inputs, step.updates])
          for (let i = offsets[node]; i < offsets[node + 1]; i++) ask(items[i]);
      };
      const end = interval < moments.length ? moments[interval] : step.nodeCount - 1;
      for (let node = moments[interval - 1] + 1; node <= end; node++) askInputs(node);
      if (interval < moments.length)
        for (const value of this.holdColumn[interval].keys()) if (isHeld(interval, value)) ask(value);
      for (let node = open.pop(); node !== undefined; node = open.pop()) askInputs(node);
      for (const node of [...asked].sort((a, b) => a - b)) found.push({ interval, node });
    }
    return found;
  }

  /** The point that [before, node] pairs amount to: a start for the engine. */
  pointOf(recomputations: Int32Array): Float64Array {
    const { facts, moments } = this;
    const { step } = facts;
    const point = new Float64Array(this.program.columnCount);
    const extra = recomputations.length / 2;
    // Backwards: is the next event of a value a use, rather than its making?
    const isWanted = new Uint8Array(step.valueCount);
    const visit = (node: NodeId): void => {
      for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++)
        isWanted[step.outputs.items[i]] = 0;
      for (const { offsets, items } of [step.inputs, step.updates])
        for (let i = offsets[node]; i < offsets[node + 1]; i++) isWanted[items[i]] = 1;
    };
    let interval = moments.length - 1;
    for (let node = step.nodeCount - 1, next = extra - 1; node >= 0; node--) {
      if (interval >= 0 && moments[interval] === node) {
        for (const [value, column] of this.holdColumn[interval]) point[column] = isWanted[value];
        interval--;
      }
      visit(node);
      for (; next >= 0 && recomputations[2 * next] === node; next--) {
        visit(recomputations[2 * next + 1]);
        const column = this.repeatColumn[this.intervalOfNode[node]].get(recomputations[2 * next + 1]);
        if (column !== undefined) point[column] = 1;
      }
    }
    for (const { column, terms, lower } of this.throughs)
      point[column] = Math.max(
        0,
        terms.reduce((sum, [other, sign]) => sum - sign * point[other], lower),
      );
    return point;
  }

  private addColumns(mostAddedMs: number): void {
    const { facts, builder, moments } = this;
    const { step, isOptional, lastUse } = facts;
    // Values that something from the interval on may want; grows towards the first interval.
    const wanted = new Uint8Array(step.valueCount);
    const reachMs = new Float64Array(step.nodeCount);
    for (let interval = moments.length; interval >= 0; interval--) {
      const start = interval === 0 ? 0 : moments[interval - 1] + 1;
      if (interval < moments.length) {
        for (let value = 0; value < step.valueCount; value++) {
          if (!wanted[value] || facts.isPermanent[value] || this.madeIn(value) > interval) continue;
          if (isOptional[value] || lastUse[value] <= moments[interval])
            this.holdColumn[interval].set(value, builder.column(0, 0, 1, true));
        }
      }
      // The least time of a chain of repeats that begins with the node and ends at a use from this interval on.
      for (let node = step.nodeCount - 1; node >= 0; node--) {
        reachMs[node] = Infinity;
        for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
          const value = step.outputs.items[i];
          if (lastUse[value] >= start) reachMs[node] = 0;
          const { offsets, items } = facts.users;
          for (let u = offsets[value]; u < offsets[value + 1]; u++)
            if (items[u] < start && facts.repeatable[items[u]])
              reachMs[node] = Math.min(reachMs[node], reachMs[items[u]]);
        }
        if (!facts.repeatable[node]) reachMs[node] = Infinity;
        reachMs[node] += step.durationMs[node];
        if (node >= start) continue;
        const isPinned = this.pinnedRepeats.has(this.keyOf(interval, node));
        if (!isPinned && (reachMs[node] === Infinity || reachMs[node] > mostAddedMs)) continue;
        if (!isPinned && this.allowed && !this.isAllowed(interval, node)) continue;
        const column = builder.column(step.durationMs[node] * this.costPerMs, isPinned ? 1 : 0, 1, true);
        this.repeatColumn[interval].set(node, column);
        this.repeats.push({ column, interval, node });
      }
      for (const node of this.repeatColumn[interval].keys()) this.want(node, wanted);
      const end = interval < moments.length ? moments[interval] : step.nodeCount - 1;
      for (let node = start; node <= end; node++) this.want(node, wanted);
    }
  }

  private isAllowed(interval: number, node: NodeId): boolean {
    const { window, before } = this.allowed!;
    const end = interval < this.moments.length ? this.moments[interval] : this.facts.step.nodeCount - 1;
    if (window && end >= window[0] && end <= window[1]) return true;
    return before.get(node)?.some((next) => this.intervalOfNode[next] === interval) ?? false;
  }

  private keyOf(interval: number, node: NodeId): number {
    return interval * this.facts.step.nodeCount + node;
  }

  private want(node: NodeId, wanted: Uint8Array): void {
    for (const { offsets, items } of [this.facts.step.inputs, this.facts.step.updates])
      for (let i = offsets[node]; i < offsets[node + 1]; i++) wanted[items[i]] = 1;
  }

  /** Ways in which a value can be there in an interval; undefined when it is there anyway. */
  private sources(interval: number, value: ValueId): [number, number][] | undefined {
    const { facts } = this;
    if (interval === 0 || facts.isPermanent[value] || this.madeIn(value) >= interval) return undefined;
    const terms: [number, number][] = [];
    const held = this.holdColumn[interval - 1].get(value);
    // Not optional and used later: it is there.
    if (held === undefined && facts.isMandatory[value]) return undefined;
    if (held !== undefined) terms.push([held, 1]);
    const repeated = this.repeatColumn[interval].get(facts.step.producer[value]);
    if (repeated !== undefined) terms.push([repeated, 1]);
    return terms;
  }

  /** The interval in which a value is there for the first time; -1: from the start. */
  private madeIn(value: ValueId): number {
    const producer = this.facts.step.producer[value];
    return producer < 0 || this.facts.step.residentAtStart[value] ? -1 : this.intervalOfNode[producer];
  }

  private addUses(): void {
    const { facts, builder, moments } = this;
    const { step } = facts;
    const seen = new Set<number>();
    for (let node = 0; node < step.nodeCount; node++) {
      const interval = this.intervalOfNode[node];
      for (const { offsets, items } of [step.inputs, step.updates]) {
        for (let i = offsets[node]; i < offsets[node + 1]; i++) {
          const key = interval * step.valueCount + items[i];
          if (seen.has(key)) continue;
          seen.add(key);
          const terms = this.sources(interval, items[i]);
          if (terms) builder.row(terms, 1, Infinity);
        }
      }
    }
    for (const { column, interval, node } of this.repeats) {
      for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
        const terms = this.sources(interval, step.inputs.items[i]);
        if (terms) builder.row([...terms, [column, -1]], 0, Infinity);
      }
    }
    for (let interval = 0; interval < moments.length; interval++) {
      for (const [value, column] of this.holdColumn[interval]) {
        const terms = this.sources(interval, value);
        if (terms) builder.row([...terms, [column, -1]], 0, Infinity);
      }
    }
  }

  private addMemory(): void {
    const { facts, builder, budgetBytes } = this;
    for (let interval = 0; interval < this.moments.length; interval++) {
      const node = this.moments[interval];
      const inUse = facts.usedBy(node);
      const terms: [number, number][] = [];
      for (const [value, column] of this.holdColumn[interval]) {
        if (!inUse.has(value)) terms.push([column, facts.step.valueBytes[value] / budgetBytes]);
      }
      builder.row(terms, -Infinity, (budgetBytes - facts.fixedBytes[node]) / budgetBytes);
    }
  }

  /** Memory while a repeat runs in an interval that is a single node: what is there before and after the node. */
  private addTransient({ moment, node }: Transient): void {
    const { facts, builder, budgetBytes, moments } = this;
    const interval = this.intervalOfNode[moment];
    const repeat = this.repeatColumn[interval].get(node);
    const isSingle = interval > 0 && moments[interval - 1] === moment - 1 && moments[interval] === moment;
    if (repeat === undefined || !isSingle) return;
    const inUse = facts.usedBy(node);
    const { step } = facts;
    const usedNext = facts.usedBy(moment);
    const terms: [number, number][] = [];
    for (const [value, before] of this.holdColumn[interval - 1]) {
      if (inUse.has(value)) continue;
      const after = this.holdColumn[interval].get(value);
      const isRead = usedNext.has(value);
      if (after === undefined && !isRead) continue;
      const through = builder.column(0, 0, 1);
      const row: [number, number][] = [[before, -1]];
      if (!isRead) row.push([after!, -1]);
      const repeated = this.repeatColumn[interval].get(step.producer[value]);
      if (repeated !== undefined) row.push([repeated, 1]);
      builder.row([[through, 1], ...row], isRead ? 0 : -1, Infinity);
      this.throughs.push({ column: through, terms: row, lower: isRead ? 0 : -1 });
      terms.push([through, step.valueBytes[value] / budgetBytes]);
    }
    let own = step.workspaceBytes[node];
    for (const value of inUse) if (!isThereBefore(facts, value, moment)) own += step.valueBytes[value];
    let fixed = 0;
    for (let value = 0; value < step.valueCount; value++)
      if (isThereBefore(facts, value, moment)) fixed += step.valueBytes[value];
    builder.row([...terms, [repeat, own / budgetBytes]], -Infinity, (budgetBytes - fixed) / budgetBytes);
  }
}

/** Repeats that may be looked at. */
export interface AllowedRepeats {
  /** By node: it may run again in the intervals of these nodes. */
  readonly before: ReadonlyMap<NodeId, readonly NodeId[]>;
  /** Any node may run again in intervals that end in this range. */
  readonly window?: readonly [first: NodeId, last: NodeId];
}

/** A column that is at least `lower` less the sum of the terms: is a value there both before and after a moment? */
interface Through {
  readonly column: number;
  readonly terms: readonly (readonly [number, number])[];
  readonly lower: number;
}

/** A repeat of `node` just before the node `moment` that takes too much memory on the way. */
export interface Transient {
  readonly moment: NodeId;
  readonly node: NodeId;
}

/** Is a value there just before a node runs, whatever the plan? */
function isThereBefore(facts: RetentionFacts, value: ValueId, node: NodeId): boolean {
  const { step } = facts;
  if (!facts.isMandatory[value]) return false;
  const isMade = step.residentAtStart[value] === 1 || step.producer[value] < node;
  return isMade && (step.residentAtEnd[value] === 1 || facts.lastUse[value] >= node);
}

/** The greatest number that all durations are whole multiples of, when they are whole themselves; else 0. */
function commonUnit(durations: Float64Array): number {
  let unit = 0;
  for (let duration of durations) {
    if (!Number.isInteger(duration)) return 0;
    while (duration > 0) [unit, duration] = [duration, unit % duration];
  }
  return unit;
}

function totalMs({ step }: RetentionFacts): number {
  let sum = 0;
  for (let node = 0; node < step.nodeCount; node++) sum += step.durationMs[node];
  return sum > 0 ? sum : 1;
}
