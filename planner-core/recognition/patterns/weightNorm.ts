import type { Pattern } from '../pattern';
import { initializer, op } from '../template';

const direction = initializer('direction');
const magnitude = initializer('magnitude');

/** g · v / ‖v‖. Source: torch.onnx symbolic of _weight_norm. */
export const weightNorm: Pattern = {
  name: 'weight-norm',
  readAs: 'torch.nn.utils.weight_norm',
  calls: ['_weight_norm', '_weight_norm_interface'],
  templates: [op('Mul', op('Div', direction, op('ReduceL2', direction)), magnitude)],
  read: (match) => ({
    domain: 'aten',
    type: 'weight_norm',
    inputs: [match.tensor(direction)!, match.tensor(magnitude)!],
  }),
};
