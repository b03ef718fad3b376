import type { ModelGraph } from '../graph/modelGraph';
import type { ForwardRecord } from './draft';
import { ValueKind, type NodeId, type Rows, type StepGraph, type ValueId } from './stepGraph';

/** Activation functions that have an `inplace` argument in torch.nn. */
const overwriting = new Set([
  'Relu',
  'Clip',
  'LeakyRelu',
  'Elu',
  'Celu',
  'Selu',
  'HardSwish',
  'Swish',
  'Mish',
]);

/** Images and volumes: [batch, channels, ...] with at least two spatial axes. */
const imageRank = 4;

/**
 * An export does not say whether an activation function overwrote its input. Convolutional model libraries (torchvision,
 * timm) ask for it throughout; transformers and plain programs do not. So, on images only, the result of an activation
 * function takes the place of an input that nothing else reads.
 *
 * Returns the step with each such result merged into its input, and in `mergedInto` where each value went.
 */
export function withInPlaceActivations(
  step: StepGraph,
  graph: ModelGraph,
  records: readonly ForwardRecord[],
): { step: StepGraph; mergedInto: Int32Array } {
  const mergedInto = Int32Array.from({ length: step.valueCount }, (_, value) => value);
  const overwritten = new Map<NodeId, ValueId>();
  const readers = countReaders(step.inputs, step.valueCount);
  for (const { operator, node, context } of records) {
    if (node < 0 || !overwriting.has(graph.operators[operator].type)) continue;
    const [input, ...others] = rowOf(step.inputs, node);
    const [output, ...more] = rowOf(step.outputs, node);
    if (input === undefined || output === undefined || others.length > 0 || more.length > 0) continue;
    const target = mergedInto[input];
    const isOwn = step.valueKind[target] === ValueKind.activation && !step.residentAtEnd[target];
    const isImage = (context.output(0)?.shape.length ?? 0) >= imageRank;
    const fits = step.valueBytes[target] === step.valueBytes[output];
    if (!isOwn || !isImage || !fits || readers[input] > 1 || step.residentAtEnd[output]) continue;
    mergedInto[output] = target;
    overwritten.set(node, target);
  }
  if (overwritten.size === 0) return { step, mergedInto };
  const mapped = (rows: Rows, extra?: ReadonlyMap<NodeId, ValueId>, leaveOut = false): Rows =>
    rowsFrom(step.nodeCount, (node) => {
      if (leaveOut && overwritten.has(node)) return [];
      const values = rowOf(rows, node).map((value) => mergedInto[value]);
      const added = extra?.get(node);
      return added === undefined ? values : [...values, added];
    });
  return {
    step: {
      ...step,
      inputs: mapped(step.inputs),
      outputs: mapped(step.outputs, undefined, true),
      updates: mapped(step.updates, overwritten),
      valueBytes: step.valueBytes.map((bytes, value) => (mergedInto[value] === value ? bytes : 0)),
      producer: step.producer.map((node, value) => (mergedInto[value] === value ? node : -1)),
      recomputable: step.recomputable.map((flag, node) => (overwritten.has(node) ? 0 : flag)),
    },
    mergedInto,
  };
}

function countReaders(inputs: Rows, valueCount: number): Int32Array {
  const readers = new Int32Array(valueCount);
  for (const value of inputs.items) readers[value]++;
  return readers;
}

const rowOf = (rows: Rows, row: number): number[] =>
  Array.from(rows.items.subarray(rows.offsets[row], rows.offsets[row + 1]));

function rowsFrom(count: number, rowOfNode: (node: NodeId) => readonly number[]): Rows {
  const offsets = new Int32Array(count + 1);
  const items: number[] = [];
  for (let node = 0; node < count; node++) {
    items.push(...new Set(rowOfNode(node)));
    offsets[node + 1] = items.length;
  }
  return { offsets, items: Int32Array.from(items) };
}
