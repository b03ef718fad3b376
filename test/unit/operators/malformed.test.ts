import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributeValue } from '../../../planner-core/graph/modelGraph';
import { floats, indices } from './rows';
import { ints, scalar, single, weight, x, type Attributes, type TensorSpec } from './smallGraph';

interface Valid {
  readonly type: string;
  readonly domain?: string;
  readonly opset?: number;
  readonly inputs: readonly (TensorSpec | undefined)[];
  /** Every one of them decides the shape or type of the result. */
  readonly attributes: Attributes;
  readonly outputs?: number;
}

const text = { ...indices('n'), dtype: 'string' } as const;

/** Valid operators whose attributes are then damaged. */
const operators: readonly Valid[] = [
  { type: 'Conv', inputs: [x(1, 4, 9, 9), weight(6, 2, 3, 3)], attributes: { strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1], group: 2, auto_pad: 'NOTSET', kernel_shape: [3, 3] } },
  { type: 'ConvTranspose', inputs: [x(1, 4, 9), weight(4, 2, 3)], attributes: { strides: [2], pads: [1, 1], output_padding: [1], group: 1 } },
  { type: 'MaxPool', inputs: [x(1, 4, 9)], attributes: { kernel_shape: [3], strides: [2], ceil_mode: 1, auto_pad: 'VALID' }, outputs: 2 },
  { type: 'Concat', inputs: [x(2, 3), x(2, 4)], attributes: { axis: 1 } },
  { type: 'Split', inputs: [x(6)], attributes: { axis: 0, num_outputs: 2 }, outputs: 2 },
  { type: 'Split', opset: 11, inputs: [x(6)], attributes: { axis: 0, split: [2, 4] }, outputs: 2 },
  { type: 'Slice', opset: 9, inputs: [x(6, 4)], attributes: { starts: [1], ends: [3], axes: [1] } },
  { type: 'Pad', opset: 10, inputs: [x(6, 4)], attributes: { pads: [1, 1, 1, 1], mode: 'constant' } },
  { type: 'Transpose', inputs: [x(2, 3, 4)], attributes: { perm: [2, 0, 1] } },
  { type: 'Squeeze', opset: 11, inputs: [x(1, 3)], attributes: { axes: [0] } },
  { type: 'Unsqueeze', opset: 11, inputs: [x(1, 3)], attributes: { axes: [0, 3] } },
  { type: 'Flatten', inputs: [x(2, 3, 4)], attributes: { axis: 2 } },
  { type: 'DepthToSpace', inputs: [x(1, 8, 2, 2)], attributes: { blocksize: 2 } },
  { type: 'Gather', inputs: [x(2, 3), indices(4)], attributes: { axis: 1 } },
  { type: 'GatherND', inputs: [x(2, 3), indices(2, 1)], attributes: { batch_dims: 1 } },
  { type: 'OneHot', inputs: [indices(2), scalar(3, 'int64'), floats(0, 1)], attributes: { axis: 0 } },
  { type: 'Gemm', inputs: [x(3, 2), x(3, 4)], attributes: { transA: 1, transB: 0 } },
  { type: 'Einsum', inputs: [x(2, 3), x(3, 4)], attributes: { equation: 'ij,jk->ik' } },
  { type: 'Cast', inputs: [x(2)], attributes: { to: 10 } },
  { type: 'BitCast', opset: 26, inputs: [x(2)], attributes: { to: 6 } },
  { type: 'ArgMax', inputs: [x(2, 3)], attributes: { axis: 1, keepdims: 0 } },
  { type: 'ReduceMean', opset: 13, inputs: [x(2, 3)], attributes: { axes: [1], keepdims: 0 } },
  { type: 'TopK', inputs: [x(2, 3), ints(2)], attributes: { axis: 1 }, outputs: 2 },
  { type: 'Unique', inputs: [x(2, 3)], attributes: { axis: 1 }, outputs: 4 },
  { type: 'Softmax', inputs: [x(2, 3)], attributes: { axis: 1 } },
  { type: 'NegativeLogLikelihoodLoss', inputs: [x(2, 3), indices(2)], attributes: { reduction: 'none' } },
  { type: 'LayerNormalization', inputs: [x(2, 3), weight(3)], attributes: { axis: 1, stash_type: 1 }, outputs: 2 },
  { type: 'LSTM', inputs: [x(5, 2, 3), weight(1, 16, 3), weight(1, 16, 4)], attributes: { hidden_size: 4, direction: 'forward', layout: 0 }, outputs: 3 },
  { type: 'Attention', opset: 24, inputs: [x(2, 3, 16), x(2, 5, 8), x(2, 5, 8)], attributes: { q_num_heads: 4, kv_num_heads: 2 } },
  { type: 'Resize', inputs: [x(1, 1, 4, 4), undefined, undefined, ints(2, 2)], attributes: { axes: [2, 3], keep_aspect_ratio_policy: 'not_larger' } },
  { type: 'Upsample', opset: 7, inputs: [x(1, 1, 4, 4)], attributes: { scales: { kind: 'floats', value: [1, 1, 2, 2] } } },
  { type: 'CenterCropPad', inputs: [x(3, 4), ints(2)], attributes: { axes: [1] } },
  { type: 'RandomNormal', inputs: [], attributes: { shape: [2, 3], dtype: 1 } },
  { type: 'EyeLike', inputs: [x(2, 3)], attributes: { dtype: 1 } },
  { type: 'RoiAlign', inputs: [x(2, 3, 8, 8), x(4, 4), indices(4)], attributes: { output_height: 2, output_width: 3 } },
  { type: 'DFT', opset: 17, inputs: [x(2, 8, 1)], attributes: { axis: 1, onesided: 1, inverse: 0 } },
  { type: 'STFT', inputs: [x(2, 16, 1), scalar(4, 'int64'), x(8)], attributes: { onesided: 1 } },
  { type: 'QuantizeLinear', opset: 23, inputs: [x(2), scalar(1)], attributes: { output_dtype: 3 } },
  { type: 'SplitToSequence', inputs: [x(4, 2)], attributes: { axis: 1, keepdims: 0 } },
  { type: 'SequenceEmpty', inputs: [], attributes: { dtype: 1 } },
  { type: 'TfIdfVectorizer', inputs: [text], attributes: { ngram_indexes: [1, 2] } },
  { type: 'StringNormalizer', inputs: [text], attributes: { case_change_action: 'LOWER', stopwords: { kind: 'strings', value: ['a'] } } },
  { type: 'ImageDecoder', inputs: [indices('n')], attributes: { pixel_format: 'RGB' } },
  { type: 'LinearAttention', opset: 27, inputs: [x(1, 2, 8), x(1, 2, 8), x(1, 2, 8)], attributes: { q_num_heads: 2, kv_num_heads: 2, update_rule: 'linear' }, outputs: 2 },
  { type: 'CausalConvWithState', opset: 27, inputs: [x(1, 2, 8), weight(2, 1, 4)], attributes: { activation: 'silu' }, outputs: 2 },
  { type: 'TreeEnsemble', domain: 'ai.onnx.ml', inputs: [x(1, 2)], attributes: { n_targets: 2 } },
  { type: 'LinearRegressor', domain: 'ai.onnx.ml', inputs: [x(1, 2)], attributes: { targets: 2 } },
  { type: 'MultiHeadAttention', domain: 'com.microsoft', inputs: [x(1, 2, 8), x(1, 2, 8), x(1, 2, 8)], attributes: { num_heads: 2 }, outputs: 3 },
  { type: 'QLinearConcat', domain: 'com.microsoft', inputs: [scalar(1), scalar(0, 'uint8'), indices(2), scalar(1), scalar(0)], attributes: { axis: 0 } },
  { type: 'NhwcMaxPool', domain: 'com.microsoft', inputs: [x(1, 8, 8, 3)], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
  { type: 'UnfoldTensor', domain: 'com.microsoft', inputs: [x(1, 8)], attributes: { dim: 1, size: 2, step: 2 } },
]; // prettier-ignore

const graphOf = ({ type, domain, opset, inputs, outputs }: Valid, attributes: Attributes) =>
  single(type, inputs, { domain, opset, outputs, attributes });

const kindOf = (value: Attributes[string]): AttributeValue['kind'] => {
  if (typeof value === 'number') return 'int';
  if (typeof value === 'string') return 'string';
  return 'kind' in value ? value.kind : 'ints';
};

/** A value of every kind. */
const kinds: readonly AttributeValue[] = [
  { kind: 'int', value: 1 },
  { kind: 'float', value: 1 },
  { kind: 'string', value: 'x' },
  { kind: 'ints', value: [1] },
  { kind: 'floats', value: [1] },
  { kind: 'strings', value: ['x'] },
  { kind: 'other', value: 'type' },
];

/** Numbers that file formats can hold and operators cannot use, among usable ones. */
const number = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.constantFrom(2 ** 31 - 1, -(2 ** 31), 2 ** 53, 2 ** 62, -(2 ** 63)),
);

const damaged = (kind: AttributeValue['kind']): fc.Arbitrary<Attributes[string]> => {
  if (kind === 'int') return number;
  if (kind === 'ints') return fc.array(number, { maxLength: 6 });
  if (kind === 'floats') {
    const value = fc.array(fc.oneof(number, fc.constantFrom(NaN, Infinity, -0.5, 1e-30)), { maxLength: 6 });
    return value.map((list): AttributeValue => ({ kind: 'floats', value: list }));
  }
  return fc.constantFrom<Attributes[string]>('', 'nonsense', 'ij->', '...', 'SAME_UPPER', 'none');
};

describe('malformed attributes', () => {
  it.each(operators)('$type is valid to begin with', (operator) => {
    const table = graphOf(operator, operator.attributes).infer();
    expect(table.diagnostics).toEqual([]);
    expect(table.unprofiledOperators).toEqual([]);
  });

  it.each(operators)('$type names an attribute of the wrong kind', (operator) => {
    for (const [name, value] of Object.entries(operator.attributes)) {
      for (const wrong of kinds.filter(({ kind }) => kind !== kindOf(value))) {
        const graph = graphOf(operator, { ...operator.attributes, [name]: wrong });
        const { diagnostics } = graph.infer();
        expect([name, wrong, diagnostics]).toMatchObject([
          name,
          wrong,
          [{ code: 'bad-attribute', node: `${operator.type}_0` }],
        ]);
      }
    }
  });

  it.each(operators)(
    '$type has sizes that tensors can have, or a diagnostic, whatever the value',
    (operator) => {
      const names = Object.keys(operator.attributes);
      fc.assert(
        fc.property(
          fc
            .constantFrom(...names)
            .chain((name) => fc.tuple(fc.constant(name), damaged(kindOf(operator.attributes[name])))),
          ([name, value]) => {
            const graph = graphOf(operator, { ...operator.attributes, [name]: value });
            const { facts, diagnostics } = graph.infer();
            const outputs = graph.graph.operators[0].outputs.map((id) => facts[id]);
            for (const { node, code } of diagnostics) {
              expect([node, ['bad-attribute', 'shape-mismatch'].includes(code)]).toEqual([
                `${operator.type}_0`,
                true,
              ]);
            }
            // A diagnostic leaves the results open; without one there is something to go on with.
            expect(outputs.every((output) => output === undefined)).toBe(diagnostics.length > 0);
            for (const shape of outputs.flatMap((output) => (output?.shape ? [output.shape] : []))) {
              const sizes = shape.filter((dim) => typeof dim === 'number');
              expect(sizes.every((dim) => Number.isSafeInteger(dim) && dim >= 0)).toBe(true);
              expect(Number.isSafeInteger(sizes.reduce((product, dim) => product * dim, 1))).toBe(true);
            }
          },
        ),
        { numRuns: 60, seed: 3 },
      );
    },
  );

  it.each<[string, string, string]>([
    ['Conv', 'auto_pad', 'SAME'],
    ['Pad', 'mode', 'mirror'],
    ['LSTM', 'direction', 'sideways'],
    ['NegativeLogLikelihoodLoss', 'reduction', 'median'],
    ['Resize', 'keep_aspect_ratio_policy', 'bent'],
    ['ImageDecoder', 'pixel_format', 'CMYK'],
    ['LinearAttention', 'update_rule', 'guess'],
    ['Einsum', 'equation', 'ij,jk->ii'],
    ['Einsum', 'equation', 'ij,jk->ik->k'],
  ])('%s does not know %s "%s"', (type, name, value) => {
    const operator = operators.find((candidate) => candidate.type === type)!;
    const { diagnostics } = graphOf(operator, { ...operator.attributes, [name]: value }).infer();
    expect(diagnostics).toMatchObject([{ code: 'bad-attribute', node: `${type}_0` }]);
  });

  it('refuses a target of a billion axes without making them', () => {
    const table = single('Reshape', [x(4), indices(1_000_000_000)]).infer();
    expect(table.diagnostics).toMatchObject([{ code: 'shape-mismatch', node: 'Reshape_0' }]);
  });
});
