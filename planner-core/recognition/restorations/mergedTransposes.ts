import type { AttributeValue, Operator, TensorId } from '../../graph/modelGraph';
import type { Recognition } from '../recognise';
import { GraphEdit, type Restoration } from './restoration';

const name = 'merged-transposes';

const order = (...value: number[]): ReadonlyMap<string, AttributeValue> =>
  new Map([['perm', { kind: 'ints', value }]]);

/**
 * Tracing merges the two transposes between splitting heads off a key, [batch, length, heads, size], and multiplying
 * with it, [batch, heads, size, length]. The key itself, [batch, heads, length, size], is what attention is called with.
 */
export const restoreMergedTransposes: Restoration = ({ graph, factsOf }, off) => {
  if (off.has(name)) return { graph, recognitions: [] };
  const edit = new GraphEdit(graph);
  const recognitions: Recognition[] = [];
  const factors = secondFactors(graph.operators);
  const operators = graph.operators.flatMap((operator) => {
    const axes = operator.attributes.get('perm');
    const isMerged =
      operator.type === 'Transpose' && axes?.kind === 'ints' && String(axes.value) === '0,2,3,1';
    if (!isMerged || !factors.has(operator.outputs[0]) || off.has(operator.name)) return [operator];
    const facts = factsOf(operator.inputs[0]);
    const shape = facts?.shape && [0, 2, 1, 3].map((axis) => facts.shape![axis]);
    const key = edit.tensor({
      name: `${graph.tensors[operator.outputs[0]].name} heads first`,
      role: 'activation',
      dtype: facts?.dtype,
      shape,
    });
    recognitions.push({
      pattern: name,
      readAs: 'transpose of heads, then of the matrix',
      operator: operator.name,
      pieces: [operator.name],
      by: 'structure',
    });
    return [
      { ...operator, name: `${operator.name} heads first`, outputs: [key], attributes: order(0, 2, 1, 3) },
      { ...operator, inputs: [key], attributes: order(0, 1, 3, 2) },
    ];
  });
  return { graph: edit.finish(operators), recognitions };
};

/** Second factors of matrix products, scaled by a number or not. */
function secondFactors(operators: readonly Operator[]): ReadonlySet<TensorId> {
  const factors = new Set<TensorId>();
  for (const { type, inputs } of operators) if (type === 'MatMul') factors.add(inputs[1]);
  for (const { type, inputs, outputs } of operators)
    if (type === 'Mul' && factors.has(outputs[0])) for (const id of inputs) factors.add(id);
  return factors;
}
