import type { WorkClass } from './efficiency';

const pooling = new Set([
  'AveragePool',
  'GlobalAveragePool',
  'GlobalLpPool',
  'GlobalMaxPool',
  'GridSample',
  'LpPool',
  'MaxPool',
  'MaxRoiPool',
  'MaxUnpool',
  'Resize',
  'RoiAlign',
  'Upsample',
]);

const gathering = new Set([
  'EmbedLayerNormalization',
  'Gather',
  'GatherElements',
  'GatherND',
  'ScatterElements',
  'ScatterND',
]);

const recurrent = new Set(['GRU', 'LSTM', 'RNN']);

/**
 * The class of an operator type: 'convolution' for all convolutions, which shapes tell apart. Types that are not listed
 * are matrix products where they multiply (`macs`), element-wise otherwise.
 */
export function workClassOfType(type: string, macs: number): WorkClass {
  if (type.includes('Attention')) return 'attention';
  if (recurrent.has(type)) return 'recurrent';
  if (macs > 0) return type.includes('Conv') ? 'convolution' : 'gemm';
  if (pooling.has(type)) return 'pooling';
  if (gathering.has(type)) return 'gather';
  return /Norm|Softmax|LRN/.test(type) ? 'normalization' : 'elementwise';
}
