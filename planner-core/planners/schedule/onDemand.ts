import type { NodeId, StepGraph, ValueId } from '../../step/stepGraph';

/** Which value to give up when room is needed; the smallest score goes first. */
export type EvictionRule = 'cheap-and-late' | 'latest-use' | 'cheapest';
export const evictionRules: readonly EvictionRule[] = ['cheap-and-late', 'latest-use', 'cheapest'];

/** A run with more repeats than this many times the step's computations is not worth finishing. */
const maxRepeats = 8;

/**
 * Runs the step in order under a hard budget, giving up values when room is needed and computing them again when they
 * are: dynamic tensor rematerialisation (Kirisame et al., ICLR 2021), but with the whole future known, as Belady's rule
 * for caches needs it. Meets budgets the greedy planners cannot, at a price. Returns [before, node] pairs; undefined
 * when it finds no way. `fixed`, by node: 1 where it may not run again.
 */
export function onDemandRecomputations(
  step: StepGraph,
  fixed: Uint8Array,
  budgetBytes: number,
  rule: EvictionRule,
): Int32Array | undefined {
  return new OnDemandRun(step, fixed, budgetBytes, rule).run();
}

/** Chains of repeats longer than this would exhaust the stack. */
const maxDepth = 3000;

class OnDemandRun {
  private readonly resident: Uint8Array;
  /** Number of running computations that need the value right now. */
  private readonly locks: Int32Array;
  private readonly evictable: Uint8Array;
  private readonly residents = new Set<ValueId>();
  /** Base nodes that use each value, ascending, and how many of them are past. */
  private readonly uses: { offsets: Int32Array; items: Int32Array };
  private readonly past: Int32Array;
  private readonly pairs: number[] = [];
  private live = 0;
  private now: NodeId = 0;

  constructor(
    private readonly step: StepGraph,
    private readonly fixed: Uint8Array,
    private readonly budgetBytes: number,
    private readonly rule: EvictionRule,
  ) {
    this.resident = new Uint8Array(step.valueCount);
    this.locks = new Int32Array(step.valueCount);
    this.uses = usesOf(step);
    this.past = this.uses.offsets.slice(0, step.valueCount);
    this.evictable = Uint8Array.from({ length: step.valueCount }, (_, value) => {
      const producer = step.producer[value];
      const isPermanent = step.residentAtStart[value] || step.residentAtEnd[value];
      return Number(producer >= 0 && !isPermanent && !fixed[producer]);
    });
    for (let value = 0; value < step.valueCount; value++) if (step.residentAtStart[value]) this.enter(value);
  }

  run(): Int32Array | undefined {
    const { step } = this;
    for (this.now = 0; this.now < step.nodeCount; this.now++) {
      if (!this.compute(this.now, 0)) return undefined;
    }
    return Int32Array.from(this.pairs);
  }

  /** Runs a node once its inputs are there, and frees what nothing needs any more. False when there is no room. */
  private compute(node: NodeId, depth: number): boolean {
    const { step } = this;
    const needed = this.inputsOf(node);
    for (const value of needed) this.locks[value]++;
    for (const value of needed) {
      if (this.resident[value]) continue;
      const producer = step.producer[value];
      if (producer < 0 || this.fixed[producer] || depth > maxDepth) return false;
      if (this.pairs.length > 2 * maxRepeats * step.nodeCount) return false;
      if (!this.compute(producer, depth + 1)) return false;
      this.pairs.push(this.now, producer);
    }
    const { offsets, items } = step.outputs;
    let wanted = step.workspaceBytes[node];
    for (let i = offsets[node]; i < offsets[node + 1]; i++) {
      if (!this.resident[items[i]]) wanted += step.valueBytes[items[i]];
      this.locks[items[i]]++;
    }
    if (!this.makeRoom(wanted)) return false;
    for (let i = offsets[node]; i < offsets[node + 1]; i++) this.enter(items[i]);
    if (depth === 0) for (const value of needed) this.past[value]++;
    for (const value of needed) this.unlock(value);
    for (let i = offsets[node]; i < offsets[node + 1]; i++) this.unlock(items[i]);
    return true;
  }

  /** Smaller ones last: while others are computed, they wait for less. */
  private inputsOf(node: NodeId): ValueId[] {
    const { inputs, updates, valueBytes } = this.step;
    const values = new Set<ValueId>();
    for (const rows of [inputs, updates])
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) values.add(rows.items[i]);
    return [...values].sort((a, b) => valueBytes[a] - valueBytes[b] || a - b);
  }

  private enter(value: ValueId): void {
    if (this.resident[value]) return;
    this.resident[value] = 1;
    this.live += this.step.valueBytes[value];
    if (this.evictable[value]) this.residents.add(value);
  }

  private leave(value: ValueId): void {
    this.resident[value] = 0;
    this.live -= this.step.valueBytes[value];
    this.residents.delete(value);
  }

  private unlock(value: ValueId): void {
    if (--this.locks[value] > 0 || !this.resident[value]) return;
    const { residentAtStart, residentAtEnd } = this.step;
    if (residentAtEnd[value] || this.nextUse(value) < this.step.nodeCount) return;
    // Never used and there from the start: nothing frees it.
    if (residentAtStart[value] && this.uses.offsets[value] === this.uses.offsets[value + 1]) return;
    this.leave(value);
  }

  private nextUse(value: ValueId): NodeId {
    return this.past[value] < this.uses.offsets[value + 1]
      ? this.uses.items[this.past[value]]
      : this.step.nodeCount;
  }

  private makeRoom(wanted: number): boolean {
    while (this.live + wanted > this.budgetBytes) {
      let victim = -1;
      let least = Infinity;
      for (const value of this.residents) {
        if (this.locks[value] > 0 || this.step.valueBytes[value] === 0) continue;
        const score = this.score(value);
        if (score < least || (score === least && value < victim)) {
          least = score;
          victim = value;
        }
      }
      if (victim < 0) return false;
      this.leave(victim);
    }
    return true;
  }

  private score(value: ValueId): number {
    const distance = this.nextUse(value) - this.now + 1;
    const bytes = this.step.valueBytes[value];
    if (this.rule === 'latest-use') return -distance;
    const cost = this.costOf(value);
    return this.rule === 'cheapest' ? cost / bytes : cost / (bytes * distance);
  }

  /** Time to bring the value back, with the inputs that are gone, as far as a short look shows. */
  private costOf(value: ValueId): number {
    const { step } = this;
    const seen = new Set<NodeId>();
    const open = [step.producer[value]];
    let cost = 0;
    for (let node = open.pop(); node !== undefined && seen.size < 16; node = open.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      cost += step.durationMs[node];
      for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
        const input = step.inputs.items[i];
        if (!this.resident[input] && step.producer[input] >= 0) open.push(step.producer[input]);
      }
    }
    return cost;
  }
}

function usesOf(step: StepGraph): { offsets: Int32Array; items: Int32Array } {
  const offsets = new Int32Array(step.valueCount + 2);
  const tables = [step.inputs, step.updates];
  for (const { items } of tables) for (const value of items) offsets[value + 2]++;
  for (let value = 2; value < offsets.length; value++) offsets[value] += offsets[value - 1];
  const items = new Int32Array(offsets[step.valueCount + 1]);
  for (let node = 0; node < step.nodeCount; node++) {
    for (const rows of tables)
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++)
        items[offsets[rows.items[i] + 1]++] = node;
  }
  return { offsets, items };
}
