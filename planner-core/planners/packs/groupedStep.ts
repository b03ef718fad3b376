import { Phase, ValueKind, type NodeId, type Rows, type StepGraph, type ValueId } from '../../step/stepGraph';
import type { Pack } from './packsOfLayers';

/** A computation of the grouped step: which one it is in the step of one micro-batch, and of which micro-batch. */
export interface GroupedNode {
  readonly node: NodeId;
  readonly microBatch: number;
  /** Position of the pack; -1 in the optimizer. */
  readonly pack: number;
}

export interface GroupedStep {
  readonly step: StepGraph;
  readonly order: readonly GroupedNode[];
  readonly packs: readonly Pack[];
  /** Micro-batches that a pack computes before the next one does. */
  readonly groupSize: number;
  /** Groups of a step: the step is the last of them, with the update; its times are of all. */
  readonly passes: number;
}

/**
 * The step of a group of micro-batches in the order of Harmony (arXiv 2202.01306): a pack computes all of them before the
 * next pack begins, forward and then back; the last pack takes each there and back at once. What exists before the step
 * (parameters, gradients, state, buffers) is shared, the rest is there for each micro-batch. `step` is that of one
 * of `microBatches` on one device, with the times of all; `groupSize` divides them.
 */
export function groupedStep(
  step: StepGraph,
  packs: readonly Pack[],
  microBatches: number,
  groupSize: number,
): GroupedStep {
  const order = orderOf(step, packs, groupSize);
  const isShared = Uint8Array.from({ length: step.valueCount }, (_, value) =>
    Number(
      (step.residentAtStart[value] === 1 && step.valueKind[value] !== ValueKind.input) ||
        (step.producer[value] >= 0 && step.nodePhase[step.producer[value]] === Phase.optimizer),
    ),
  );
  // By value: the number of the first copy; copies follow each other.
  const numberOf = new Int32Array(step.valueCount);
  const valueOf: ValueId[] = [];
  for (let value = 0; value < step.valueCount; value++) {
    numberOf[value] = valueOf.length;
    for (let copy = 0; copy < (isShared[value] ? 1 : groupSize); copy++) valueOf.push(value);
  }
  const numbered = (value: ValueId, microBatch: number): ValueId =>
    numberOf[value] + (isShared[value] ? 0 : microBatch);
  const rowsOf = ({ offsets, items }: Rows): Rows => {
    const grouped = new Int32Array(order.length + 1);
    const values: ValueId[] = [];
    order.forEach(({ node, microBatch }, at) => {
      for (let i = offsets[node]; i < offsets[node + 1]; i++) values.push(numbered(items[i], microBatch));
      grouped[at + 1] = values.length;
    });
    return { offsets: grouped, items: Int32Array.from(values) };
  };
  const outputs = rowsOf(step.outputs);
  const producer = new Int32Array(valueOf.length).fill(-1);
  order.forEach((_, at) => {
    for (let i = outputs.offsets[at]; i < outputs.offsets[at + 1]; i++)
      if (producer[outputs.items[i]] < 0) producer[outputs.items[i]] = at;
  });
  const byNode = <T extends Uint8Array | Int32Array | Float64Array>(column: T): T =>
    (column.constructor as unknown as { from(items: Iterable<number>): T }).from(
      order.map(({ node }) => column[node]),
    );
  const byValue = <T extends Uint8Array | Float64Array>(column: T): T =>
    (column.constructor as unknown as { from(items: Iterable<number>): T }).from(
      valueOf.map((value) => column[value]),
    );
  const name = (text: string, microBatch: number): string =>
    microBatch === 0 ? text : `${text} (micro-batch ${microBatch + 1})`;
  return {
    step: {
      ...step,
      ...{ nodeCount: order.length, valueCount: valueOf.length, outputs, producer },
      inputs: rowsOf(step.inputs),
      updates: rowsOf(step.updates),
      nodeName: order.map(({ node, microBatch }) => name(step.nodeName[node], microBatch)),
      valueName: valueOf.map((value, number) => name(step.valueName[value], number - numberOf[value])),
      nodePhase: byNode(step.nodePhase),
      nodeOperator: byNode(step.nodeOperator),
      nodeModule: byNode(step.nodeModule),
      workspaceBytes: byNode(step.workspaceBytes),
      // Times are of all micro-batches: a group has its share of each.
      durationMs: Float64Array.from(
        order,
        ({ node, pack }) => step.durationMs[node] / (pack < 0 ? 1 : groupSize),
      ),
      linkBytesPerMs: step.linkBytesPerMs.map((bytesPerMs) => bytesPerMs * groupSize),
      linkLatencyMs: step.linkLatencyMs.map((ms) => ms / groupSize),
      macs: byNode(step.macs),
      trafficBytes: byNode(step.trafficBytes),
      bound: byNode(step.bound),
      workClass: byNode(step.workClass),
      recomputable: byNode(step.recomputable),
      drawsRandom: byNode(step.drawsRandom),
      valueBytes: byValue(step.valueBytes),
      valueKind: byValue(step.valueKind),
      residentAtStart: byValue(step.residentAtStart),
      residentAtEnd: byValue(step.residentAtEnd),
    },
    ...{ order, packs, groupSize, passes: microBatches / groupSize },
  };
}

function orderOf(step: StepGraph, packs: readonly Pack[], groupSize: number): GroupedNode[] {
  const order: GroupedNode[] = [];
  const run = ([from, to]: readonly [NodeId, NodeId], microBatch: number, pack: number): void => {
    for (let node = from; node < to; node++) order.push({ node, microBatch, pack });
  };
  const last = packs.length - 1;
  packs.forEach(({ forward, backward }, pack) => {
    for (let microBatch = 0; microBatch < groupSize; microBatch++) {
      run(forward, microBatch, pack);
      if (pack === last) run(backward, microBatch, pack);
    }
  });
  for (let pack = last - 1; pack >= 0; pack--)
    for (let microBatch = 0; microBatch < groupSize; microBatch++)
      run(packs[pack].backward, microBatch, pack);
  run([packs[0].backward[1], step.nodeCount], 0, -1);
  return order;
}
