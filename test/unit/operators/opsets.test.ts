import { describe } from 'vitest';
import { check, float, floats, indices } from './rows';
import { ints, scalar, weight, x } from './smallGraph';

const strings = (...value: string[]) => ({ kind: 'strings', value }) as const;
const floatList = (...value: number[]) => ({ kind: 'floats', value }) as const;

describe('what an operator meant in its opset', () => {
  check([
    // Before opset 7 the second operand was broadcast from an axis on.
    ['Add', [x('n', 8, 4, 4), x(8)], { opset: 6, attributes: { axis: 1, broadcast: 1 } }, 'float32 [n, 8, 4, 4]'],
    ['Add', [x('n', 8, 4, 4), x(8, 1, 1)], { opset: 7 }, 'float32 [n, 8, 4, 4]'],
    ['Less', [x(2, 3), x(3)], { opset: 1, attributes: { broadcast: 1 } }, 'bool [2, 3]'],
    ['Cast', [x(2)], { opset: 1, attributes: { to: 'DOUBLE' } }, 'float64 [2]'],
    ['Cast', [x(2)], { opset: 6, attributes: { to: 11 } }, 'float64 [2]'],
    ['Tile', [x(2, 3), scalar(4), scalar(1)], { opset: 1 }, 'float32 [2, 12]'],
    ['Tile', [x(2, 3), ints(1, 4)], { opset: 6 }, 'float32 [2, 12]'],
    ['Concat', [x(2, 3), x(2, 4)], { opset: 1 }, 'float32 [2, 7]'],
    ['Reshape', [x(2, 6)], { opset: 1, attributes: { shape: [0, 2, -1] } }, 'float32 [2, 2, 3]'],
    ['Reshape', [x(0, 3), ints(0, -1)], { opset: 5 }, 'float32 [0, Reshape_0:size]'],
    ['Reshape', [x(0, 3), ints(3, 0)], { opset: 14, attributes: { allowzero: 1 } }, 'float32 [3, 0]'],
    ['Upsample', [x(1, 3, 4, 6)], { opset: 7, attributes: { scales: floatList(1, 1, 2, 1.5) } }, 'float32 [1, 3, 8, 9]'],
    [
      'Upsample',
      [x(1, 3, 4, 6)],
      { opset: 1, attributes: { height_scale: float(2), width_scale: float(0.5) } },
      'float32 [1, 3, 8, 3]',
    ],
    ['Upsample', [x(1, 3, 4, 6), floats(1, 1, 2, 2)], { opset: 9 }, 'float32 [1, 3, 8, 12]'],
    ['Resize', [x(1, 3, 4, 6), floats(1, 1, 2, 2)], { opset: 10 }, 'float32 [1, 3, 8, 12]'],
    ['Resize', [x(1, 3, 4, 6), floats(), floats(), ints(1, 3, 5, 7)], { opset: 11 }, 'float32 [1, 3, 5, 7]'],
    ['Resize', [x(1, 3, 4, 6), floats(), floats(1, 1, 2, 2), ints()], { opset: 11 }, 'float32 [1, 3, 8, 12]'],
    [
      'Resize',
      [x(1, 3, 4, 6), undefined, undefined, indices(1)],
      { opset: 19, attributes: { axes: [-1] } },
      'float32 [1, 3, 4, Resize_0:size]',
    ],
    ['Split', [x(6, 2)], { opset: 2, attributes: { split: [1, 5] } }, 'float32 [1, 2]', 'float32 [5, 2]'],
    ['Split', [x(7, 2)], { opset: 18, attributes: { num_outputs: 2 } }, 'float32 [4, 2]', 'float32 [3, 2]'],
    ['Softmax', [x(3)], { opset: 11 }, 'float32 [3]'],
    ['ReduceSum', [x(2, 3)], { opset: 11, attributes: { axes: [0], keepdims: 0 } }, 'float32 [3]'],
    ['ReduceSum', [x(2, 3), ints()], { opset: 13, attributes: { noop_with_empty_axes: 1 } }, 'float32 [2, 3]'],
    ['DFT', [x(2, 9, 4, 1)], { opset: 17, attributes: { onesided: 1 } }, 'float32 [2, 5, 4, 2]'],
    ['DFT', [x(2, 9, 4, 1)], { opset: 20, attributes: { onesided: 1 } }, 'float32 [2, 9, 3, 2]'],
    ['Dropout', [x(2)], { opset: 7 }, 'float32 [2]', 'float32 [2]'],
    ['TopK', [x(5)], { opset: 1, attributes: { k: 2 } }, 'float32 [2]', 'int64 [2]'],
    ['BatchNormalization', [x(2, 3, 4), x(3, 4), x(3, 4), x(3, 4), x(3, 4)], { opset: 7 }, 'float32 [2, 3, 4]', 'float32 [3, 4]'],
    ['RMSNormalization', [{ ...x(2, 4), dtype: 'float16' }, weight(4)], { opset: 23 }, 'float32 [2, 4]'],
    ['LayerNormalization', [x(2, 4), weight(4)], { opset: 17, attributes: { stash_type: 16 } }, 'float32 [2, 4]', 'bfloat16 [2, 1]'],
  ]); // prettier-ignore
});

describe('empty tensors, scalars and steps backwards', () => {
  check([
    ['Slice', [x(5), ints(-1), ints(-6), ints(0), ints(-2)], {}, 'float32 [3]'],
    ['Slice', [x(0), ints(-1), ints(-6), ints(0), ints(-1)], {}, 'float32 [0]'],
    ['Slice', [x(5), ints(7), ints(9)], {}, 'float32 [0]'],
    ['NonZero', [scalar(3)], {}, 'int64 [1, 1]'],
    ['Unique', [x(2, 'n')], {}, 'float32 [Unique_0:distinct]', 'int64 [Unique_0:distinct]', 'int64 [2*n]'],
    ['Unique', [ints(3, 1, 3, 3)], {}, 'int64 [2]'],
    ['Einsum', [scalar(1), x(3)], { attributes: { equation: ',i->i' } }, 'float32 [3]'],
    ['Flatten', [x()], { attributes: { axis: 0 } }, 'float32 [1, 1]'],
    ['Squeeze', [x(1, 3, 1)], {}, 'float32 [3]'],
    ['Expand', [x(), ints(2, 0)], {}, 'float32 [2, 0]'],
    ['ConvTranspose', [x(1, 1, 9), weight(1, 1, 2)], { attributes: { auto_pad: 'SAME_UPPER', strides: [3] } }, 'float32 [1, 1, 26]'],
    ['AffineGrid', [x('n', 2, 3), indices(4)], {}, 'float32 [n, AffineGrid_0:size, AffineGrid_0:size2, 2]'],
    ['Col2Im', [x(1, 12, 6), indices(2), ints(2, 3)], {}, 'float32 [1, Col2Im_0:size, Col2Im_0:size2, Col2Im_0:size3]'],
  ]); // prettier-ignore
});

describe('text and images', () => {
  const text = { ...indices('n'), dtype: 'string' } as const;
  check([
    ['StringConcat', [text, { ...text, shape: [3, 1] }], {}, 'string [3, n]'],
    ['StringSplit', [text], {}, 'string [n, StringSplit_0:pieces]', 'int64 [n]'],
    ['StringSplit', [{ ...text, shape: [0] }], {}, 'string [0, 0]', 'int64 [0]'],
    ['StringNormalizer', [text], {}, 'string [n]'],
    ['StringNormalizer', [text], { attributes: { stopwords: strings('a') } }, 'string [StringNormalizer_0:words]'],
    ['RegexFullMatch', [text], { attributes: { pattern: 'a' } }, 'bool [n]'],
    ['TfIdfVectorizer', [{ ...text, shape: ['n', 5] }], { attributes: { ngram_indexes: [0, 6, 2] } }, 'float32 [n, 7]'],
    ['ImageDecoder', [indices('n')], { attributes: { pixel_format: 'Grayscale' } }, 'uint8 [ImageDecoder_0:height, ImageDecoder_0:width2, 1]'],
  ]); // prettier-ignore
});

describe('attention with a state', () => {
  check([
    [
      'LinearAttention',
      [x('b', 't', 32), x('b', 't', 16), x('b', 't', 24), undefined, undefined, x('b', 't', 2)],
      { attributes: { q_num_heads: 4, kv_num_heads: 2, update_rule: 'delta' } },
      'float32 [b, t, 48]',
      'float32 [b, 2, 8, 12]',
    ],
    ['CausalConvWithState', [x('b', 6, 't'), weight(6, 1, 4)], {}, 'float32 [b, 6, t]', 'float32 [b, 6, 3]'],
    [
      'FlexAttention',
      [x(2, 8, 's', 16), x(2, 4, 'k', 16), x(2, 4, 'k', 32)],
      { domain: 'ai.onnx.preview' },
      'float32 [2, 8, s, 32]',
    ],
    ['SwiGLU', [x('n', 4), x('n', 4)], { opset: 28 }, 'float32 [n, 4]'],
  ]);
});

describe('optimizers in a graph', () => {
  const [rate, step] = [scalar(0.1), scalar(0, 'int64')];
  check([
    [
      'Adam',
      [rate, step, x(1), x(2), x(1), x(2), x(1), x(2), x(1), x(2)],
      { domain: 'ai.onnx.preview.training' },
      ...['1', '2', '1', '2', '1', '2'].map((size) => `float32 [${size}]`),
    ],
    ['Momentum', [rate, step, x(3), x(3), x(3)], { domain: 'ai.onnx.preview.training' }, 'float32 [3]', 'float32 [3]'],
    ['Gradient', [x(2), x(3)], { domain: 'ai.onnx.preview.training' }, 'float32 [2]', 'float32 [3]'],
  ]); // prettier-ignore
});

describe('classical learning', () => {
  const ml = 'ai.onnx.ml';
  const classes = { classlabels_strings: strings('a', 'b', 'c') };
  check([
    ['ArrayFeatureExtractor', [x(3, 4), ints(0, 2)], { domain: ml }, 'float32 [3, 2]'],
    ['ArrayFeatureExtractor', [x(4), ints(0, 2)], { domain: ml }, 'float32 [1, 2]'],
    ['LabelEncoder', [x('n')], { domain: ml, attributes: { values_strings: strings('a') } }, 'string [n]'],
    ['LabelEncoder', [x('n')], { domain: ml }, 'string [n]'],
    ['OneHotEncoder', [x('n', 2)], { domain: ml, attributes: { cats_int64s: [1, 2, 3] } }, 'float32 [n, 2, 3]'],
    ['TreeEnsembleClassifier', [x('n', 2)], { domain: ml, attributes: classes }, 'string [n]', 'float32 [n, 3]'],
    ['SVMClassifier', [x('n', 2)], { domain: ml, attributes: { classlabels_ints: [0, 1, 2, 3], vectors_per_class: [1, 1, 1, 1] } }, 'int64 [n]', 'float32 [n, 6]'],
    ['LinearRegressor', [x('n', 2)], { domain: ml, attributes: { targets: 3 } }, 'float32 [n, 3]'],
    ['TreeEnsemble', [{ ...x('n', 2), dtype: 'float64' }], { domain: ml, attributes: { n_targets: 3 } }, 'float64 [n, 3]'],
    ['FeatureVectorizer', [x('n', 2), x('n', 3)], { domain: ml }, 'float32 [n, 5]'],
    ['Scaler', [indices('n', 2)], { domain: ml }, 'float32 [n, 2]'],
    ['Imputer', [indices('n', 2)], { domain: ml }, 'int64 [n, 2]'],
  ]); // prettier-ignore
});
