import type { Recognition } from '../recognise';
import { int } from '../pattern';
import type { Restoration } from './restoration';

const name = 'in-place-activations';

/** What convolutional blocks overwrite the result of. */
const makers = new Set([
  'Conv',
  'ConvTranspose',
  'BatchNormalization',
  'InstanceNormalization',
  'GroupNormalization',
]);
/** Images and volumes: [batch, channels, ...] with at least two spatial axes. */
const imageRank = 4;

/**
 * Exports do not say whether an activation function overwrote its input. The gradient of leaky_relu follows from its result
 * as well, so that autograd keeps the result if so, which the next convolution keeps anyway. Convolutional code on images
 * asks for it as a rule (`LeakyReLU(0.1, inplace=True)` in timm, detectors and adversarial nets), other programs do not.
 * The functions nobody overwrites with (elu, selu), and those that keep a copy of their input then (silu), need no rule.
 */
export const restoreInPlaceActivations: Restoration = ({ graph, index, producerOf, factsOf }, off) => {
  const recognitions: Recognition[] = [];
  if (off.has(name)) return { graph, recognitions };
  const operators = graph.operators.map((operator) => {
    const [x] = operator.inputs;
    if (operator.type !== 'LeakyRelu' || operator.domain !== '' || off.has(operator.name)) return operator;
    const isOwn = index.readsOf(x) === 1 && makers.has(producerOf(x)?.type ?? '');
    const rank = factsOf(operator.outputs[0])?.shape?.length ?? 0;
    if (!isOwn || rank < imageRank) return operator;
    recognitions.push({
      pattern: name,
      readAs: 'torch.nn.functional.leaky_relu_',
      operator: operator.name,
      pieces: [operator.name],
      by: 'structure',
    });
    return { ...operator, attributes: new Map([...operator.attributes, ['inplace', int(1)]]) };
  });
  return { graph: { ...graph, operators }, recognitions };
};
