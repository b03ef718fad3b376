import type { Job } from '../../base/job';
import type { NodeId, StepGraph, ValueId } from '../../step/stepGraph';
import { bytesFromNothing } from './bytesFromNothing';
import { SequenceEvents } from './sequenceEvents';

/** Which value to give up when room is needed; the smallest score goes first. */
export type EvictionRule = 'cheap-and-late' | 'latest-use' | 'cheapest';
export const evictionRules: readonly EvictionRule[] = ['cheap-and-late', 'latest-use', 'cheapest'];

/** A run with more repeats than this many times the step's computations is not worth finishing. */
const maxRepeats = 12;

/** Chains of repeats longer than this would exhaust the stack. */
const maxDepth = 3000;

/** What a run starts from and must not touch. */
export interface OnDemandPlan {
  /** By node: 1 where it may not run again. */
  readonly fixed: Uint8Array;
  /** [before, node] pairs: repeats to do unless their results are there already. */
  readonly start: Int32Array;
  /** By node: 1 where repeats of `start` are done in any case. */
  readonly pinned: Uint8Array;
  /** A run whose repeats take longer is not worth finishing. */
  readonly mostAddedMs?: number;
}

/**
 * Runs the step with the repeats of a plan under a hard budget, giving up values when room is needed and computing them
 * again when they are: dynamic tensor rematerialisation (Kirisame et al., ICLR 2021), but with the whole future known,
 * as Belady's rule for caches needs it. Meets budgets the greedy planners cannot, at a price. Returns [before, node]
 * pairs; undefined when it finds no way.
 */
export async function onDemandRecomputations(
  step: StepGraph,
  plan: OnDemandPlan,
  budgetBytes: number,
  rule: EvictionRule,
  job: Job,
): Promise<Int32Array | undefined> {
  // Holding all inputs while one is made costs fewer repeats, pushing them out takes less room.
  return (
    (await new OnDemandRun(step, plan, budgetBytes, rule, true).run(job)) ??
    (await new OnDemandRun(step, plan, budgetBytes, rule, false).run(job))
  );
}

class OnDemandRun {
  private readonly resident: Uint8Array;
  /** Number of running computations that need the value right now. */
  private readonly locks: Int32Array;
  /** Number of running computations that will need it, but can wait for it to be made again. */
  private readonly awaited: Int32Array;
  private readonly evictable: Uint8Array;
  private readonly residents = new Set<ValueId>();
  /** Values that nothing in the sequence will use any more, kept in case a repeat does. */
  private readonly spent: ValueId[] = [];
  private readonly nodes: Int32Array;
  /** Uses and computations of each value by the sequence, and how many of them are past. */
  private readonly events: SequenceEvents;
  private readonly past: Int32Array;
  private readonly pairs: number[] = [];
  /** By value: bytes that making it from nothing takes; what takes most is made first. */
  private readonly need: Float64Array;
  private live = 0;
  private addedMs = 0;
  private position = 0;
  private before: NodeId = 0;

  constructor(
    private readonly step: StepGraph,
    private readonly plan: OnDemandPlan,
    private readonly budgetBytes: number,
    private readonly rule: EvictionRule,
    /** Are the inputs of a computation held while those that are missing are made? */
    private readonly holdsInputs: boolean,
  ) {
    const { valueCount, nodeCount } = step;
    this.resident = new Uint8Array(valueCount);
    this.locks = new Int32Array(valueCount);
    this.awaited = new Int32Array(valueCount);
    this.past = new Int32Array(valueCount);
    this.evictable = Uint8Array.from({ length: valueCount }, (_, value) => {
      const producer = step.producer[value];
      const isPermanent = step.residentAtStart[value] || step.residentAtEnd[value];
      return Number(producer >= 0 && !isPermanent && !plan.fixed[producer]);
    });
    this.need = bytesFromNothing(step, this.evictable);
    const { start } = plan;
    this.nodes = new Int32Array(nodeCount + start.length / 2);
    for (let node = 0, at = 0, next = 0; node < nodeCount; node++) {
      for (; next < start.length && start[next] === node; next += 2) this.nodes[at++] = start[next + 1];
      this.nodes[at++] = node;
    }
    this.events = this.listEvents();
    for (let value = 0; value < valueCount; value++) if (step.residentAtStart[value]) this.enter(value);
  }

  async run(job: Job): Promise<Int32Array | undefined> {
    const { nodes, plan } = this;
    for (; this.position < nodes.length; this.position++) {
      await job.checkpoint();
      const node = nodes[this.position];
      const isRepeat = node < this.before;
      if (isRepeat && !plan.pinned[node] && this.hasResultsOf(node)) {
        for (const value of [...this.inputsOf(node), ...this.outputsOf(node)]) this.pass(value);
      } else {
        if (!(await this.compute(node, 0, job))) return undefined;
        if (isRepeat) this.repeat(node);
      }
      for (const value of this.spent) {
        if (this.resident[value] && this.isSpent(value)) this.leave(value);
      }
      this.spent.length = 0;
      if (!isRepeat) this.before = node + 1;
    }
    return Int32Array.from(this.pairs);
  }

  private listEvents(): SequenceEvents {
    const { nodes, step } = this;
    const events = new SequenceEvents(step.valueCount, nodes.length);
    for (let position = 0; position < nodes.length; position++) {
      events.position[position] = position;
      for (const value of this.inputsOf(nodes[position])) events.append(value, 2 * position);
      for (const value of this.outputsOf(nodes[position])) events.append(value, 2 * position + 1);
    }
    return events;
  }

  /**
   * Runs a node once its inputs are there. Unless all are held meanwhile, what takes most room to be made comes first and may push out the others,
   * which are made again in their turn (Liu, "An application of generalized tree pebbling to sparse matrix
   * factorization", 1987). False when there is no room.
   */
  private async compute(node: NodeId, depth: number, job: Job): Promise<boolean> {
    const { step, locks, awaited } = this;
    const inputs = this.inputsOf(node);
    const outputs = this.outputsOf(node);
    const waiting = this.holdsInputs ? locks : awaited;
    for (const value of inputs) waiting[value]++;
    for (const value of inputs) {
      waiting[value]--;
      if (!this.resident[value]) {
        const producer = step.producer[value];
        if (producer < 0 || this.plan.fixed[producer] || depth > maxDepth) return false;
        if (this.isTooLong) return false;
        await job.checkpoint();
        if (!(await this.compute(producer, depth + 1, job))) return false;
        this.repeat(producer);
      }
      locks[value]++;
    }
    let wanted = step.workspaceBytes[node];
    for (const value of outputs) {
      if (!this.resident[value]) wanted += step.valueBytes[value];
      locks[value]++;
    }
    if (!this.makeRoom(wanted)) return false;
    for (const value of outputs) this.enter(value);
    for (const values of [inputs, outputs]) {
      for (const value of values) {
        if (depth === 0) this.pass(value);
        this.unlock(value);
      }
    }
    return true;
  }

  private repeat(node: NodeId): void {
    this.pairs.push(this.before, node);
    this.addedMs += this.step.durationMs[node];
  }

  private get isTooLong(): boolean {
    const { step, plan, pairs, addedMs } = this;
    return pairs.length > 2 * maxRepeats * step.nodeCount || addedMs > (plan.mostAddedMs ?? Infinity);
  }

  private inputsOf(node: NodeId): ValueId[] {
    const { inputs, updates, valueBytes } = this.step;
    const values = new Set<ValueId>();
    for (const rows of [inputs, updates])
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) values.add(rows.items[i]);
    if (!this.need) return [...values];
    const { need } = this;
    if (this.holdsInputs) return [...values].sort((a, b) => valueBytes[a] - valueBytes[b] || a - b);
    return [...values].sort((a, b) => need[b] - valueBytes[b] - (need[a] - valueBytes[a]) || a - b);
  }

  private outputsOf(node: NodeId): ValueId[] {
    const { offsets, items } = this.step.outputs;
    return [...items.subarray(offsets[node], offsets[node + 1])];
  }

  private hasResultsOf(node: NodeId): boolean {
    return this.outputsOf(node).every((value) => this.resident[value]);
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
    if (--this.locks[value] === 0 && this.isSpent(value)) this.spent.push(value);
  }

  /** Will nothing in the sequence use the value as it is now? */
  private isSpent(value: ValueId): boolean {
    const { residentAtStart, residentAtEnd } = this.step;
    if (residentAtEnd[value] || this.nextUse(value) < Infinity) return false;
    // Never used and there from the start: nothing frees it.
    return !residentAtStart[value] || this.past[value] > 0;
  }

  private pass(value: ValueId): void {
    this.past[value]++;
  }

  /** Position of the next use before the value is made anew; Infinity when there is none. */
  private nextUse(value: ValueId): number {
    const { events, past } = this;
    return events.isUse(value, past[value]) ? events.positionAt(value, past[value]) : Infinity;
  }

  /** Gives up what is spent first, and what running computations wait for only when nothing else is left. */
  private makeRoom(wanted: number): boolean {
    while (this.live + wanted > this.budgetBytes) {
      let victim = -1;
      let least = Infinity;
      let leastRank = Infinity;
      for (const value of this.residents) {
        if (this.locks[value] > 0 || this.step.valueBytes[value] === 0) continue;
        const next = this.nextUse(value);
        const rank = this.awaited[value] > 0 ? 2 : next === Infinity ? 0 : 1;
        if (rank > leastRank) continue;
        const score = this.score(value, next);
        if (rank < leastRank || score < least || (score === least && value < victim)) {
          leastRank = rank;
          least = score;
          victim = value;
        }
      }
      if (victim < 0) return false;
      this.leave(victim);
    }
    return true;
  }

  private score(value: ValueId, nextUse: number): number {
    const distance = (nextUse === Infinity ? this.nodes.length : nextUse) - this.position + 1;
    const bytes = this.step.valueBytes[value];
    if (this.rule === 'latest-use') return -distance;
    const cost = this.costOf(value);
    return this.rule === 'cheapest' ? cost / bytes : cost / (bytes * distance);
  }

  /** Time to bring the value back, with the inputs that are gone, as far as a short look shows. */
  private costOf(value: ValueId): number {
    const { step } = this;
    const open = [step.producer[value]];
    let cost = 0;
    for (let next = 0; next < open.length && next < 16; next++) {
      const node = open[next];
      cost += step.durationMs[node];
      for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
        const input = step.inputs.items[i];
        const producer = step.producer[input];
        if (!this.resident[input] && producer >= 0 && !open.includes(producer)) open.push(producer);
      }
    }
    return cost;
  }
}
