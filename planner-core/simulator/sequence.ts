import { Phase, type NodeId, type StepGraph } from '../step/stepGraph';
import type { Directives } from './schedule';

/** The computations of a step in the order they run, recomputations inserted. */
export interface Sequence {
  readonly nodes: Int32Array;
  /** 1 where the entry computes a node again. */
  readonly again: Uint8Array;
}

export function sequenceOf(step: StepGraph, directives: Directives): Sequence {
  const { recomputations } = directives;
  const extra = recomputations.length / 2;
  const nodes = new Int32Array(step.nodeCount + extra);
  const again = new Uint8Array(step.nodeCount + extra);
  let at = 0;
  let next = 0;
  for (let node = 0; node < step.nodeCount; node++) {
    for (; next < extra && recomputations[2 * next] === node; next++) {
      nodes[at] = recomputations[2 * next + 1];
      again[at++] = 1;
    }
    nodes[at++] = node;
  }
  if (next !== extra) throw new RangeError('recomputations are not sorted by the node they precede');
  return { nodes, again };
}

/** Device of each entry of the sequence: its node's, unless a repeat was given one of its own. */
export function devicesOfSequence(
  { nodes, again }: Sequence,
  deviceOfNode: Uint8Array,
  { recomputationDevices }: Directives,
): Uint8Array {
  let repeat = 0;
  return Uint8Array.from(nodes, (node, position) => {
    if (!recomputationDevices || !again[position]) return deviceOfNode[node];
    return recomputationDevices[repeat++];
  });
}

/** Device of each node: the placement, except that an optimizer update runs where its parameter lives. */
export function deviceOfNodes(step: StepGraph, directives: Directives): Uint8Array {
  const { placement } = directives;
  if (!placement) return new Uint8Array(step.nodeCount);
  const devices = Uint8Array.from(placement);
  const home = homeOfValues(step, devices);
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.optimizer) continue;
    // What makes the state of a first step changes nothing yet: it reads the parameter.
    const rows = step.updates.offsets[node] < step.updates.offsets[node + 1] ? step.updates : step.inputs;
    const first = rows.offsets[node];
    if (first < rows.offsets[node + 1]) devices[node] = home[rows.items[first]];
  }
  return devices;
}

/**
 * Where values that exist before the step begins are stored: with the first forward or backward computation that uses
 * them (a parameter with its layer); optimizer state with the parameter it belongs to.
 */
export function homeOfValues(step: StepGraph, deviceOfNode: Uint8Array): Uint8Array {
  const home = new Uint8Array(step.valueCount).fill(255);
  const visit = (node: NodeId): void => {
    for (const { offsets, items } of [step.inputs, step.updates]) {
      for (let i = offsets[node]; i < offsets[node + 1]; i++) {
        if (step.residentAtStart[items[i]] && home[items[i]] === 255) home[items[i]] = deviceOfNode[node];
      }
    }
  };
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.optimizer) visit(node);
  }
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.optimizer) continue;
    const { offsets, items } = step.updates;
    const parameterHome = offsets[node] < offsets[node + 1] ? home[items[offsets[node]]] : 0;
    for (let i = offsets[node]; i < offsets[node + 1]; i++) {
      if (home[items[i]] === 255) home[items[i]] = parameterHome === 255 ? 0 : parameterHome;
    }
  }
  for (let value = 0; value < step.valueCount; value++) if (home[value] === 255) home[value] = 0;
  return home;
}
