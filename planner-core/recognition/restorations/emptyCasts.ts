import type { TensorId } from '../../graph/modelGraph';
import type { Recognition } from '../recognise';
import type { Restoration } from './restoration';

const name = 'empty-casts';

/**
 * Exports that were not optimized give the numbers a call scales with the type of another tensor, which they have already.
 * The program has no such conversion. Casts to a named type are the program's own, and copies under autocast: they stay.
 */
export const restoreEmptyCasts: Restoration = ({ graph, index, factsOf }, off) => {
  const recognitions: Recognition[] = [];
  if (off.has(name)) return { graph, recognitions };
  const standsFor = new Map<TensorId, TensorId>();
  const reads = new Map<TensorId, number>();
  for (const { inputs } of graph.operators) for (const id of inputs) reads.set(id, (reads.get(id) ?? 0) + 1);
  /** Read by a body of control flow, or a result of the model. */
  const isReadElsewhere = (id: TensorId): boolean => index.readsOf(id) !== (reads.get(id) ?? 0);
  const operators = graph.operators.flatMap((operator) => {
    const inputs = operator.inputs.map((id) => standsFor.get(id) ?? id);
    const [result] = operator.outputs;
    const isCast = operator.domain === '' && operator.type === 'CastLike';
    const dtype = isCast ? factsOf(result)?.dtype : undefined;
    if (dtype === undefined || dtype !== factsOf(inputs[0])?.dtype || isReadElsewhere(result)) {
      return [inputs.some((id, at) => id !== operator.inputs[at]) ? { ...operator, inputs } : operator];
    }
    standsFor.set(result, inputs[0]);
    recognitions.push({
      pattern: name,
      readAs: 'the tensor itself',
      operator: operator.name,
      pieces: [operator.name],
      by: 'structure',
    });
    return [];
  });
  return { graph: { ...graph, operators }, recognitions };
};
