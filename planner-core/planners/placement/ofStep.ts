import { HeadroomError } from '../../base/errors';
import type { LayerIndex } from '../../plan/layerIndex';
import { leadersOf } from '../../plan/leaders';
import type { Decision } from '../../plan/plan';
import { resolveDecisions } from '../../plan/resolveDecisions';
import { Phase, ValueKind, type NodeId, type StepGraph } from '../../step/stepGraph';
import type { PlacementProblem, Transfers } from './problem';
import { tiedNodes } from './tiedNodes';

/** A step to place, and what its groups mean for it. */
export interface StepPlacement {
  readonly problem: PlacementProblem;
  /** By result: the value of the step that it is a version of. */
  readonly resultValue: Int32Array;
  /** By group: activations made in it that backward reads. */
  readonly keptBytes: Float64Array;
  /** By group: its forward nodes. */
  readonly forwardNodes: readonly (readonly NodeId[])[];
}

/** Beyond this many groups operators of a module are placed together: decisions nobody could read otherwise. */
const readableGroups = 400;

/**
 * A step as a placement problem: tasks are its nodes in the order they run. A forward computation shares a group with
 * its backward, the updates of its parameters, and whoever else uses these. What is there before the step is where it is
 * used: bringing it to a second device is left to the simulator. `memoryBytes`: limit of each device. Throws 'infeasible' for pins that
 * want two devices of what must share one, or more memory of parameters than any device has.
 */
export function placementOfStep(
  step: StepGraph,
  layers: LayerIndex,
  pins: readonly Decision[],
  memoryBytes: readonly number[],
  mostGroups = readableGroups,
): StepPlacement {
  const { nodeCount, valueCount, nodePhase } = step;
  const deviceCount = step.devices.length;
  const leaders = leadersOf(step);
  const pinned = pinnedNodes(step, layers, pins, leaders);
  const groupOf = tiedNodes(step, layers, leaders, pinned, mostGroups);
  const groupCount = groupOf.reduce((most, group) => Math.max(most, group + 1), 0);
  const groups = rowsBy(groupOf, groupCount);
  const users = firstUsers(step);

  const groupBytes = new Float64Array(groupCount);
  const keptBytes = new Float64Array(groupCount);
  const isKept = readByBackward(step);
  for (let value = 0; value < valueCount; value++) {
    const owner = step.producer[value] >= 0 ? step.producer[value] : users[value];
    if (owner < 0) continue;
    if (isLasting[step.valueKind[value] as ValueKind])
      groupBytes[groupOf[users[value]]] += step.valueBytes[value];
    else if (isKept[value]) keptBytes[groupOf[owner]] += step.valueBytes[value];
  }
  const pinnedDevice = new Int32Array(groupCount).fill(-1);
  for (let node = 0; node < nodeCount; node++) {
    const device = pinned[node];
    if (device < 0 || nodePhase[node] === Phase.optimizer) continue;
    const known = pinnedDevice[groupOf[node]];
    if (known >= 0 && known !== device) throw contradiction(step, node, known, device);
    pinnedDevice[groupOf[node]] = device;
  }
  const { resultValue, ...results } = resultsOf(step);
  const problem: PlacementProblem = {
    ...{ taskCount: nodeCount, deviceCount, taskName: step.nodeName, deviceName: step.devices },
    ...{ durationMs: step.durationMs, order: Int32Array.from({ length: nodeCount }, (_, node) => node) },
    ...results,
    transfers: linksOf(step),
    ...{ groupOf, groups, groupBytes, pinnedDevice },
    isBackward: nodePhase.map((phase) => Number(phase >= Phase.backward)),
    memoryBytes: Float64Array.from(memoryBytes),
  };
  const forwardNodes = Array.from({ length: groupCount }, (_, group) =>
    [...groups.items.subarray(groups.offsets[group], groups.offsets[group + 1])].filter(
      (node) => nodePhase[node] === Phase.forward,
    ),
  );
  return { problem, resultValue, keptBytes, forwardNodes };
}

/** Kinds of values that a device holds all the time, with the layer they belong to. */
const isLasting: Readonly<Partial<Record<ValueKind, boolean>>> = {
  [ValueKind.parameter]: true,
  [ValueKind.buffer]: true,
  [ValueKind.optimizerState]: true,
  [ValueKind.parameterGradient]: true,
};

/** By node: the device a person chose for it or for what it follows, -1 for none, 0 for what follows nothing. */
function pinnedNodes(
  step: StepGraph,
  layers: LayerIndex,
  pins: readonly Decision[],
  leaders: Int32Array,
): Int32Array {
  const { device } = resolveDecisions(step, layers, pins);
  return Int32Array.from(leaders, (leader, node) => {
    if (leader >= 0) return device[leader];
    return step.nodePhase[node] === Phase.optimizer ? -1 : 0;
  });
}

/**
 * By value: the first forward or backward node that uses it, or whatever does; with the parameter for what only the
 * optimizer uses. -1 where nothing does.
 */
function firstUsers(step: StepGraph): Int32Array {
  const user = new Int32Array(step.valueCount).fill(-1);
  const visit = (node: NodeId): void => {
    for (const { offsets, items } of [step.updates, step.outputs, step.inputs])
      for (let i = offsets[node]; i < offsets[node + 1]; i++) if (user[items[i]] < 0) user[items[i]] = node;
  };
  for (const isOptimizer of [false, true])
    for (let node = 0; node < step.nodeCount; node++)
      if ((step.nodePhase[node] === Phase.optimizer) === isOptimizer) visit(node);
  return user;
}

/** By value: 1 for what the forward pass makes and backward reads. */
function readByBackward({ nodeCount, valueCount, nodePhase, producer, inputs }: StepGraph): Uint8Array {
  const isRead = new Uint8Array(valueCount);
  for (let node = 0; node < nodeCount; node++) {
    if (nodePhase[node] !== Phase.backward) continue;
    for (let i = inputs.offsets[node]; i < inputs.offsets[node + 1]; i++) {
      const value = inputs.items[i];
      if (producer[value] >= 0 && nodePhase[producer[value]] <= Phase.loss) isRead[value] = 1;
    }
  }
  return isRead;
}

/** Every version of a value that is read: made by one node, changed in place by others, each of which makes a new one. */
function resultsOf(
  step: StepGraph,
): Pick<PlacementProblem, 'resultProducer' | 'resultReaders' | 'resultBytes'> & { resultValue: Int32Array } {
  const producers: number[] = [];
  const readers: number[][] = [];
  const bytes: number[] = [];
  const values: number[] = [];
  const current = new Int32Array(step.valueCount).fill(-1);
  const read = (value: number, node: NodeId): void => {
    const known = current[value] >= 0 ? readers[current[value]] : undefined;
    if (known && known[known.length - 1] !== node) known.push(node);
  };
  for (let node = 0; node < step.nodeCount; node++) {
    for (const { offsets, items } of [step.inputs, step.updates])
      for (let i = offsets[node]; i < offsets[node + 1]; i++) read(items[i], node);
    for (const { offsets, items } of [step.outputs, step.updates]) {
      for (let i = offsets[node]; i < offsets[node + 1]; i++) {
        current[items[i]] = producers.push(node) - 1;
        readers.push([]);
        bytes.push(step.valueBytes[items[i]]);
        values.push(items[i]);
      }
    }
  }
  const used = producers.flatMap((_, result) => (readers[result].length > 0 ? [result] : []));
  const offsets = new Int32Array(used.length + 1);
  used.forEach((result, i) => (offsets[i + 1] = offsets[i] + readers[result].length));
  return {
    resultProducer: Int32Array.from(used, (result) => producers[result]),
    resultReaders: { offsets, items: Int32Array.from(used.flatMap((result) => readers[result])) },
    resultBytes: Float64Array.from(used, (result) => bytes[result]),
    resultValue: Int32Array.from(used, (result) => values[result]),
  };
}

/** The step's links without those to host memory. */
function linksOf({ devices, linkBytesPerMs, linkLatencyMs, linkChannel, channels }: StepGraph): Transfers {
  const count = devices.length;
  const table = {
    latencyMs: new Float64Array(count * count),
    msPerByte: new Float64Array(count * count),
    channel: new Int32Array(count * count).fill(-1),
  };
  for (let from = 0; from < count; from++) {
    for (let to = 0; to < count; to++) {
      if (from === to) continue;
      const link = from * (count + 1) + to;
      table.latencyMs[from * count + to] = linkLatencyMs[link];
      table.msPerByte[from * count + to] = linkBytesPerMs[link] > 0 ? 1 / linkBytesPerMs[link] : Infinity;
      table.channel[from * count + to] = linkChannel[link];
    }
  }
  return { kind: 'links', ...table, channelCount: channels.length };
}

function rowsBy(groupOf: Int32Array, groupCount: number): PlacementProblem['groups'] {
  const offsets = new Int32Array(groupCount + 1);
  for (const group of groupOf) offsets[group + 1]++;
  for (let group = 0; group < groupCount; group++) offsets[group + 1] += offsets[group];
  const fill = offsets.slice();
  const items = new Int32Array(groupOf.length);
  groupOf.forEach((group, node) => (items[fill[group]++] = node));
  return { offsets, items };
}

function contradiction(step: StepGraph, node: NodeId, one: number, other: number): HeadroomError {
  const names = [step.devices[one], step.devices[other]].map((name) => `"${name}"`).join(' and ');
  return new HeadroomError(
    'infeasible',
    `${step.nodeName[node]} is pinned to ${names}: it shares a parameter with what is pinned to the other.`,
    'Pin all that use the parameter to one device.',
    { node: step.nodeName[node] },
  );
}
