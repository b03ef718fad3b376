import type { Operator, TensorId } from '../../graph/modelGraph';
import type { PatternContext } from '../pattern';
import type { Recognition } from '../recognise';
import { int } from '../pattern';
import type { Restoration } from './restoration';

const name = 'split-sequences';

/**
 * Before it is optimized, an exported split, chunk or unbind is a sequence whose tensors are taken out one by one. In
 * PyTorch the pieces are views: Split where they keep the axis, a selection where they lose it.
 */
export const restoreSplitSequences: Restoration = (context, off) => {
  const { graph } = context;
  if (off.has(name)) return { graph, recognitions: [] };
  const readers = readersOfSequences(graph.operators);
  const recognitions: Recognition[] = [];
  const replaced = new Map<Operator, readonly Operator[]>();
  for (const split of graph.operators) {
    if (split.type !== 'SplitToSequence' || off.has(split.name)) continue;
    const pieces = readers.get(split.outputs[0]) ?? [];
    const views = graph.outputs.includes(split.outputs[0]) ? undefined : viewsOf(split, pieces, context);
    if (!views) continue;
    for (const piece of pieces) replaced.set(piece, []);
    for (const [operator, view] of views) replaced.set(operator, [view]);
    if (!views.has(split)) replaced.set(split, []);
    const taken = [split, ...pieces].map((operator) => operator.name);
    recognitions.push({
      pattern: name,
      readAs: 'views of the pieces',
      operator: split.name,
      pieces: taken,
      by: 'structure',
    });
  }
  return {
    graph: {
      ...graph,
      operators: graph.operators.flatMap((operator) => replaced.get(operator) ?? [operator]),
    },
    recognitions,
  };
};

/** Who reads each sequence a SplitToSequence makes. */
function readersOfSequences(operators: readonly Operator[]): ReadonlyMap<TensorId, readonly Operator[]> {
  const readers = new Map<TensorId, Operator[]>();
  for (const { type, outputs } of operators) if (type === 'SplitToSequence') readers.set(outputs[0], []);
  for (const operator of operators) for (const id of operator.inputs) readers.get(id)?.push(operator);
  return readers;
}

/** The operators to put in place of some of these; undefined where more than single pieces at known places is read. */
function viewsOf(
  split: Operator,
  pieces: readonly Operator[],
  { graph, factsOf }: PatternContext,
): ReadonlyMap<Operator, Operator> | undefined {
  const count = factsOf(split.outputs[0])?.sequence?.length;
  const placeOf = (piece: Operator): number | undefined =>
    graph.tensors[piece.inputs[1] ?? -1]?.elements?.[0];
  if (typeof count !== 'number' || pieces.length === 0) return undefined;
  const outputs = new Array<TensorId>(count).fill(-1);
  for (const piece of pieces) {
    const place = piece.type === 'SequenceAt' ? placeOf(piece) : undefined;
    const at = place !== undefined && place < 0 ? place + count : place;
    if (at === undefined || outputs[at] !== -1) return undefined;
    outputs[at] = piece.outputs[0];
  }
  const [source, sizes = -1] = split.inputs;
  const axis = split.attributes.get('axis') ?? int(0);
  const keepsAxis = split.attributes.get('keepdims');
  if (sizes < 0 && keepsAxis?.kind === 'int' && keepsAxis.value === 0) {
    const select = (piece: Operator): Operator => ({
      ...piece,
      type: 'Gather',
      inputs: [source, piece.inputs[1]],
      attributes: new Map([['axis', axis]]),
    });
    return new Map(pieces.map((piece) => [piece, select(piece)]));
  }
  const isList = graph.tensors[sizes]?.elements?.length === count && graph.tensors[sizes].shape?.length === 1;
  const attributes = new Map([['axis', axis]]);
  if (!isList) attributes.set('num_outputs', int(count));
  const inputs = isList ? [source, sizes] : [source];
  return new Map([[split, { ...split, type: 'Split', inputs, outputs, attributes }]]);
}
