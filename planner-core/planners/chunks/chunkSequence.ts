import { compileSchedule } from '../../simulator/compileSchedule';
import { Op, keepEverything, type Directives } from '../../simulator/schedule';
import type { NodeId, StepGraph, ValueId } from '../../step/stepGraph';
import type { ChunkedStep } from './chunkedStep';
import type { ChunkUses } from './keptGaps';

/** What a device computes, and a host beside it, with the memory of all that is no chunk. */
export interface ChunkSequence {
  readonly chunked: ChunkedStep;
  /** On the device, in order. */
  readonly nodes: Int32Array;
  /** By position: what is not needed any more, chunks left aside. */
  readonly freed: readonly (readonly ValueId[])[];
  /** By position: bytes that are no chunk while it runs. */
  readonly otherBytes: Float64Array;
  /** Without waiting; one more entry for the end. */
  readonly startMs: Float64Array;
  /** Updates that the host computes, in order. */
  readonly hostNodes: readonly NodeId[];
  readonly uses: readonly ChunkUses[];
}

/**
 * The step with some of its computations again, where the updates of chunks from position `firstOnHost` on run on the
 * host. Their state never comes to the device, and their parameters come anew in every step.
 */
export function chunkSequence(
  chunked: ChunkedStep,
  recomputations: Directives['recomputations'],
  firstOnHost: number,
): ChunkSequence {
  const { step, indexOfUpdate, chunks, backwardEnd } = chunked;
  const base = compileSchedule(step, { ...keepEverything, recomputations });
  const isChunk = new Uint8Array(step.valueCount);
  for (const { value } of chunks) isChunk[value] = 1;
  const nodes: NodeId[] = [];
  const hostNodes: NodeId[] = [];
  const freed: ValueId[][] = [];
  for (let entry = 0; entry < base.length; entry++) {
    const subject = base.subject[entry];
    if (base.op[entry] === Op.free) {
      if (!isChunk[subject] && subject !== backwardEnd) freed.at(-1)?.push(subject);
    } else if (indexOfUpdate[subject] >= firstOnHost) hostNodes.push(subject);
    else {
      nodes.push(subject);
      freed.push([]);
    }
  }
  const startMs = new Float64Array(nodes.length + 1);
  nodes.forEach((node, position) => (startMs[position + 1] = startMs[position] + step.durationMs[node]));
  return {
    ...{ chunked, freed, hostNodes, startMs },
    nodes: Int32Array.from(nodes),
    otherBytes: otherBytesOf(step, nodes, freed, isChunk, hostNodes),
    uses: usesOf(chunked, nodes, hostNodes),
  };
}

function otherBytesOf(
  step: StepGraph,
  nodes: readonly NodeId[],
  freed: readonly (readonly ValueId[])[],
  isChunk: Uint8Array,
  hostNodes: readonly NodeId[],
): Float64Array {
  const isThere = Uint8Array.from(step.residentAtStart, (flag, value) => (isChunk[value] ? 0 : flag));
  // Step counters are where the update is that counts.
  for (const node of hostNodes) for (const value of valuesOf(step, node)) isThere[value] = 0;
  let bytes = step.valueBytes.reduce((sum, own, value) => sum + isThere[value] * own, 0);
  return Float64Array.from(nodes, (node, position) => {
    for (const value of rowOf(step.outputs, node)) {
      if (isChunk[value] || isThere[value]) continue;
      isThere[value] = 1;
      bytes += step.valueBytes[value];
    }
    const now = bytes + step.workspaceBytes[node];
    for (const value of freed[position]) {
      isThere[value] = 0;
      bytes -= step.valueBytes[value];
    }
    return now;
  });
}

function usesOf(
  { step, chunks }: ChunkedStep,
  nodes: readonly NodeId[],
  hostNodes: readonly NodeId[],
): ChunkUses[] {
  const changedByHost = new Set(hostNodes.flatMap((node) => valuesOf(step, node)));
  const positions = new Map<ValueId, number[]>(chunks.map(({ value }) => [value, []]));
  nodes.forEach((node, position) => {
    for (const value of valuesOf(step, node)) {
      const own = positions.get(value);
      if (own && own.at(-1) !== position) own.push(position);
    }
  });
  return chunks.flatMap(({ value }) => {
    const own = positions.get(value)!;
    if (own.length === 0) return [];
    const mayStay = step.residentAtStart[value] === 1 && !changedByHost.has(value);
    return [{ value, positions: own, isMade: step.residentAtStart[value] === 0, mayStay }];
  });
}

const rowOf = ({ offsets, items }: StepGraph['inputs'], node: NodeId): Int32Array =>
  items.subarray(offsets[node], offsets[node + 1]);

/** All that a node reads, makes or changes. */
export const valuesOf = (step: StepGraph, node: NodeId): number[] => [
  ...rowOf(step.inputs, node),
  ...rowOf(step.outputs, node),
  ...rowOf(step.updates, node),
];
