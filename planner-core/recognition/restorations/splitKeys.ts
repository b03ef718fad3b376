import type { AttributeValue, Operator, Shape } from '../../graph/modelGraph';
import type { Recognition } from '../recognise';
import { GraphEdit, type Restoration } from './restoration';

const name = 'split-keys';

const order = (...value: number[]): ReadonlyMap<string, AttributeValue> =>
  new Map([['perm', { kind: 'ints', value }]]);

/**
 * torch.nn.MultiheadAttention sees keys as [batch * heads, length, size] and attention transposes them as [batch, heads,
 * length, size]. Where all sizes are numbers, the exporter's optimizer moves the transpose in front of the reshape between
 * them, and the key that attention is called with is nowhere in the file.
 */
export const restoreSplitKeys: Restoration = ({ graph, index, producerOf, factsOf }, off) => {
  if (off.has(name)) return { graph, recognitions: [] };
  const edit = new GraphEdit(graph);
  const recognitions: Recognition[] = [];
  const rewritten = new Map<Operator, Operator>();
  for (const reshape of graph.operators) {
    const transpose = reshape.type === 'Reshape' ? producerOf(reshape.inputs[0]) : undefined;
    const target = factsOf(reshape.outputs[0])?.shape;
    if (!transpose || !target || off.has(reshape.name) || !swapsMatrix(transpose)) continue;
    const source = factsOf(transpose.outputs[0])?.shape;
    if (index.readsOf(transpose.outputs[0]) !== 1 || !splitsFirstAxis(source, target)) continue;
    const [batch, heads, size, length] = target;
    // The exporter itself flattens a key that has its heads already: that one is in the file.
    const flatten = producerOf(transpose.inputs[0]);
    const before = flatten?.type === 'Reshape' ? factsOf(flatten.inputs[0])?.shape : undefined;
    if (String(before) === String([batch, heads, length, size])) continue;
    const key = edit.tensor({
      name: `${graph.tensors[reshape.outputs[0]].name} key`,
      role: 'activation',
      dtype: factsOf(reshape.outputs[0])?.dtype,
      shape: [batch, heads, length, size],
    });
    const sizes = edit.tensor({
      name: `${reshape.name} key sizes`,
      role: 'constant',
      dtype: 'int64',
      shape: [4],
      elements: [batch, heads, length, size] as number[],
    });
    rewritten.set(transpose, {
      ...transpose,
      type: 'Reshape',
      inputs: [transpose.inputs[0], sizes],
      outputs: [key],
      attributes: new Map(),
    });
    rewritten.set(reshape, { ...reshape, type: 'Transpose', inputs: [key], attributes: order(0, 1, 3, 2) });
    recognitions.push({
      pattern: name,
      readAs: 'reshape to heads, then transpose of the matrix',
      operator: reshape.name,
      pieces: [transpose.name, reshape.name],
      by: 'structure',
    });
  }
  const operators = graph.operators.map((operator) => rewritten.get(operator) ?? operator);
  return { graph: edit.finish(operators), recognitions };
};

const swapsMatrix = ({ type, attributes }: Operator): boolean => {
  const axes = attributes.get('perm');
  return type === 'Transpose' && axes?.kind === 'ints' && String(axes.value) === '0,2,1';
};

/** [batch * heads, size, length] seen as [batch, heads, size, length]; all numbers. */
const splitsFirstAxis = (source: Shape | undefined, target: Shape): boolean =>
  source?.length === 3 &&
  target.length === 4 &&
  target.every((dim) => typeof dim === 'number') &&
  source[1] === target[2] &&
  source[2] === target[3];
