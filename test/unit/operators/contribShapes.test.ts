import { describe } from 'vitest';
import { check, indices, type Row } from './rows';
import { ints, scalar, weight, x, type TensorSpec } from './smallGraph';

/** Rows of operators of ONNX Runtime. */
const contrib = (rows: readonly Row[]): void =>
  check(
    rows.map(([type, inputs, options, ...outputs]) => [
      type,
      inputs,
      { domain: 'com.microsoft', ...options },
      ...outputs,
    ]),
  );

const bytes = (...shape: (number | string)[]): TensorSpec => ({ dtype: 'uint8', shape, role: 'input' });
const half = (...shape: (number | string)[]): TensorSpec => ({ ...x(...shape), dtype: 'float16' });
const absent = undefined;

describe('attention of ONNX Runtime', () => {
  contrib([
    [
      'Attention',
      [x('b', 's', 16), weight(16, 48), weight(48), absent, x(2, 'b', 4, 'p', 4)],
      { attributes: { num_heads: 4 } },
      'float32 [b, s, 16]',
      'float32 [2, b, 4, p + s, 4]',
    ],
    [
      'Attention',
      [x(2, 3, 16), weight(16, 40)],
      { attributes: { num_heads: 4, qkv_hidden_sizes: [16, 16, 8] } },
      'float32 [2, 3, 8]',
    ],
    ['QAttention', [bytes(2, 3, 16), bytes(16, 48), half(48), half(), half()], { attributes: { num_heads: 4 } }, 'float16 [2, 3, 16]', 'float16 [2, 2, 4, 3, 4]'],
    ['PackedAttention', [x('t', 16), weight(16, 48), weight(48)], { attributes: { num_heads: 4 } }, 'float32 [t, 16]'],
    [
      'MultiHeadAttention',
      [x('b', 's', 16), x('b', 'k', 16), x('b', 'k', 24), absent, absent, absent, x('b', 4, 'p', 4), x('b', 4, 'p', 6)],
      { attributes: { num_heads: 4 } },
      'float32 [b, s, 24]',
      'float32 [b, 4, k + p, 4]',
      'float32 [b, 4, k + p, 6]',
      'float32 [b, 4, s, k + p]',
    ],
    ['MultiHeadAttention', [x(2, 3, 4, 3, 8)], { attributes: { num_heads: 4 } }, 'float32 [2, 3, 32]', 'float32 [2, 4, 3, 8]'],
    ['MultiHeadAttention', [x(2, 3, 32), x(2, 5, 4, 2, 8)], { attributes: { num_heads: 4 } }, 'float32 [2, 3, 32]'],
    [
      'MultiHeadAttention',
      [x(2, 3, 32), x(2, 4, 7, 8), x(2, 4, 7, 8)],
      { attributes: { num_heads: 4 } },
      'float32 [2, 3, 32]',
      'float32 [2, 4, 7, 8]',
    ],
    ['PackedMultiHeadAttention', [x('t', 4, 3, 8)], { attributes: { num_heads: 4 } }, 'float32 [t, 32]'],
    [
      'GroupQueryAttention',
      [x('b', 's', 32), x('b', 's', 16), x('b', 's', 16), half('b', 2, 64, 8), half('b', 2, 64, 8), indices('b'), scalar(40, 'int32')],
      { attributes: { num_heads: 4, kv_num_heads: 2 } },
      'float32 [b, s, 32]',
      'float16 [b, 2, 64, 8]',
      'float16 [b, 2, 64, 8]',
    ],
    ['GroupQueryAttention', [x('b', 's', 64)], { attributes: { num_heads: 4, kv_num_heads: 2 } }, 'float32 [b, s, 32]', 'float32 [b, 2, s, 8]'],
    ['PagedAttention', [half('t', 32), half('t', 16), half('t', 16), half(9, 16, 2, 8), half(9, 16, 2, 8)], { attributes: { num_heads: 4, kv_num_heads: 2 } }, 'float16 [t, 32]', 'float16 [9, 16, 2, 8]', 'float16 [9, 16, 2, 8]'],
    [
      'LinearAttention',
      [x(1, 3, 8), x(1, 3, 16), x(1, 3, 16)],
      { attributes: { q_num_heads: 2, kv_num_heads: 4, update_rule: 'linear', state_window: 2 } },
      'float32 [1, 3, 16]',
      'float32 [2, 1, 4, 4, 4]',
    ],
    ['RelativePositionBias', [weight(32, 8), scalar(5, 'int64'), scalar(7, 'int64')], {}, 'float32 [1, 8, 5, 7]'],
  ]); // prettier-ignore
});

describe('quantized operators of ONNX Runtime', () => {
  const [scale, zero] = [scalar(1), scalar(0, 'uint8')];
  contrib([
    ['QLinearAdd', [bytes('n', 4), scale, zero, bytes(4), scale, zero, scale, zero], {}, 'uint8 [n, 4]'],
    ['QLinearConcat', [scale, zero, bytes('n', 2), scale, zero, bytes('n', 3), scale, zero], { attributes: { axis: 1 } }, 'uint8 [n, 5]'],
    ['QLinearConv', [bytes(1, 8, 8, 3), scale, zero, bytes(4, 3, 3, 3), scale, zero, scale, zero], { attributes: { channels_last: 1 } }, 'uint8 [1, 6, 6, 4]'],
    ['QLinearAveragePool', [bytes(1, 3, 8, 8)], { attributes: { kernel_shape: [2, 2], strides: [2, 2] } }, 'uint8 [1, 3, 4, 4]'],
    ['QLinearGlobalAveragePool', [bytes(1, 8, 8, 3)], { attributes: { channels_last: 1 } }, 'uint8 [1, 1, 1, 3]'],
    ['QGemm', [bytes(2, 3), scale, zero, bytes(4, 3), scale, zero], { attributes: { transB: 1 } }, 'float32 [2, 4]'],
    ['QGemm', [bytes(2, 3), scale, zero, bytes(3, 4), scale, zero, absent, scale, zero], {}, 'uint8 [2, 4]'],
    ['MatMulIntegerToFloat', [bytes(2, 3), bytes(3, 4), half(), half()], {}, 'float16 [2, 4]'],
    ['DynamicQuantizeMatMul', [x('n', 3), bytes(3, 4), scale], {}, 'float32 [n, 4]'],
    ['GatherBlockQuantized', [bytes(10, 16), indices(2, 3), x(10, 1)], {}, 'float32 [2, 3, 32]'],
    ['DynamicQuantizeLSTM', [x(5, 2, 3), bytes(1, 3, 16), bytes(1, 4, 16)], { attributes: { hidden_size: 4 } }, 'float32 [5, 1, 2, 4]', 'float32 [1, 2, 4]'],
    ['MatMulBnb4', [x('n', 8), bytes(16)], { attributes: { K: 8, N: 4 } }, 'float32 [n, 4]'],
  ]); // prettier-ignore
});

describe('fusions of ONNX Runtime', () => {
  contrib([
    ['NhwcConv', [x(1, 8, 8, 3), weight(4, 3, 3, 3)], { attributes: { pads: [1, 1, 1, 1] } }, 'float32 [1, 8, 8, 4]'],
    ['NhwcConv', [x(1, 8, 8, 5), weight(4, 3, 3, 5)], { attributes: { kernel_shape: [3, 3] } }, 'float32 [1, 6, 6, 4]'],
    ['FusedMatMul', [x(5, 2, 3), x(4, 3)], { attributes: { transB: 1 } }, 'float32 [5, 2, 4]'],
    ['FusedMatMul', [x(2, 5, 3), x(5, 3, 4)], { attributes: { transBatchA: 1 } }, 'float32 [5, 2, 4]'],
    ['SkipGroupNorm', [x(1, 4, 4, 8), weight(8), weight(8), x(1, 4, 4, 8)], { attributes: { groups: 2 } }, 'float32 [1, 4, 4, 8]', 'float32 [1, 4, 4, 8]'],
    ['BitmaskDropout', [x(3, 20)], {}, 'float32 [3, 20]', 'uint32 [2]'],
    ['BiasDropout', [x(3, 20), weight(20)], {}, 'float32 [3, 20]', 'bool [3, 20]'],
    ['Inverse', [x('n', 3, 3)], {}, 'float32 [n, 3, 3]'],
    ['Rfft', [x(2, 9)], { attributes: { signal_ndim: 1 } }, 'float32 [2, 5, 2]'],
    ['Irfft', [x(2, 5, 2)], { attributes: { signal_ndim: 1 } }, 'float32 [2, 8]'],
    ['CDist', [x('n', 4), x('m', 4)], {}, 'float32 [n, m]'],
    ['TorchEmbedding', [weight(9, 4), indices('n', 2)], {}, 'float32 [n, 2, 4]'],
    ['UnfoldTensor', [x(2, 9)], { attributes: { dim: 1, size: 3, step: 2 } }, 'float32 [2, 4, 3]'],
    ['CropAndResize', [x(1, 3, 8, 8), x('r', 4), indices('r'), ints(5, 6)], {}, 'float32 [r, 3, 5, 6]'],
    ['ExpandDims', [x(2, 3), scalar(-1, 'int64')], {}, 'float32 [2, 3, 1]'],
    ['RemovePadding', [x('b', 's', 8), indices('b')], {}, 'float32 [RemovePadding_0:tokens, 8]', 'int32 [b, s]', 'int32 [b + 1]'],
    ['RestorePadding', [x('t', 8), indices('b', 's')], {}, 'float32 [b, s, 8]'],
    ['Pad', [x(2, 3), ints(0, 1, 0, 1)], {}, 'float32 [2, 5]'],
    ['Unique', [ints(3, 1, 3)], {}, 'int64 [2]', 'int64 [3]', 'int64 [2]'],
  ]); // prettier-ignore
});
