import { usersByValue } from '../../plan/regionRecomputation';
import { Phase, type NodeId, type Rows, type StepGraph, type ValueId } from '../../step/stepGraph';
import type { Window } from './links';

/**
 * A window of a step as a small step of its own: its forward nodes, one node `rest` that stands for all that runs
 * between forward and backward, its backward nodes. Values that are there before and after are left out; so memory
 * differs from that of the whole step by a constant over the forward nodes, and by another one over the backward nodes.
 */
export interface CutOut {
  readonly step: StepGraph;
  /** The whole step's node; -1 for the rest. */
  readonly nodeOf: Int32Array;
  /** The whole step's value. */
  readonly valueOf: Int32Array;
  /** The node that stands for everything between forward and backward. */
  readonly rest: NodeId;
}

/** Cuts windows out of one step. */
export class StepCutter {
  private readonly users: Rows;
  /** By value: its number in the window being cut out; -1 when not met yet. */
  private readonly localOf: Int32Array;

  constructor(private readonly step: StepGraph) {
    this.users = usersByValue(step);
    this.localOf = new Int32Array(step.valueCount);
  }

  /** `movable`, by node of the whole step: 1 where it may be computed again. O(window and its edges). */
  cut(window: Window, movable: Uint8Array): CutOut {
    const { step, users } = this;
    const { firstForward, lastForward, firstBackward, lastBackward } = window;
    const nodeOf = nodesOf(window);
    const rest = lastForward - firstForward + 1;
    const isInside = (node: NodeId): boolean =>
      (node >= firstForward && node <= lastForward) || (node >= firstBackward && node <= lastBackward);
    const isBetween = (node: NodeId): boolean => node > lastForward && node < firstBackward;
    const usesOf = (value: ValueId): Int32Array =>
      users.items.subarray(users.offsets[value], users.offsets[value + 1]);
    const isThereBefore = (value: ValueId): boolean =>
      step.residentAtStart[value] === 1 || step.producer[value] < firstForward;
    // What reads it later still, or read it in the forward pass of a module behind a gap in the window.
    const isThereAfter = (value: ValueId): boolean => {
      const uses = usesOf(value);
      return step.residentAtEnd[value] === 1 || (uses.length > 0 && uses[uses.length - 1] > lastBackward);
    };

    const valueOf: ValueId[] = [];
    const local = (value: ValueId): number => {
      if (this.localOf[value] === 0) {
        const isPermanent = isThereBefore(value) && isThereAfter(value);
        this.localOf[value] = isPermanent ? -1 : valueOf.push(value);
      }
      return this.localOf[value] - 1;
    };
    const met: ValueId[] = [];
    const rowsOf = (table: Rows, ofRest: () => number[]): Rows => {
      const offsets = new Int32Array(nodeOf.length + 1);
      const items: number[] = [];
      nodeOf.forEach((node, at) => {
        if (node < 0) items.push(...ofRest());
        else
          for (let i = table.offsets[node]; i < table.offsets[node + 1]; i++) {
            met.push(table.items[i]);
            const value = local(table.items[i]);
            if (value >= 0) items.push(value);
          }
        offsets[at + 1] = items.length;
      });
      return { offsets, items: Int32Array.from(items) };
    };
    // All that the window touches gets its number first; what the rest does with it follows.
    for (const table of [step.inputs, step.outputs, step.updates]) rowsOf(table, () => []);
    const touched = valueOf.map((value, at) => ({ value, at }));
    const isMadeByRest = (value: ValueId): boolean =>
      step.residentAtStart[value] === 0 && isBetween(step.producer[value]);
    const inputs = rowsOf(step.inputs, () =>
      touched
        .filter(({ value }) => !isMadeByRest(value) && usesOf(value).some(isBetween))
        .map(({ at }) => at),
    );
    const outputs = rowsOf(step.outputs, () =>
      touched.filter(({ value }) => isMadeByRest(value)).map(({ at }) => at),
    );
    const updates = rowsOf(step.updates, () => []);
    for (const value of met) this.localOf[value] = 0;

    const ofNodes = (table: ArrayLike<number>, ofRest: number): number[] =>
      Array.from(nodeOf, (node) => (node < 0 ? ofRest : table[node]));
    const ofValues = (of: (value: ValueId) => number): number[] => valueOf.map(of);
    return {
      nodeOf,
      valueOf: Int32Array.from(valueOf),
      rest,
      step: {
        nodeCount: nodeOf.length,
        valueCount: valueOf.length,
        devices: step.devices.slice(0, 1),
        linkBytesPerMs: new Float64Array(4),
        linkLatencyMs: new Float64Array(4),
        linkChannel: new Int32Array(4).fill(-1),
        channels: [],
        nodeName: Array.from(nodeOf, (node) => (node < 0 ? '' : step.nodeName[node])),
        nodePhase: Uint8Array.from(ofNodes(step.nodePhase, Phase.loss)),
        nodeOperator: Int32Array.from(ofNodes(step.nodeOperator, -1)),
        nodeModule: Int32Array.from(ofNodes(step.nodeModule, 0)),
        workspaceBytes: Float64Array.from(ofNodes(step.workspaceBytes, 0)),
        durationMs: Float64Array.from(ofNodes(step.durationMs, 0)),
        macs: new Float64Array(nodeOf.length),
        trafficBytes: new Float64Array(nodeOf.length),
        bound: new Uint8Array(nodeOf.length),
        workClass: new Uint8Array(nodeOf.length),
        recomputable: Uint8Array.from(ofNodes(movable, 0)),
        drawsRandom: Uint8Array.from(ofNodes(step.drawsRandom, 0)),
        inputs,
        outputs,
        updates,
        valueName: valueOf.map((value) => step.valueName[value]),
        valueBytes: Float64Array.from(ofValues((value) => step.valueBytes[value])),
        valueKind: Uint8Array.from(ofValues((value) => step.valueKind[value])),
        residentAtStart: Uint8Array.from(ofValues((value) => Number(isThereBefore(value)))),
        residentAtEnd: Uint8Array.from(ofValues((value) => Number(isThereAfter(value)))),
        producer: Int32Array.from(
          ofValues((value) => {
            if (isThereBefore(value)) return -1;
            const node = step.producer[value];
            if (isBetween(node)) return rest;
            if (!isInside(node)) return -1;
            return node <= lastForward ? node - firstForward : rest + 1 + (node - firstBackward);
          }),
        ),
        reentrant: false,
        diagnostics: [],
      },
    };
  }
}

/** The window's node of a node of the whole step. */
export function localNode({ firstForward, lastForward, firstBackward }: Window, node: NodeId): NodeId {
  return node <= lastForward ? node - firstForward : lastForward - firstForward + 2 + (node - firstBackward);
}

function nodesOf({ firstForward, lastForward, firstBackward, lastBackward }: Window): Int32Array {
  const forward = lastForward - firstForward + 1;
  return Int32Array.from({ length: forward + 1 + lastBackward - firstBackward + 1 }, (_, i) =>
    i < forward ? firstForward + i : i === forward ? -1 : firstBackward + (i - forward - 1),
  );
}

/** [before, node] pairs of a cut-out in the whole step's numbers. */
export function wholeRecomputations({ nodeOf, rest }: CutOut, recomputations: Int32Array): Int32Array {
  // What runs again before the rest does so as soon as the forward part of the window is over.
  return recomputations.map((node) => (node === rest ? nodeOf[rest - 1] + 1 : nodeOf[node]));
}
