import { LinearProgramBuilder, type LinearProgram } from '../../solvers/linearProgram';
import { Phase, ValueKind, type NodeId, type StepGraph, type ValueId } from '../../step/stepGraph';
import type { RetentionFacts } from '../exact/retentionFacts';
import { stateKinds } from './gaps';

/** The time of the step is this much in the program, so that its numbers are near one. */
const timeScale = 1000;

type Term = readonly [column: number, coefficient: number];

/**
 * The least time that recomputing and waiting for transfers must add so that memory fits at some moments: a linear
 * relaxation that no plan within the budget beats. Moments are nodes of the step; the starts of their first runs cut it
 * into intervals. Of each value, as shares: `hold[k]`, there at moment k for later; `repeat[k]`, computed again in
 * interval k; `host[k]`, sent away by moment k; `fetch[k]`, brought back in interval k. What an interval uses is held
 * into it, made, repeated or fetched in it; a channel moves in an interval no more than its time, with what is added to
 * it, lets it. Checkmate's R and S (Jain et al., MLSys 2020) with POET's paging (Patil et al., ICML 2022), stages as
 * coarse as the moments, and real time in place of counts of stages, as in the relaxation of OffMate.
 *
 * Why it holds: a transfer that has begun before a moment and ends after it is counted in shares of its time, and its
 * value as there by the share that has come, which is no more than it takes. What is left out (the order within an
 * interval, memory between moments, limits of host memory) only makes plans cheaper. Parameters and optimizer state
 * begin the step where they end it.
 */
export class StallProgram {
  readonly program: LinearProgram;
  readonly costPerMs: number;
  private readonly step: StepGraph;
  private readonly builder = new LinearProgramBuilder();
  private readonly intervalOfNode: Int32Array;
  /** By value: has it columns; the others are there for nothing wherever they are not used, or are never absent. */
  private readonly isTracked: Uint8Array;
  private readonly mayLeave: Uint8Array;
  private readonly lastUpdate: Int32Array;
  /** By value: the share of state that is on the device between steps. */
  private readonly home = new Map<ValueId, number>();
  private readonly hold: Map<ValueId, number>[];
  private readonly repeat: Map<NodeId, number>[];
  private readonly host: Map<ValueId, number>[];
  private readonly fetch: Map<ValueId, number>[];
  private readonly added: number[] = [];

  /** `moments`: ascending nodes. Values smaller than `smallestBytes` are not looked at: that proves less, nothing wrong. */
  constructor(
    private readonly facts: RetentionFacts,
    private readonly moments: readonly NodeId[],
    private readonly budgetBytes: number,
    smallestBytes: number,
  ) {
    const { step } = facts;
    this.step = step;
    this.costPerMs = timeScale / totalMs(step);
    this.intervalOfNode = new Int32Array(step.nodeCount);
    for (let node = 0, interval = 0; node < step.nodeCount; node++) {
      while (interval < moments.length && moments[interval] < node) interval++;
      this.intervalOfNode[node] = interval;
    }
    this.mayLeave = leavingValues(facts);
    this.isTracked = this.mayLeave.map((leaves, value) =>
      Number((leaves || facts.isOptional[value]) && step.valueBytes[value] >= smallestBytes),
    );
    this.lastUpdate = new Int32Array(step.valueCount).fill(-1);
    for (let node = 0; node < step.nodeCount; node++)
      for (const value of rowOf(step.updates, node)) this.lastUpdate[value] = node;
    const maps = (): Map<number, number>[] => Array.from({ length: moments.length + 1 }, () => new Map());
    this.hold = maps();
    this.repeat = maps();
    this.host = maps();
    this.fetch = maps();
    this.addColumns();
    this.addUses();
    this.addMemory();
    this.addTime();
    this.program = this.builder.build();
  }

  private addColumns(): void {
    const { step, facts, builder, moments, isTracked } = this;
    const isWanted = new Uint8Array(step.valueCount);
    const want = (node: NodeId): void => {
      for (const rows of [step.inputs, step.updates])
        for (const value of rowOf(rows, node)) isWanted[value] = isTracked[value];
    };
    for (let interval = moments.length; interval >= 0; interval--) {
      const [start, end] = this.nodesOf(interval);
      for (let node = start; node <= end; node++) want(node);
      for (let node = start - 1; node >= 0; node--) {
        const isAsked = rowOf(step.outputs, node).some((value) => isWanted[value] && facts.isOptional[value]);
        if (!isAsked) continue;
        this.repeat[interval].set(node, builder.column(0, 0, 1));
        want(node);
      }
      for (let value = 0; value < step.valueCount; value++) {
        if (!isTracked[value]) continue;
        const isState = step.residentAtStart[value] === 1;
        const made = this.madeIn(value);
        if (isWanted[value]) {
          if (made < interval && this.mayLeave[value])
            this.fetch[interval].set(value, builder.column(0, 0, 1));
          if (made < interval && interval > 0) this.hold[interval - 1].set(value, builder.column(0, 0, 1));
          if (!isState && this.mayLeave[value] && made <= interval)
            this.host[interval].set(value, builder.column(0, 0, 1));
        }
        // What is changed in the step stays until it has been sent back to where it was.
        if (!isState || this.changedIn(value) < 0 || this.changedIn(value) > interval) continue;
        this.host[interval].set(value, builder.column(0, 0, 1));
        if (interval < moments.length && !this.hold[interval].has(value))
          this.hold[interval].set(value, builder.column(0, 0, 1));
      }
    }
    for (let value = 0; value < step.valueCount; value++)
      if (isTracked[value] && step.residentAtStart[value]) this.home.set(value, builder.column(0, 0, 1));
    for (let interval = 0; interval <= moments.length; interval++)
      this.added.push(builder.column(1, 0, Infinity));
  }

  private addUses(): void {
    const { step, builder, moments } = this;
    for (let interval = 0; interval <= moments.length; interval++) {
      const [start, end] = this.nodesOf(interval);
      const used = new Set<ValueId>();
      for (let node = start; node <= end; node++)
        for (const rows of [step.inputs, step.updates])
          for (const value of rowOf(rows, node)) used.add(value);
      for (const value of used) this.atLeast(this.sources(interval, value), [], 1);
      for (const [node, column] of this.repeat[interval])
        for (const value of rowOf(step.inputs, node))
          this.atLeast(this.sources(interval, value), [[column, -1]], 0);
      for (const [value, column] of this.hold[interval]) {
        if (this.changedIn(value) === interval) continue;
        this.atLeast(this.sources(interval, value), [[column, -1]], 0);
      }
      for (const [value, column] of this.fetch[interval]) {
        const away = this.host[interval].get(value);
        if (!step.residentAtStart[value] && away !== undefined)
          builder.row(
            [
              [away, 1],
              [column, -1],
            ],
            0,
            Infinity,
          );
      }
      for (const [value, column] of this.host[interval]) this.addSent(interval, value, column);
    }
    for (const [value, column] of this.home) {
      const back = this.host[moments.length].get(value);
      if (this.changedIn(value) >= 0 && back !== undefined)
        builder.row(
          [
            [back, 1],
            [column, 1],
          ],
          1,
          Infinity,
        );
    }
  }

  /** Only what is there is sent, and what was changed is there until it has been. */
  private addSent(interval: number, value: ValueId, column: number): void {
    const { step, builder } = this;
    const isState = step.residentAtStart[value] === 1;
    const begin = isState ? this.changedIn(value) : this.madeIn(value);
    if (interval > begin) {
      const before = this.host[interval - 1].get(value);
      const sent: Term[] = [[column, 1], ...(before === undefined ? [] : [[before, -1] as const])];
      builder.row(sent, 0, Infinity);
      const fetched = this.fetch[interval].get(value);
      const there = this.sources(interval, value)?.filter(([source]) => source !== fetched);
      this.atLeast(
        there,
        sent.map(([of, sign]) => [of, -sign]),
        0,
      );
    }
    const held = this.hold[interval].get(value);
    if (isState && held !== undefined)
      builder.row(
        [
          [held, 1],
          [column, 1],
        ],
        1,
        Infinity,
      );
  }

  private addMemory(): void {
    const { step, facts, builder, budgetBytes, moments, isTracked, mayLeave } = this;
    for (const [interval, node] of moments.entries()) {
      const inUse = facts.usedBy(node);
      let fixedBytes = facts.fixedBytes[node];
      for (let value = 0; value < step.valueCount; value++) {
        // Counted there as what no plan can be without; here it may leave.
        if (mayLeave[value] && facts.isMandatory[value] && !inUse.has(value) && this.isAlive(value, node))
          fixedBytes -= step.valueBytes[value];
      }
      const terms: Term[] = [];
      for (const [value, column] of this.hold[interval])
        if (isTracked[value] && !inUse.has(value)) terms.push([column, step.valueBytes[value] / budgetBytes]);
      builder.row(terms, -Infinity, (budgetBytes - fixedBytes) / budgetBytes);
    }
  }

  private addTime(): void {
    const { step, builder, moments, costPerMs } = this;
    const host = step.devices.length;
    const links = { out: host, in: host * (host + 1) };
    const isShared =
      step.linkChannel[links.out] >= 0 && step.linkChannel[links.out] === step.linkChannel[links.in];
    const cost = (value: ValueId, link: number): number => {
      const bytesPerMs = step.linkBytesPerMs[link];
      const ms = bytesPerMs > 0 ? step.linkLatencyMs[link] + step.valueBytes[value] / bytesPerMs : 0;
      return ms * costPerMs;
    };
    for (let interval = 0; interval <= moments.length; interval++) {
      const added = this.added[interval];
      const repeats = [...this.repeat[interval]].map(([node, column]): Term => [
        column,
        -step.durationMs[node] * costPerMs,
      ]);
      this.atLeast([[added, 1]], repeats, 0);
      const away = [...this.host[interval]].flatMap(([value, column]): Term[] => {
        const before = interval > 0 ? this.host[interval - 1].get(value) : undefined;
        const ms = cost(value, links.out);
        return [[column, ms], ...(before === undefined ? [] : [[before, -ms] as const])];
      });
      const back = [...this.fetch[interval]].map(([value, column]): Term => [column, cost(value, links.in)]);
      const lengthMs = this.lengthMs(interval) * costPerMs;
      for (const terms of isShared ? [[...away, ...back]] : [away, back])
        if (terms.length > 0) builder.row([...terms, [added, -1]], -Infinity, lengthMs);
    }
  }

  private atLeast(terms: readonly Term[] | undefined, others: readonly Term[], least: number): void {
    if (terms) this.builder.row([...terms, ...others], least, Infinity);
  }

  /** First and last node that runs for the first time in an interval. */
  private nodesOf(interval: number): readonly [NodeId, NodeId] {
    const { moments, step } = this;
    const start = interval === 0 ? 0 : moments[interval - 1] + 1;
    return [start, interval < moments.length ? moments[interval] : step.nodeCount - 1];
  }

  /** From the start of one moment's node to that of the next, without what is added. */
  private lengthMs(interval: number): number {
    const { moments, step } = this;
    const from = interval === 0 ? 0 : moments[interval - 1];
    const to = interval < moments.length ? moments[interval] : step.nodeCount;
    return step.durationMs.subarray(from, to).reduce((sum, ms) => sum + ms, 0);
  }

  /** Ways in which a value can be there in an interval; undefined when it is there anyway. */
  private sources(interval: number, value: ValueId): Term[] | undefined {
    if (!this.isTracked[value] || this.madeIn(value) >= interval) return undefined;
    const held = interval === 0 ? this.home.get(value) : this.hold[interval - 1].get(value);
    const repeated = this.repeat[interval].get(this.step.producer[value]);
    const fetched = this.fetch[interval].get(value);
    return [held, repeated, fetched]
      .filter((column) => column !== undefined)
      .map((column): Term => [column, 1]);
  }

  /** The interval in which a value is there for the first time; -1: from the start. */
  private madeIn(value: ValueId): number {
    return this.step.residentAtStart[value] ? -1 : this.intervalOfNode[this.step.producer[value]];
  }

  /** The interval in which a value is changed last; -1: it is not. */
  private changedIn(value: ValueId): number {
    return this.lastUpdate[value] < 0 ? -1 : this.intervalOfNode[this.lastUpdate[value]];
  }

  /** Is a value there while a node runs in the step that keeps everything? */
  private isAlive(value: ValueId, node: NodeId): boolean {
    const { step, facts } = this;
    if (step.residentAtEnd[value]) return step.residentAtStart[value] === 1 || step.producer[value] <= node;
    return step.producer[value] <= node && Math.max(facts.lastUse[value], step.producer[value]) >= node;
  }
}

/** By value: 1 where plans may send it away: activations of the forward pass, and what exists before the step and after it. */
function leavingValues({ step, timesMade, lastUse }: RetentionFacts): Uint8Array {
  return Uint8Array.from({ length: step.valueCount }, (_, value) => {
    const kind = step.valueKind[value];
    const isResident = step.residentAtStart[value] + step.residentAtEnd[value];
    if (step.valueBytes[value] === 0 || lastUse[value] < 0) return 0;
    if (stateKinds.includes(kind)) return Number(isResident === 2 && timesMade[value] === 0);
    const made = step.producer[value];
    const isForward = made >= 0 && step.nodePhase[made] < Phase.backward;
    return Number(kind === ValueKind.activation && isResident === 0 && timesMade[value] === 1 && isForward);
  });
}

const rowOf = ({ offsets, items }: StepGraph['inputs'], row: number): Int32Array =>
  items.subarray(offsets[row], offsets[row + 1]);

function totalMs({ durationMs, nodeCount }: StepGraph): number {
  const sum = durationMs.subarray(0, nodeCount).reduce((total, ms) => total + ms, 0);
  return sum > 0 ? sum : 1;
}
