import type { NodeId, Rows, StepGraph, ValueId } from '../../step/stepGraph';
import { usersByValue } from '../../plan/regionRecomputation';

/**
 * What a step says about which values may be absent when. A value is optional when the node that makes it may run
 * again; every other value is there from its producer to its last use in any plan.
 */
export class RetentionFacts {
  /** By value: 1 where it can be given up and made again. */
  readonly isOptional: Uint8Array;
  /** By value: 1 where it costs nothing to have it once made: it outlives the step, or takes no memory. */
  readonly isPermanent: Uint8Array;
  /** By value: 1 where it is there from its producer to its last use in any plan. */
  readonly isMandatory: Uint8Array;
  /** By value: 1 where nothing ever frees it: it outlives the step, or is there from the start and never used. */
  readonly stays: Uint8Array;
  /** By value: how many nodes make it, at most 2. */
  readonly timesMade: Uint8Array;
  /** By value: the last node that uses it in the step without repeats; −1 when none does. */
  readonly lastUse: Int32Array;
  /** By value: the nodes that read or update it, ascending. */
  readonly users: Rows;
  /** By node: bytes that are there while it runs, whatever the plan: what it uses and what cannot be absent. */
  readonly fixedBytes: Float64Array;
  /** By node: bytes live while it runs in the step that keeps everything. */
  readonly keepAllBytes: Float64Array;

  /** `repeatable`, by node: 1 where it may run again. */
  constructor(
    readonly step: StepGraph,
    readonly repeatable: Uint8Array,
  ) {
    const { nodeCount, valueCount, producer, residentAtStart, residentAtEnd, valueBytes } = step;
    this.users = usersByValue(step);
    const timesMade = new Uint8Array(valueCount);
    for (const value of step.outputs.items) timesMade[value] = Math.min(2, timesMade[value] + 1);
    this.timesMade = timesMade;
    this.stays = residentAtEnd.map((flag, value) => {
      const isUsed = this.users.offsets[value] < this.users.offsets[value + 1];
      return flag || (residentAtStart[value] && !isUsed) ? 1 : 0;
    });
    this.lastUse = new Int32Array(valueCount).fill(-1);
    this.isOptional = new Uint8Array(valueCount);
    this.isMandatory = new Uint8Array(valueCount);
    this.isPermanent = residentAtEnd.map((flag, value) => (flag || valueBytes[value] === 0 ? 1 : 0));
    const change = new Float64Array(nodeCount + 1);
    const mandatory = new Float64Array(nodeCount + 1);
    for (let value = 0; value < valueCount; value++) {
      const { offsets, items } = this.users;
      if (offsets[value] < offsets[value + 1]) this.lastUse[value] = items[offsets[value + 1] - 1];
      const made = producer[value];
      const isMade = made >= 0 && !residentAtStart[value];
      if (!isMade && !residentAtStart[value]) continue;
      // A value made anew by a later node need not live in between; it counts only where it is used.
      if (timesMade[value] > 1 && !residentAtEnd[value]) continue;
      const start = isMade ? made : 0;
      const end = residentAtEnd[value] ? nodeCount - 1 : Math.max(this.lastUse[value], made);
      // Never used and there from the beginning: nothing frees it.
      const last = end < 0 ? nodeCount - 1 : end;
      this.isOptional[value] = Number(
        isMade && !residentAtEnd[value] && repeatable[made] === 1 && valueBytes[value] > 0,
      );
      change[start] += valueBytes[value];
      change[last + 1] -= valueBytes[value];
      if (this.isOptional[value]) continue;
      this.isMandatory[value] = 1;
      mandatory[start] += valueBytes[value];
      mandatory[last + 1] -= valueBytes[value];
    }
    this.fixedBytes = new Float64Array(nodeCount);
    this.keepAllBytes = new Float64Array(nodeCount);
    let live = 0;
    let always = 0;
    for (let node = 0; node < nodeCount; node++) {
      live += change[node];
      always += mandatory[node];
      let used = 0;
      for (const value of this.usedBy(node)) if (!this.isMandatory[value]) used += valueBytes[value];
      this.keepAllBytes[node] = live + step.workspaceBytes[node];
      this.fixedBytes[node] = always + used + step.workspaceBytes[node];
    }
  }

  /** Everything a node reads, makes or changes. */
  usedBy(node: NodeId): Set<ValueId> {
    const used = new Set<ValueId>();
    const { inputs, outputs, updates } = this.step;
    for (const { offsets, items } of [inputs, outputs, updates])
      for (let i = offsets[node]; i < offsets[node + 1]; i++) used.add(items[i]);
    return used;
  }
}
