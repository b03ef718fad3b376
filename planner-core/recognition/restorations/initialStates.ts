import type { TensorId } from '../../graph/modelGraph';
import type { Recognition } from '../recognise';
import { GraphEdit, type Restoration } from './restoration';

const name = 'initial-states';

const recurrent = new Set(['LSTM', 'GRU', 'RNN']);
/** Inputs of ONNX's recurrent layers: initial hidden and cell state. */
const stateInputs = [5, 6];

/**
 * A recurrent layer that is given no initial state makes zeros of its own; exporters write them out, computed from sizes
 * or stored.
 */
export const restoreInitialStates: Restoration = ({ graph, isDataFree }, off) => {
  const recognitions: Recognition[] = [];
  if (off.has(name)) return { graph, recognitions };
  const edit = new GraphEdit(graph);
  const isZeros = (id: TensorId): boolean => {
    const { role, name: tensor } = graph.tensors[id];
    return isDataFree(id) || (role === 'parameter' && graph.declared?.has(tensor) === false);
  };
  const operators = graph.operators.map((operator) => {
    if (!recurrent.has(operator.type) || operator.domain !== '' || off.has(operator.name)) return operator;
    const given = stateInputs.filter((index) => (operator.inputs[index] ?? -1) >= 0);
    const zeros = given.filter((index) => isZeros(operator.inputs[index]));
    if (zeros.length === 0) return operator;
    const inputs = operator.inputs.map((id, index) => (zeros.includes(index) ? -1 : id));
    recognitions.push({
      pattern: name,
      readAs: `torch.nn.${operator.type} without initial states`,
      operator: operator.name,
      pieces: [operator.name],
      by: 'structure',
    });
    return { ...operator, inputs };
  });
  return { graph: edit.finish(operators), recognitions };
};
