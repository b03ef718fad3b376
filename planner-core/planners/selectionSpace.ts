import type { NodeId, StepGraph, ValueId } from '../step/stepGraph';
import type { RegionRecomputation } from '../plan/regionRecomputation';
import { usersByValue } from '../plan/regionRecomputation';

/** A value that a recomputation frees for a while: between its last earlier use and the moment it is made again. */
export interface Relief {
  readonly bytes: number;
  /** Base nodes; the value is gone strictly between them. */
  readonly after: NodeId;
  readonly before: NodeId;
}

/** A change to a selection of recomputed things. */
export interface SelectionMove {
  readonly add: readonly number[];
  readonly remove: readonly number[];
  /** Estimated added time. */
  readonly timeMs: number;
  /** The most it can free (other values may get longer lives instead); undefined: only a trial can tell. */
  readonly relief: readonly Relief[] | undefined;
}

/** Is memory over budget within `reach` computations of a base node? */
export type IsHot = (node: NodeId, reach: number) => boolean;

/** What a selection planner chooses from: modules to wrap, or operators to recompute. Items are numbers. */
export interface SelectionSpace {
  /** Recomputations of a selection. */
  compile(selected: ReadonlySet<number>): Int32Array;
  /** Moves worth considering from a selection. */
  moves(selected: ReadonlySet<number>, isHot: IsHot): SelectionMove[];
  /** Time an item adds, for the order in which needless ones are dropped. */
  timeOf(item: number): number;
  /** What dropping an item brings back, at least about; used to skip hopeless trials. */
  reliefOf(item: number): readonly Relief[];
}

/** Computes reliefs; holds who uses what. */
export class ReliefTable {
  private readonly users;

  constructor(private readonly step: StepGraph) {
    this.users = usersByValue(step);
  }

  of({ before, nodes }: RegionRecomputation): Relief[] {
    const { step } = this;
    const reliefs: Relief[] = [];
    for (const node of nodes) {
      for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
        const value = step.outputs.items[i];
        if (step.residentAtEnd[value] || step.valueBytes[value] === 0) continue;
        const after = this.lastUseBefore(value, node, before);
        if (after !== undefined) reliefs.push({ bytes: step.valueBytes[value], after, before });
      }
    }
    return reliefs;
  }

  /** The last node before `before` that uses the value; undefined when nothing uses it from there on. */
  private lastUseBefore(value: ValueId, producer: NodeId, before: NodeId): NodeId | undefined {
    const { offsets, items } = this.users;
    if (offsets[value] === offsets[value + 1] || items[offsets[value + 1] - 1] < before) {
      // `users` lists inputs and updates in node order, so the last entry is the latest use.
      return undefined;
    }
    let after = producer;
    for (let u = offsets[value]; u < offsets[value + 1] && items[u] < before; u++) after = items[u];
    return Math.max(after, producer);
  }
}
