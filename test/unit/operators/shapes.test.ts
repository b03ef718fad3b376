import { describe } from 'vitest';
import { check, float, floats, indices } from './rows';
import { ints, scalar, weight, x } from './smallGraph';

describe('convolution', () => {
  check([
    [
      'Conv',
      [x('batch', 3, 224, 224), weight(64, 3, 7, 7)],
      { attributes: { strides: [2, 2], pads: [3, 3, 3, 3] } },
      'float32 [batch, 64, 112, 112]',
    ],
    [
      'Conv',
      [x(1, 32, 'h', 10), weight(32, 1, 3, 3), weight(32)],
      { attributes: { group: 32, pads: [1, 1, 1, 1] } },
      'float32 [1, 32, h, 10]',
    ],
    [
      'Conv',
      [x(1, 4, 'time'), weight(8, 4, 3)],
      { attributes: { dilations: [2] } },
      'float32 [1, 8, time - 4]',
    ],
    [
      'Conv',
      [x(1, 1, 7, 8), weight(1, 1, 3, 3)],
      { attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] } },
      'float32 [1, 1, 4, 4]',
    ],
    [
      'ConvTranspose',
      [x('n', 8, 16, 16), weight(8, 4, 2, 2)],
      { attributes: { strides: [2, 2] } },
      'float32 [n, 4, 32, 32]',
    ],
    [
      'ConvTranspose',
      [x(1, 1, 3, 3), weight(1, 2, 3, 3)],
      { attributes: { strides: [3, 2], output_shape: [10, 8] } },
      'float32 [1, 2, 10, 8]',
    ],
    [
      'ConvTranspose',
      [x(1, 6, 5), weight(6, 2, 3)],
      { attributes: { group: 3, strides: [2], output_padding: [1], pads: [1, 1] } },
      'float32 [1, 6, 10]',
    ],
  ]);
});

describe('pooling', () => {
  check([
    [
      'MaxPool',
      [x('n', 64, 112, 112)],
      { attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] } },
      'float32 [n, 64, 56, 56]',
      'int64 [n, 64, 56, 56]',
    ],
    // The last window would start beyond the input: PyTorch leaves it out.
    [
      'MaxPool',
      [x(1, 1, 5, 5)],
      { attributes: { kernel_shape: [1, 1], strides: [3, 3], ceil_mode: 1 } },
      'float32 [1, 1, 2, 2]',
    ],
    [
      'MaxPool',
      [x(1, 64, 13, 13)],
      { attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 } },
      'float32 [1, 64, 6, 6]',
    ],
    [
      'AveragePool',
      [x(1, 8, 'h', 'h')],
      { attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
      'float32 [1, 8, floor((h - 2)/(2)) + 1, floor((h - 2)/(2)) + 1]',
    ],
    ['GlobalAveragePool', [x('n', 512, 'h', 'w')], {}, 'float32 [n, 512, 1, 1]'],
    [
      'RoiAlign',
      [x(1, 256, 50, 50), x('rois', 4), indices('rois')],
      { attributes: { output_height: 7, output_width: 7 } },
      'float32 [rois, 256, 7, 7]',
    ],
  ]);
});

describe('matrix products', () => {
  check([
    ['Gemm', [x('n', 10), weight(5, 10), weight(5)], { attributes: { transB: 1 } }, 'float32 [n, 5]'],
    ['Gemm', [x(10, 'n'), weight(10, 5)], { attributes: { transA: 1 } }, 'float32 [n, 5]'],
    ['MatMul', [x('b', 12, 's', 64), x('b', 12, 64, 's')], {}, 'float32 [b, 12, s, s]'],
    ['MatMul', [x('b', 's', 768), weight(768, 3072)], {}, 'float32 [b, s, 3072]'],
    ['MatMul', [x(4), x(4)], {}, 'float32 []'],
    ['MatMul', [x(2, 3, 4), x(4)], {}, 'float32 [2, 3]'],
    [
      'Einsum',
      [x('b', 8, 's', 64), x('b', 8, 't', 64)],
      { attributes: { equation: 'bhid,bhjd->bhij' } },
      'float32 [b, 8, s, t]',
    ],
    ['Einsum', [x(5, 2, 3), x(5, 3, 4)], { attributes: { equation: '...ij,...jk' } }, 'float32 [5, 2, 4]'],
    [
      'FusedMatMul',
      [x('b', 2, 3), x('b', 2, 4)],
      { domain: 'com.microsoft', attributes: { transA: 1 } },
      'float32 [b, 3, 4]',
    ],
  ]);
});

describe('elementwise', () => {
  check([
    ['Add', [x('b', 's', 768), weight(768)], {}, 'float32 [b, s, 768]'],
    ['Mul', [x('b', 1, 's'), x(1, 'h', 1)], {}, 'float32 [b, h, s]'],
    ['Sub', [x('a'), x('b')], {}, 'float32 [max(a, b)]'],
    ['Equal', [x(2, 1), x(3)], {}, 'bool [2, 3]'],
    [
      'Where',
      [{ dtype: 'bool', shape: ['s', 's'], role: 'input' }, x('b', 12, 's', 's'), scalar(0)],
      {},
      'float32 [b, 12, s, s]',
    ],
    ['Clip', [x('n', 3), scalar(0), scalar(6)], {}, 'float32 [n, 3]'],
    ['PRelu', [x('n', 8, 4), weight(8, 1)], {}, 'float32 [n, 8, 4]'],
    ['Pow', [x('n'), scalar(2)], {}, 'float32 [n]'],
    ['IsNaN', [x('n')], {}, 'bool [n]'],
    ['Max', [x(2, 1), x(1, 3), x(1)], {}, 'float32 [2, 3]'],
  ]);
});

describe('shape operators', () => {
  check([
    ['Reshape', [x('b', 's', 768), ints(0, 0, 12, 64)], {}, 'float32 [b, s, 12, 64]'],
    ['Reshape', [x('b', 12, 's', 64), ints(0, -1, 768)], {}, 'float32 [b, s, 768]'],
    ['Reshape', [x(0, 3), ints(3, 0)], { attributes: { allowzero: 1 } }, 'float32 [3, 0]'],
    ['Reshape', [x('b', 4), indices(3)], {}, 'float32 [Reshape_0:size, Reshape_0:size2, Reshape_0:size3]'],
    ['Flatten', [x('n', 512, 7, 7)], {}, 'float32 [n, 25088]'],
    ['Flatten', [x(2, 3)], { attributes: { axis: 0 } }, 'float32 [1, 6]'],
    ['Squeeze', [x(1, 'n', 1), ints(0)], {}, 'float32 [n, 1]'],
    ['Squeeze', [x(1, 'n', 1)], { attributes: { axes: [-1] }, opset: 11 }, 'float32 [1, n]'],
    ['Squeeze', [x(1, 3, 1)], {}, 'float32 [3]'],
    ['Unsqueeze', [x('n'), ints(0, -1)], {}, 'float32 [1, n, 1]'],
    ['Transpose', [x('b', 's', 12, 64)], { attributes: { perm: [0, 2, 1, 3] } }, 'float32 [b, 12, s, 64]'],
    ['Transpose', [x(2, 3, 4)], {}, 'float32 [4, 3, 2]'],
    ['Expand', [x(1, 3, 1), ints(2, 1, 6)], {}, 'float32 [2, 3, 6]'],
    ['Tile', [x('n', 2), ints(3, 2)], {}, 'float32 [3*n, 4]'],
    ['DepthToSpace', [x('n', 8, 2, 3)], { attributes: { blocksize: 2 } }, 'float32 [n, 2, 4, 6]'],
    ['SpaceToDepth', [x('n', 2, 4, 6)], { attributes: { blocksize: 2 } }, 'float32 [n, 8, 2, 3]'],
    ['Trilu', [x('s', 's')], {}, 'float32 [s, s]'],
  ]);
});

describe('picking, cutting, joining', () => {
  check([
    ['Gather', [weight(50257, 768), indices('b', 's')], {}, 'float32 [b, s, 768]'],
    ['Gather', [x('b', 197, 768), scalar(0, 'int64')], { attributes: { axis: 1 } }, 'float32 [b, 768]'],
    ['GatherND', [x('b', 's', 4), indices('n', 2)], {}, 'float32 [n, 4]'],
    ['GatherElements', [x('b', 's'), indices('b', 2)], { attributes: { axis: 1 } }, 'float32 [b, 2]'],
    ['Slice', [x('b', 's'), ints(1), ints(2 ** 53), ints(1)], {}, 'float32 [b, s - 1]'],
    ['Slice', [x(20, 10), ints(0, -3), ints(-1, -1), ints(0, 1)], {}, 'float32 [19, 2]'],
    ['Slice', [x(20), ints(10), ints(-21), ints(0), ints(-2)], {}, 'float32 [6]'],
    ['Slice', [x('s'), ints(3), ints(10), ints(0)], {}, 'float32 [max(min(10, s) - min(3, s), 0)]'],
    ['Slice', [x(5)], { attributes: { starts: [1], ends: [3] }, opset: 9 }, 'float32 [2]'],
    [
      'Split',
      [x('b', 2304)],
      { attributes: { axis: 1 } },
      'float32 [b, 768]',
      'float32 [b, 768]',
      'float32 [b, 768]',
    ],
    ['Split', [x(7), ints(3, 4)], {}, 'float32 [3]', 'float32 [4]'],
    ['Split', [x(7)], { attributes: { num_outputs: 2 } }, 'float32 [4]', 'float32 [3]'],
    ['Concat', [x('n', 64, 'h'), x('n', 'c', 'h')], { attributes: { axis: 1 } }, 'float32 [n, c + 64, h]'],
    ['Pad', [x('n', 3, 'h'), ints(0, 0, 1, 0, 0, 2)], {}, 'float32 [n, 3, h + 3]'],
    ['ScatterND', [x('n', 3), indices(2, 1), x(2, 3)], {}, 'float32 [n, 3]'],
    ['OneHot', [indices('n'), scalar(10, 'int64'), floats(0, 1)], {}, 'float32 [n, 10]'],
    ['NonZero', [x('n', 3)], {}, 'int64 [2, NonZero_0:count]'],
    ['TopK', [x('n', 100), ints(5)], {}, 'float32 [n, 5]', 'int64 [n, 5]'],
    ['NonMaxSuppression', [x(1, 10, 4), x(1, 2, 10)], {}, 'int64 [NonMaxSuppression_0:boxes, 3]'],
  ]);
});

describe('reductions', () => {
  check([
    ['ReduceMean', [x('b', 's', 768), ints(-1)], {}, 'float32 [b, s, 1]'],
    [
      'ReduceMean',
      [x('b', 's', 768)],
      { attributes: { axes: [1], keepdims: 0 }, opset: 13 },
      'float32 [b, 768]',
    ],
    ['ReduceSum', [x('b', 's')], { attributes: { keepdims: 0 } }, 'float32 []'],
    ['ReduceSum', [x('b', 's')], { attributes: { noop_with_empty_axes: 1 } }, 'float32 [b, s]'],
    ['ReduceSum', [x('b', 's'), indices(1)], { attributes: { keepdims: 0 } }, 'float32 [ReduceSum_0:size]'],
    ['ArgMax', [x('b', 's')], { attributes: { axis: -1 } }, 'int64 [b, 1]'],
    ['CumSum', [x('b', 's'), scalar(1, 'int64')], {}, 'float32 [b, s]'],
  ]);
});

describe('normalization, probability, loss', () => {
  check([
    [
      'BatchNormalization',
      [x('n', 8, 'h'), weight(8), weight(8), weight(8), weight(8)],
      { attributes: { training_mode: 1 } },
      'float32 [n, 8, h]',
      'float32 [8]',
      'float32 [8]',
    ],
    [
      'LayerNormalization',
      [x('b', 's', 8), weight(8)],
      {},
      'float32 [b, s, 8]',
      'float32 [b, s, 1]',
      'float32 [b, s, 1]',
    ],
    ['Softmax', [x('b', 's')], {}, 'float32 [b, s]'],
    ['Dropout', [x('b', 's'), scalar(0.1), scalar(1, 'bool')], {}, 'float32 [b, s]', 'bool [b, s]'],
    ['SoftmaxCrossEntropyLoss', [x('b', 10), indices('b')], {}, 'float32 []', 'float32 [b, 10]'],
    [
      'NegativeLogLikelihoodLoss',
      [x('b', 10, 5), indices('b', 5)],
      { attributes: { reduction: 'none' } },
      'float32 [b, 5]',
    ],
  ]);
});

describe('recurrent layers and attention', () => {
  check([
    [
      'LSTM',
      [x('t', 'b', 32), weight(2, 64, 32), weight(2, 64, 16)],
      { attributes: { hidden_size: 16, direction: 'bidirectional' } },
      'float32 [t, 2, b, 16]',
      'float32 [2, b, 16]',
      'float32 [2, b, 16]',
    ],
    [
      'GRU',
      [x('b', 't', 32), weight(1, 48, 32), weight(1, 48, 16)],
      { attributes: { layout: 1 } },
      'float32 [b, t, 1, 16]',
      'float32 [b, 1, 16]',
    ],
    [
      'Attention',
      [x('b', 8, 's', 64), x('b', 2, 't', 64), x('b', 2, 't', 32)],
      { opset: 23 },
      'float32 [b, 8, s, 32]',
    ],
    [
      'Attention',
      [x('b', 's', 512), x('b', 't', 128), x('b', 't', 128)],
      { opset: 23, attributes: { q_num_heads: 8, kv_num_heads: 2 } },
      'float32 [b, s, 512]',
      'float32 [b, 2, t, 64]',
    ],
    [
      'MultiHeadAttention',
      [x('b', 's', 64), x('b', 't', 64), x('b', 't', 64)],
      { domain: 'com.microsoft', attributes: { num_heads: 4 } },
      'float32 [b, s, 64]',
    ],
    [
      'SkipLayerNormalization',
      [x('b', 's', 8), x('b', 's', 8), weight(8)],
      { domain: 'com.microsoft' },
      'float32 [b, s, 8]',
    ],
  ]);
});

describe('generators, casts, resizing, quantization', () => {
  check([
    ['Shape', [x('n', 3, 'h')], { attributes: { start: 1 } }, 'int64 [2]'],
    ['Size', [x('n', 3)], {}, 'int64 []'],
    ['ConstantOfShape', [ints(2, 3)], {}, 'float32 [2, 3]'],
    ['Range', [scalar(0, 'int64'), scalar(10, 'int64'), scalar(3, 'int64')], {}, 'int64 [4]'],
    ['RandomNormal', [], { attributes: { shape: [2, 3], dtype: 11 } }, 'float64 [2, 3]'],
    ['RandomUniformLike', [x('n')], {}, 'float32 [n]'],
    ['EyeLike', [x('n', 'n')], { attributes: { dtype: 7 } }, 'int64 [n, n]'],
    ['Cast', [x('n')], { attributes: { to: 10 } }, 'float16 [n]'],
    ['CastLike', [indices('n'), x(1)], {}, 'float32 [n]'],
    ['Resize', [x('n', 3, 'h', 8), undefined, floats(1, 1, 2, 0.5)], {}, 'float32 [n, 3, 2*h, 4]'],
    ['Resize', [x('n', 3, 'h', 8), undefined, undefined, ints(1, 3, 64, 64)], {}, 'float32 [1, 3, 64, 64]'],
    ['Upsample', [x('n', 3, 4), floats(1, 1, 1.6)], { opset: 9 }, 'float32 [n, 3, 6]'],
    ['GridSample', [x('n', 3, 8, 8), x('n', 4, 5, 2)], {}, 'float32 [n, 3, 4, 5]'],
    ['QuantizeLinear', [x('n'), scalar(1), scalar(0, 'int8')], {}, 'int8 [n]'],
    ['DequantizeLinear', [{ dtype: 'int8', shape: ['n'], role: 'input' }, scalar(1)], {}, 'float32 [n]'],
    ['LeakyRelu', [x('n')], { attributes: { alpha: float(0.1) } }, 'float32 [n]'],
  ]);
});
