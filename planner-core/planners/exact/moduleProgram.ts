import { LinearProgramBuilder, type LinearProgram } from '../../solvers/linearProgram';
import type { NodeId, ValueId } from '../../step/stepGraph';
import type { ModuleFacts } from './moduleFacts';
import type { Relaxation } from './planFamily';

/** A moment inside the recomputation of a module: while its node number `index` runs. */
export interface InnerMoment {
  readonly module: number;
  readonly index: number;
}

/** Objectives are scaled so that the cost of the best plan known is about this. */
const costScale = 1000;

type Terms = (readonly [number, number])[];

/** A column that is at least each of several sums. */
interface Alive {
  readonly column: number;
  readonly atLeast: readonly { readonly terms: Terms; readonly constant: number }[];
}

/**
 * The least time that checkpoints around modules must add so that memory fits at some moments: an integer program with
 * a column for each module, and one for each group of values whose life depends on several. It counts what is certainly
 * alive at a moment, so no choice of modules within the budget beats its optimum.
 */
export class ModuleProgram implements Relaxation {
  readonly program: LinearProgram;
  readonly costPerMs: number;
  private readonly builder = new LinearProgramBuilder();
  private readonly alive: Alive[] = [];

  constructor(
    private readonly facts: ModuleFacts,
    private readonly budgetBytes: number,
    mostAddedMs: number,
    moments: readonly NodeId[],
    inner: readonly InnerMoment[],
  ) {
    const { modules, paths, context } = facts;
    const total = modules.reduce((sum, { timeMs }) => sum + timeMs, 0);
    this.costPerMs = costScale / (Number.isFinite(mostAddedMs) && mostAddedMs > 0 ? mostAddedMs : total || 1);
    for (const { timeMs } of modules) this.builder.binary(timeMs * this.costPerMs);
    const pinned = new Set(context.pinnedModules);
    for (const path of paths) {
      if (path.length > 1) this.builder.row(ones(path), -Infinity, 1);
      // What is pinned is wrapped, alone or with the module around it.
      path.forEach((index, at) => {
        if (pinned.has(modules[index].id)) this.builder.row(ones(path.slice(at)), 1, Infinity);
      });
    }
    for (const moment of moments) this.addMoment(moment);
    for (const moment of inner) this.addInnerMoment(moment);
    this.program = this.builder.build();
  }

  /** Indices of the modules a point wraps. */
  wrapped(point: Float64Array): number[] {
    return this.facts.modules.flatMap((_, index) => (point[index] > 0.5 ? [index] : []));
  }

  /** The point that wrapping these modules is. */
  pointOf(wrapped: readonly number[]): Float64Array {
    const point = new Float64Array(this.program.columnCount);
    for (const index of wrapped) point[index] = 1;
    for (const { column, atLeast } of this.alive) {
      for (const { terms, constant } of atLeast) {
        const sum = terms.reduce((all, [other, factor]) => all + factor * point[other], constant);
        point[column] = Math.max(point[column], sum);
      }
    }
    return point;
  }

  /** Memory while a node runs for the first time. */
  private addMoment(moment: NodeId): void {
    const { retention } = this.facts;
    const inUse = retention.usedBy(moment);
    const own = [...inUse].reduce((sum, value) => sum + this.bytesUnlessPermanent(value), 0);
    const row = this.lives(moment, moment + 1, moment + 1, (value) => inUse.has(value));
    const workspace = retention.step.workspaceBytes[moment];
    this.addRow(row.terms, row.constant + own + workspace + this.permanentBytes(moment + 1));
  }

  /** Memory while a node runs again in its module's recomputation. */
  private addInnerMoment({ module, index }: InnerMoment): void {
    const { retention, modules, makers } = this.facts;
    const { step } = retention;
    const { before, nodes, made, lastRead } = modules[module];
    const node = nodes[index];
    const isOwn = (value: ValueId): boolean => made.has(value) || (lastRead.get(value) ?? -1) >= index;
    let own = step.workspaceBytes[node];
    for (const [value, last] of lastRead) {
      const isMadeAlong = makers[value].some((maker) => modules[maker].before === before);
      if (last >= index && !isMadeAlong) own += this.bytesUnlessPermanent(value);
    }
    const nextReads = new Set<ValueId>();
    for (const later of nodes.slice(index))
      for (let i = step.inputs.offsets[later]; i < step.inputs.offsets[later + 1]; i++)
        nextReads.add(step.inputs.items[i]);
    nodes.slice(0, index + 1).forEach((maker, at) => {
      for (let i = step.outputs.offsets[maker]; i < step.outputs.offsets[maker + 1]; i++) {
        const value = step.outputs.items[i];
        const isWanted = at === index || nextReads.has(value) || this.nextUse(value, before) >= 0;
        if (isWanted) own += this.bytesUnlessPermanent(value);
      }
    });
    const row = this.lives(before - 1, before, before + 1, isOwn);
    this.addRow([...row.terms, [module, own]], row.constant + this.permanentBytes(before));
  }

  /**
   * What is alive just before node `next` runs, and made by `made` at the latest: constant bytes and terms. The life of
   * a value ends early where a wrapped module makes it anew, and lasts where one reads it before a node from `firstRead` on.
   */
  private lives(
    made: NodeId,
    next: NodeId,
    firstRead: NodeId,
    isLeftOut: (value: ValueId) => boolean,
  ): { terms: Terms; constant: number } {
    const { retention, modules, makers, readers } = this.facts;
    const { step, timesMade } = retention;
    const relieving = new Map<number, number>();
    const groups = new Map<string, { atLeast: Alive['atLeast']; bytes: number }>();
    let constant = 0;
    for (let value = 0; value < step.valueCount; value++) {
      const bytes = this.bytesUnlessPermanent(value);
      const isMade =
        step.residentAtStart[value] === 1 || (step.producer[value] >= 0 && step.producer[value] <= made);
      if (bytes === 0 || !isMade || timesMade[value] > 1 || isLeftOut(value)) continue;
      const use = this.nextUse(value, next);
      const anew = makers[value].filter((maker) => modules[maker].before >= next);
      const ofUse = anew.filter((maker) => modules[maker].before <= use);
      const waiting = readers[value].filter((reader) => modules[reader].before >= firstRead);
      if (use >= 0 && (ofUse.length === 0 || waiting.length === 0)) {
        constant += bytes;
        for (const maker of ofUse) relieving.set(maker, (relieving.get(maker) ?? 0) + bytes);
        continue;
      }
      if (waiting.length === 0) continue;
      const atLeast = waiting.map((reader) => {
        const first = anew.filter((maker) => modules[maker].before <= modules[reader].before);
        return { terms: [[reader, 1] as const, ...minus(first)], constant: 0 };
      });
      if (use >= 0) atLeast.push({ terms: minus(ofUse), constant: 1 });
      const key = JSON.stringify(atLeast);
      const group = groups.get(key);
      if (group) group.bytes += bytes;
      else groups.set(key, { atLeast, bytes });
    }
    const terms: [number, number][] = [...relieving].map(([maker, bytes]) => [maker, -bytes]);
    for (const { atLeast, bytes } of groups.values()) {
      const column = this.builder.column(0, 0, 1);
      for (const { terms: sum, constant: least } of atLeast)
        this.builder.row(
          [[column, 1], ...sum.map(([other, sign]) => [other, -sign] as const)],
          least,
          Infinity,
        );
      this.alive.push({ column, atLeast });
      terms.push([column, bytes]);
    }
    return { terms, constant };
  }

  private addRow(terms: Terms, constant: number): void {
    const { budgetBytes } = this;
    this.builder.row(
      terms.map(([column, bytes]) => [column, bytes / budgetBytes]),
      -Infinity,
      (budgetBytes - constant) / budgetBytes,
    );
  }

  /** The first node from `from` on that uses a value; −1 when none does. */
  private nextUse(value: ValueId, from: NodeId): NodeId {
    const { offsets, items } = this.facts.retention.users;
    for (let u = offsets[value]; u < offsets[value + 1]; u++) if (items[u] >= from) return items[u];
    return -1;
  }

  private bytesUnlessPermanent(value: ValueId): number {
    return this.facts.retention.stays[value] ? 0 : this.facts.retention.step.valueBytes[value];
  }

  /** Bytes of what stays once made and is made by nodes before `node`. */
  private permanentBytes(node: NodeId): number {
    const { step, stays } = this.facts.retention;
    let bytes = 0;
    for (let value = 0; value < step.valueCount; value++) {
      const isMade =
        step.residentAtStart[value] === 1 || (step.producer[value] >= 0 && step.producer[value] < node);
      if (stays[value] && isMade) bytes += step.valueBytes[value];
    }
    return bytes;
  }
}

const ones = (columns: readonly number[]): Terms => columns.map((column) => [column, 1]);
const minus = (columns: readonly number[]): Terms => columns.map((column) => [column, -1]);
