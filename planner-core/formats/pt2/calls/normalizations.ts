import { float, int, text, type Call, type Lowering, type LoweringTable } from '../call';

const batchNorm: Lowering = (call) => ({
  type: 'BatchNormalization',
  inputs: ['input', 'weight', 'bias', 'running_mean', 'running_var'].map((name) => call.tensor(name)),
  attributes: { training_mode: int(Number(isTraining(call))) },
});

const isTraining = (call: Call): boolean => call.flag('training', call.name === '_native_batch_norm_legit');

/** Normalized over the last axes, as many as `normalized_shape` has. */
const overLastAxes =
  (type: string, names: readonly string[]): Lowering =>
  (call) => ({
    type,
    inputs: names.map((name) => call.tensor(name)),
    attributes: { axis: int(-(call.ints('normalized_shape')?.length ?? 1)) },
  });

const layerNorm = overLastAxes('LayerNormalization', ['input', 'weight', 'bias']);
const rmsNorm = overLastAxes('RMSNormalization', ['input', 'weight']);

const groupNorm: Lowering = (call) => ({
  type: 'GroupNormalization',
  inputs: ['input', 'weight', 'bias'].map((name) => call.tensor(name)),
  attributes: { num_groups: int(call.constant('num_groups', call.constant('group', 1))) },
});

const softmax =
  (type: string): Lowering =>
  (call) => ({
    type,
    inputs: [call.tensor('self')],
    attributes: { axis: int(call.axis('dim', 'self', -1)) },
  });

/** The in-place forms name their operand otherwise. */
const dropped = (call: Call): number => call.tensor(call.isInPlace ? 'self' : 'input');

/** The ratio and whether it drops are Python values, which the rule reads as literals. */
const dropout: Lowering = (call) => ({
  type: 'Dropout',
  inputs: [
    dropped(call),
    call.literal(call.constant('p', 0.5)),
    call.literal(Number(call.flag('train', true)), 'bool'),
  ],
});

const channelDropout: Lowering = (call) => ({
  type: 'feature_dropout',
  domain: 'aten',
  inputs: [dropped(call)],
  attributes: { ratio: float(call.flag('train', true) ? call.constant('p', 0.5) : 0) },
});

/** at::Reduction by number. */
const reductions = ['none', 'mean', 'sum'];

const loss =
  (type: string, names: readonly string[], domain = ''): Lowering =>
  (call) => ({
    type,
    domain,
    inputs: names.map((name) => call.tensor(name)),
    attributes: { reduction: text(reductions[call.constant('reduction', 1)] ?? 'mean') },
  });

/** Norms, probabilities, dropout and losses. */
export const normalizationCalls: LoweringTable = {
  batch_norm: batchNorm,
  native_batch_norm: batchNorm,
  cudnn_batch_norm: batchNorm,
  _native_batch_norm_legit: batchNorm,
  _native_batch_norm_legit_no_training: batchNorm,
  layer_norm: layerNorm,
  native_layer_norm: layerNorm,
  rms_norm: rmsNorm,
  _fused_rms_norm: rmsNorm,
  group_norm: groupNorm,
  native_group_norm: groupNorm,
  instance_norm: (call) => ({
    type: 'InstanceNormalization',
    inputs: ['input', 'weight', 'bias'].map((name) => call.tensor(name)),
  }),
  softmax: softmax('Softmax'),
  _softmax: softmax('Softmax'),
  log_softmax: softmax('LogSoftmax'),
  _log_softmax: softmax('LogSoftmax'),
  dropout,
  native_dropout: dropout,
  feature_dropout: channelDropout,
  cross_entropy_loss: loss('SoftmaxCrossEntropyLoss', ['self', 'target', 'weight']),
  nll_loss: loss('NegativeLogLikelihoodLoss', ['self', 'target', 'weight']),
  nll_loss_nd: loss('NegativeLogLikelihoodLoss', ['self', 'target', 'weight']),
  mse_loss: loss('mse_loss', ['self', 'target'], 'aten'),
  l1_loss: loss('mse_loss', ['self', 'target'], 'aten'),
  smooth_l1_loss: loss('mse_loss', ['self', 'target'], 'aten'),
  huber_loss: loss('mse_loss', ['self', 'target'], 'aten'),
  binary_cross_entropy: loss('mse_loss', ['self', 'target', 'weight'], 'aten'),
  binary_cross_entropy_with_logits: loss('mse_loss', ['self', 'target', 'weight'], 'aten'),
};
