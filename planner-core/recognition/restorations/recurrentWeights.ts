import type { TensorId } from '../../graph/modelGraph';
import { recurrentCallInputs } from '../../operators/recurrent';
import type { Recognition } from '../recognise';
import type { Restoration } from './restoration';

const name = 'recurrent-weights';

const recurrent = new Set(['LSTM', 'GRU', 'RNN']);
/** What exporters repack parameters with. */
const packing = new Set([
  'Slice',
  'Split',
  'Concat',
  'Unsqueeze',
  'Squeeze',
  'Transpose',
  'Reshape',
  'Identity',
]);

/**
 * ONNX orders the gates of recurrent layers differently and wants all weights in one tensor, so a training-mode export
 * cuts PyTorch's parameters and joins them again. PyTorch hands the parameters to its kernel as they are.
 */
export const restoreRecurrentWeights: Restoration = ({ graph, producerOf }, off) => {
  const recognitions: Recognition[] = [];
  if (off.has(name)) return { graph, recognitions };
  /** Parameters a packed weight is made of; undefined when something else is in it. */
  const parametersOf = (id: TensorId): TensorId[] | undefined => {
    const producer = producerOf(id);
    if (!producer) {
      const { role } = graph.tensors[id];
      return role === 'parameter' ? [id] : role === 'activation' || role === 'input' ? undefined : [];
    }
    if (!packing.has(producer.type)) return undefined;
    const parts = producer.inputs.filter((input) => input >= 0).map(parametersOf);
    return parts.some((part) => !part) ? undefined : [...new Set(parts.flatMap((part) => part!))];
  };
  const operators = graph.operators.map((operator) => {
    if (!recurrent.has(operator.type) || operator.domain !== '' || off.has(operator.name)) return operator;
    const packed = [1, 2, 3].map((index) => operator.inputs[index] ?? -1).filter((id) => id >= 0);
    const isCut = packed.some((id) => producerOf(id) !== undefined);
    const parameters = packed.map(parametersOf);
    if (!isCut || parameters.some((found) => !found)) return operator;
    const [sequence, hidden, cell] = [0, 5, 6].map((index) => operator.inputs[index] ?? -1);
    recognitions.push({
      pattern: name,
      readAs: `torch.nn.${operator.type} with its own parameters`,
      operator: operator.name,
      pieces: [operator.name],
      by: 'structure',
    });
    const states = [sequence, hidden, cell].slice(0, recurrentCallInputs);
    const own = [...new Set(parameters.flatMap((found) => found!))];
    return { ...operator, domain: 'aten', inputs: [...states, ...own] };
  });
  return { graph: { ...graph, operators }, recognitions };
};
