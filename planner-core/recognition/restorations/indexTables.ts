import type { TensorId } from '../../graph/modelGraph';
import type { Recognition } from '../recognise';
import { GraphEdit, type Restoration } from './restoration';

const name = 'index-tables';

/**
 * Modules with relative position biases keep the table of indices into their parameter as a buffer. Tracing loses its name
 * when the program flattens it, and stores equal tables once: constant indices that pick from a parameter more often than
 * it has rows are a buffer of each module that reads them. Positions, which pick every row once, are made in each pass.
 */
export const restoreIndexTables: Restoration = ({ graph, factsOf }, off) => {
  const recognitions: Recognition[] = [];
  if (off.has(name) || graph.declared) return { graph, recognitions };
  const edit = new GraphEdit(graph);
  const isTable = (indices: TensorId, table: TensorId, axis: number): boolean => {
    const rows = factsOf(table)?.shape?.at(axis);
    const elements = (factsOf(indices)?.shape ?? []).reduce<number>(
      (product, dim) => product * (typeof dim === 'number' ? dim : 0),
      1,
    );
    return graph.tensors[indices]?.role === 'constant' && typeof rows === 'number' && elements > rows;
  };
  const operators = graph.operators.map((operator) => {
    const [table, indices] = operator.inputs;
    const picks = operator.domain === '' && operator.type === 'Gather' && !off.has(operator.name);
    if (!picks || graph.tensors[table]?.role !== 'parameter') return operator;
    const axis = operator.attributes.get('axis');
    if (!isTable(indices, table, axis?.kind === 'int' ? axis.value : 0)) return operator;
    const buffer = edit.tensor({
      ...graph.tensors[indices],
      name: `${graph.tensors[table].name} indices`,
      role: 'buffer',
    });
    recognitions.push({
      pattern: name,
      readAs: 'indices into a table, a buffer of the module',
      operator: operator.name,
      pieces: [operator.name],
      by: 'structure',
    });
    return { ...operator, inputs: [table, buffer, ...operator.inputs.slice(2)] };
  });
  return { graph: edit.finish(operators), recognitions };
};
