import type { Operator, TensorId } from '../../graph/modelGraph';
import type { Recognition } from '../recognise';
import type { Restoration } from './restoration';

const name = 'rotary-tables';

/**
 * The program computes cosine and sine of the positions once for all layers; putting rotary embeddings together, the
 * exporter's optimizer repeats them for every query and key.
 */
export const restoreRotaryTables: Restoration = ({ graph }, off) => {
  if (off.has(name)) return { graph, recognitions: [] };
  const tables = new Set<TensorId>();
  for (const { type, inputs } of graph.operators)
    if (type === 'RotaryEmbedding') for (const id of inputs.slice(1, 3)) tables.add(id);
  const first = new Map<string, Operator>();
  const same = new Map<TensorId, TensorId>();
  const recognitions: Recognition[] = [];
  const operators = graph.operators.flatMap((operator) => {
    const inputs = operator.inputs.map((id) => same.get(id) ?? id);
    const isTable = (operator.type === 'Cos' || operator.type === 'Sin') && tables.has(operator.outputs[0]);
    const known = isTable ? first.get(`${operator.type} ${inputs[0]}`) : undefined;
    if (!known) {
      if (isTable) first.set(`${operator.type} ${inputs[0]}`, operator);
      return [inputs.some((id, at) => id !== operator.inputs[at]) ? { ...operator, inputs } : operator];
    }
    same.set(operator.outputs[0], known.outputs[0]);
    const readAs = `the table ${known.name} computes`;
    recognitions.push({
      pattern: name,
      readAs,
      operator: known.name,
      pieces: [operator.name],
      by: 'structure',
    });
    return [];
  });
  return { graph: { ...graph, operators }, recognitions };
};
