import { int, type Pattern } from '../pattern';
import { any, either, initializer, op } from '../template';

const x = any('input');
const grouped = op('Reshape', x, any('groups'));
const normalized = op('InstanceNormalization', grouped);
const restored = op('Reshape', normalized, either(op('Shape', x), any('shape')));
const weight = initializer('weight');
const bias = initializer('bias');
const perChannel = (vector: typeof weight) => either(op('Unsqueeze|Reshape', vector), vector);
const scaled = op('Mul', restored, perChannel(weight));

/**
 * Groups of channels folded into the batch of an instance norm without scale, then scaled a channel. Source:
 * torch.onnx symbolic of group_norm before opset 18.
 */
export const groupNorm: Pattern = {
  name: 'group-norm',
  readAs: 'torch.nn.functional.group_norm',
  calls: ['group_norm', 'native_group_norm'],
  templates: [op('Add', scaled, perChannel(bias)), restored],
  read(match, { factsOf }) {
    const groups = factsOf(match.tensor(grouped)!)?.shape?.[1];
    if (typeof groups !== 'number') return undefined;
    const own = [weight, bias].map((hole) => match.tensor(hole)).filter((id) => id !== undefined);
    // Scale and shift are optional here, though not in ONNX: a group norm without them keeps its input all the same.
    return {
      type: 'GroupNormalization',
      inputs: [match.tensor(x)!, ...own],
      attributes: new Map([['num_groups', int(groups)]]),
    };
  },
};
