import { appendTo } from '../../base/groups';
import { Phase, ValueKind, type NodeId, type Rows, type StepGraph, type ValueId } from '../../step/stepGraph';
import type { Packing } from './packing';

/** A parameter with what training keeps beside it. */
export interface ModelTensor {
  readonly parameter: ValueId;
  readonly bytes: number;
  /** Undefined where it is not trained. */
  readonly gradient?: ValueId;
  readonly state?: ValueId;
  readonly updates: readonly NodeId[];
}

/** What lies in the chunks of one number. */
export type ChunkList = 'parameters' | 'gradients' | 'optimizer state';

/** One chunk: a value of the chunked step that holds several tensors. */
export interface Chunk {
  readonly value: ValueId;
  readonly list: ChunkList;
  /** Position in its list: a parameter, its gradient and its state lie in chunks of the same position. */
  readonly index: number;
}

/** A step whose model data lies in chunks: each is one value, which moves as a whole. */
export interface ChunkedStep {
  readonly step: StepGraph;
  readonly packing: Packing;
  readonly chunks: readonly Chunk[];
  /** What no tensor fills, in all lists of chunks. */
  readonly wasteBytes: number;
  /** Updates of the optimizer, by position of the chunks they touch; -1 for what is no update. */
  readonly indexOfUpdate: Int32Array;
  /** Made when backward has ended, of no size: no update begins before. */
  readonly backwardEnd: ValueId;
}

/**
 * Parameters in the order in which the step uses them first, each with its gradient and its state. Parameters that
 * nothing uses are left out. Assumes updates of one parameter each, as the for-loop and the fused kernel have them.
 */
export function modelTensors(step: StepGraph): ModelTensor[] {
  const found = new Map<ValueId, { gradient?: ValueId; state?: ValueId; updates: NodeId[] }>();
  for (let node = 0; node < step.nodeCount; node++) {
    const rows = [...entriesOf(step.inputs, node), ...entriesOf(step.updates, node)];
    const parameter = rows.find((value) => step.valueKind[value] === ValueKind.parameter);
    for (const value of rows)
      if (step.valueKind[value] === ValueKind.parameter && !found.has(value))
        found.set(value, { updates: [] });
    if (step.nodePhase[node] !== Phase.optimizer || parameter === undefined) continue;
    const tensor = found.get(parameter)!;
    tensor.updates.push(node);
    for (const value of rows) {
      if (step.valueKind[value] === ValueKind.parameterGradient) tensor.gradient ??= value;
      if (step.valueKind[value] === ValueKind.optimizerState) tensor.state ??= value;
    }
  }
  return [...found].map(([parameter, rest]) => ({ parameter, bytes: step.valueBytes[parameter], ...rest }));
}

/**
 * The step with its model data in chunks: what used a tensor uses its chunk. Adam's two moments are two chunks; what is
 * left of a state (step counters) stays as it is. A gradient is made beside its chunk and copied into it, which takes the
 * memory of the gradient while it is made; that a chunk of gradients is dropped after the update is what PatrickStar does.
 */
export function chunkedStep(step: StepGraph, tensors: readonly ModelTensor[], packing: Packing): ChunkedStep {
  const values = new NewValues(step);
  const chunkedGradients = new Set<ValueId>();
  const indexOfUpdate = new Int32Array(step.nodeCount).fill(-1);
  tensors.forEach(({ parameter, gradient, state, bytes, updates }, i) => {
    const index = packing.chunkOf[i];
    const size = { bytes, chunkBytes: packing.chunkBytes };
    values.putInto(parameter, 'parameters', index, size);
    if (gradient !== undefined && step.valueBytes[gradient] === bytes) {
      values.putInto(gradient, 'gradients', index, size);
      chunkedGradients.add(gradient);
    }
    const copies = state === undefined ? 0 : Math.floor(step.valueBytes[state] / bytes);
    for (let copy = 0; copy < copies; copy++) values.putInto(state!, 'optimizer state', index, size, copy);
    if (copies > 0) values.keepRest(state!, step.valueBytes[state!] - copies * bytes);
    for (const node of updates) indexOfUpdate[node] = index;
  });
  for (let value = 0; value < step.valueCount; value++) values.now(value);
  const backwardEnd = values.endOfBackward();
  const lastBefore = step.nodePhase.findLastIndex((phase) => phase < Phase.optimizer);
  const inputs = new RowsBuilder();
  const outputs = new RowsBuilder();
  const updates = new RowsBuilder();
  const workspaceBytes = step.workspaceBytes.slice();
  const producer: number[] = values.bytes.map(() => -1);
  for (let node = 0; node < step.nodeCount; node++) {
    const made = new Set<ValueId>();
    const changed = new Set(entriesOf(step.updates, node).flatMap((value) => values.now(value)));
    for (const old of entriesOf(step.outputs, node)) {
      const isGradient = chunkedGradients.has(old);
      if (isGradient) workspaceBytes[node] += step.valueBytes[old];
      for (const value of values.now(old)) {
        // The first gradient of a chunk makes it, the others change it.
        if (!isGradient || producer[value] < 0) made.add(value);
        else changed.add(value);
        if (producer[value] < 0) producer[value] = node;
      }
    }
    if (node === lastBefore) {
      made.add(backwardEnd);
      producer[backwardEnd] = node;
    }
    const read = entriesOf(step.inputs, node).flatMap((value) => values.now(value));
    if (indexOfUpdate[node] >= 0) read.push(backwardEnd);
    inputs.add(new Set(read));
    outputs.add(made);
    updates.add(new Set([...changed].filter((value) => !made.has(value))));
  }
  const valueCount = values.bytes.length;
  return {
    step: {
      ...step,
      ...{ valueCount, valueName: values.names, producer: Int32Array.from(producer), workspaceBytes },
      ...{ inputs: inputs.build(), outputs: outputs.build(), updates: updates.build() },
      valueBytes: Float64Array.from(values.bytes),
      valueKind: Uint8Array.from(values.kinds),
      residentAtStart: Uint8Array.from(values.atStart),
      residentAtEnd: Uint8Array.from(values.atEnd),
    },
    packing,
    chunks: values.chunks,
    wasteBytes: values.chunks.length * packing.chunkBytes - values.inChunksBytes,
    indexOfUpdate,
    backwardEnd,
  };
}

/** Values of the chunked step: the old ones first, but for those that lie in chunks. */
class NewValues {
  readonly names: string[] = [];
  readonly bytes: number[] = [];
  readonly kinds: number[] = [];
  readonly atStart: number[] = [];
  readonly atEnd: number[] = [];
  readonly chunks: Chunk[] = [];
  /** Of tensors. */
  inChunksBytes = 0;
  private readonly byKey = new Map<string, ValueId>();
  private readonly numbers = new Map<ValueId, ValueId[]>();

  constructor(private readonly step: StepGraph) {}

  /** What a value of the step has become: its chunks, or, when first asked for, a value of its own. */
  now(old: ValueId): readonly ValueId[] {
    const known = this.numbers.get(old);
    if (known) return known;
    const kept = [this.copy(old, this.step.valueBytes[old])];
    this.numbers.set(old, kept);
    return kept;
  }

  /** A part of a value that fits no chunk. */
  keepRest(old: ValueId, bytes: number): void {
    if (bytes > 0) this.numbers.get(old)!.push(this.copy(old, bytes));
  }

  putInto(
    old: ValueId,
    list: ChunkList,
    index: number,
    { bytes, chunkBytes }: { bytes: number; chunkBytes: number },
    copy = 0,
  ): void {
    this.inChunksBytes += bytes;
    const key = `${list}${copy > 0 ? ` ${copy + 1}` : ''}, chunk ${index + 1}`;
    let value = this.byKey.get(key);
    if (value === undefined) {
      // Gradients that no earlier pass left are gone when the update has read them.
      const stays = list === 'gradients' ? this.step.residentAtStart[old] : 1;
      value = this.add(key, chunkBytes, this.step.valueKind[old], stays, stays);
      this.byKey.set(key, value);
      this.chunks.push({ value, list, index });
    }
    appendTo(this.numbers, old, value);
  }

  endOfBackward(): ValueId {
    return this.add('end of backward', 0, ValueKind.temporary, 0, 0);
  }

  private copy(old: ValueId, bytes: number): ValueId {
    const { valueName, valueKind, residentAtStart, residentAtEnd } = this.step;
    return this.add(valueName[old], bytes, valueKind[old], residentAtStart[old], residentAtEnd[old]);
  }

  private add(name: string, bytes: number, kind: number, atStart: number, atEnd: number): ValueId {
    this.names.push(name);
    this.bytes.push(bytes);
    this.kinds.push(kind);
    this.atStart.push(atStart);
    this.atEnd.push(atEnd);
    return this.names.length - 1;
  }
}

class RowsBuilder {
  private readonly offsets = [0];
  private readonly items: number[] = [];

  add(row: Iterable<number>): void {
    this.items.push(...row);
    this.offsets.push(this.items.length);
  }

  build(): Rows {
    return { offsets: Int32Array.from(this.offsets), items: Int32Array.from(this.items) };
  }
}

const entriesOf = ({ offsets, items }: Rows, node: NodeId): number[] => [
  ...items.subarray(offsets[node], offsets[node + 1]),
];
