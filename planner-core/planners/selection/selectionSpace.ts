import type { NodeId, Rows, StepGraph, ValueId } from '../../step/stepGraph';
import { usersByValue, type RegionRecomputation } from '../../plan/regionRecomputation';

/** A value that a recomputation frees for a while: between its last earlier use and the moment it is made again. */
export interface Relief {
  readonly bytes: number;
  /** Base nodes; the value is gone strictly between them. */
  readonly after: NodeId;
  readonly before: NodeId;
}

/** Where memory is over budget, by base nodes. */
export interface HotView {
  /** Is memory over budget within `reach` computations of a node? */
  isHot(node: NodeId, reach: number): boolean;
  /** Computations strictly between two nodes that run while memory is over budget. */
  count(after: NodeId, before: NodeId): number;
}

/** A change to a selection of recomputed things. */
export interface SelectionMove {
  readonly add: readonly number[];
  readonly remove: readonly number[];
  /** Estimated added time. */
  readonly timeMs: number;
  /** Estimated fall of the bytes over budget, summed over the step; undefined: only a trial can tell. */
  readonly relief: number | undefined;
}

/** By item: 1 where it is selected. */
export type Selection = Uint8Array;

/** What a selection planner chooses from: modules to wrap, or operators to recompute. Items are numbers. */
export interface SelectionSpace {
  /** Items are 0 .. itemCount - 1. */
  readonly itemCount: number;
  /** Those that may be selected and make a difference. */
  readonly items: readonly number[];
  /** Recomputations of a selection. */
  compile(selected: Selection): Int32Array;
  /** The selection with an item more or less, and whatever must come or go with it. */
  toggled(selected: Selection, item: number): Selection;
  /** Moves worth considering from a selection. */
  moves(selected: Selection, hot: HotView): SelectionMove[];
  /** Time an item adds, for the order in which needless ones are dropped. */
  timeOf(item: number): number;
  /** What dropping an item brings back, at least about; undefined for items that need not be dropped. */
  reliefOf(item: number): readonly Relief[] | undefined;
}

/** Who uses what in the step that keeps everything, and what recomputing frees. */
export class UseTable {
  readonly users: Rows;

  constructor(private readonly step: StepGraph) {
    this.users = usersByValue(step);
  }

  /** The last node that uses a value; -1 when none does. */
  lastUse(value: ValueId): NodeId {
    const { offsets, items } = this.users;
    // `users` lists reads and updates in node order.
    return offsets[value] < offsets[value + 1] ? items[offsets[value + 1] - 1] : -1;
  }

  /** The last node before `before` that makes or uses the value. */
  lastEventBefore(value: ValueId, before: NodeId): NodeId {
    const { offsets, items } = this.users;
    let last = this.step.producer[value];
    for (let u = offsets[value]; u < offsets[value + 1] && items[u] < before; u++)
      last = Math.max(last, items[u]);
    return last;
  }

  /** Values that something uses from `before` on and that are gone until then. */
  reliefOf({ before, nodes }: RegionRecomputation): Relief[] {
    const { step } = this;
    const reliefs: Relief[] = [];
    for (const node of nodes) {
      for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
        const value = step.outputs.items[i];
        if (step.residentAtEnd[value] || step.valueBytes[value] === 0 || this.lastUse(value) < before)
          continue;
        reliefs.push({ bytes: step.valueBytes[value], after: this.lastEventBefore(value, before), before });
      }
    }
    return reliefs;
  }
}
