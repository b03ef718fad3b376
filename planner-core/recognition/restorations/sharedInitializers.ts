import type { TensorId } from '../../graph/modelGraph';
import type { Recognition } from '../recognise';
import { GraphEdit, isVector, type Restoration } from './restoration';

const name = 'shared-initializers';

/**
 * Tracing stores initializers with equal elements once, and lets an Identity give the others their names. A vector is a
 * parameter of its own again; anything larger is equal because the program ties it, and stays one.
 */
export const restoreSharedInitializers: Restoration = ({ graph, factsOf }, off) => {
  if (off.has(name)) return { graph, recognitions: [] };
  const edit = new GraphEdit(graph);
  const recognitions: Recognition[] = [];
  const standsFor = new Map<TensorId, TensorId>();
  const stored = (id: TensorId): boolean => {
    const { role } = graph.tensors[id];
    return role === 'parameter' || role === 'buffer';
  };
  const operators = graph.operators.flatMap((operator) => {
    const inputs = operator.inputs.map((id) => standsFor.get(id) ?? id);
    const [source] = inputs;
    if (operator.type !== 'Identity' || source < 0 || !stored(source)) {
      return [inputs.some((id, at) => id !== operator.inputs[at]) ? { ...operator, inputs } : operator];
    }
    const [result] = operator.outputs;
    const own = graph.tensors[result].name;
    const isOwn = isVector(factsOf(source)?.shape);
    if (isOwn) edit.store(result, source);
    else standsFor.set(result, source);
    const readAs = isOwn ? `own parameter ${own}` : `the tied parameter ${graph.tensors[source].name}`;
    recognitions.push({
      pattern: name,
      readAs,
      operator: operator.name,
      pieces: [operator.name],
      by: 'structure',
    });
    return [];
  });
  const outputs = graph.outputs.map((id) => standsFor.get(id) ?? id);
  return { graph: { ...edit.finish(operators), outputs }, recognitions };
};
