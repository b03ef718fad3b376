import { describe, expect, it } from 'vitest';
import type { Saved } from '../../../planner-core/operators/rule';
import { ints, scalar, single, stepOf, weight, x, type SingleSpec, type TensorSpec } from './smallGraph';

type StepOptions = Parameters<typeof stepOf>[1];

/** Inputs and outputs whose storage is kept, and the bytes of buffers of the operator's own. */
interface Kept {
  readonly inputs?: readonly number[];
  readonly outputs?: readonly number[];
  readonly extraBytes?: number;
}

type Row = [
  type: string,
  inputs: readonly (TensorSpec | undefined)[],
  kept: Kept,
  spec?: SingleSpec,
  step?: StepOptions,
];

function keptBy([type, inputs, , spec, step]: Row): Kept {
  const { rule, context } = stepOf(single(type, inputs, spec), step);
  const saved: Saved = rule.saves?.(context) ?? {};
  return {
    inputs: saved.inputs ?? [],
    outputs: saved.outputs ?? [],
    extraBytes: (saved.extra ?? []).reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

const a = x(4, 8);
const indices: TensorSpec = { dtype: 'int64', shape: [2, 3], role: 'input' };
const mask: TensorSpec = { dtype: 'bool', shape: [4, 8], role: 'input' };
const training = scalar(1, 'bool');

const rows: Row[] = [
  // Convolutions keep both operands even where one is frozen; products keep what the other's gradient needs.
  ['Conv', [x(2, 3, 8, 8), weight(4, 3, 3, 3)], { inputs: [0, 1] }, {}, { gradients: [0] }],
  ['Gemm', [a, weight(8, 2), weight(2)], { inputs: [0, 1] }],
  ['Gemm', [a, weight(8, 2)], { inputs: [1] }, {}, { gradients: [0] }],
  ['MatMul', [a, weight(8, 2)], { inputs: [0] }, {}, { gradients: [1] }],

  // Statistics are fp32, two a channel or row.
  [
    'BatchNormalization',
    [x(2, 8, 4), weight(8), weight(8), weight(8), weight(8)],
    { inputs: [0, 1], extraBytes: 64 },
    { attributes: { training_mode: 1 } },
  ],
  // An export for evaluation is trained with the batch's statistics all the same.
  [
    'BatchNormalization',
    [x(2, 8, 4), weight(8), weight(8), weight(8), weight(8)],
    { inputs: [0, 1], extraBytes: 64 },
  ],
  ['LayerNormalization', [x(2, 5, 8), weight(8), weight(8)], { inputs: [0, 1, 2], extraBytes: 80 }],
  ['InstanceNormalization', [x(2, 8, 4), weight(8), weight(8)], { inputs: [0, 1], extraBytes: 192 }],
  [
    'GroupNormalization',
    [x(2, 8, 4), weight(8), weight(8)],
    { inputs: [0, 1], extraBytes: 64 },
    { attributes: { num_groups: 4 } },
  ],
  ['RMSNormalization', [x(2, 5, 8), weight(8)], { inputs: [0, 1], extraBytes: 40 }],
  [
    'RMSNormalization',
    [x(2, 5, 8), weight(8)],
    { inputs: [0, 1], extraBytes: 360 },
    {},
    { semantics: 'cpu' },
  ],

  ['Relu', [a], { outputs: [0] }],
  ['Sigmoid', [a], { outputs: [0] }],
  ['Softmax', [a], { outputs: [0] }],
  ['Exp', [a], { outputs: [0] }],
  ['Gelu', [a], { inputs: [0] }],
  ['LeakyRelu', [a], { inputs: [0] }],
  ['Erf', [a], { inputs: [0] }],
  ['Clip', [a, scalar(0), scalar(6)], { inputs: [0] }],
  ['Neg', [a], {}],

  ['Add', [a, a], {}],
  ['Mul', [a, a], { inputs: [0, 1] }],
  ['Mul', [a, a], { inputs: [1] }, {}, { gradients: [0] }],
  ['Mul', [a, scalar(2)], {}],
  ['Mul', [scalar(2), a], {}],
  ['Div', [a, a], { inputs: [0, 1] }],
  ['Div', [a, a], { inputs: [1] }, {}, { gradients: [0] }],
  ['Div', [a, scalar(8)], {}],
  ['Div', [scalar(1), a], { inputs: [1] }],
  ['Pow', [a, scalar(2)], { inputs: [0] }],
  ['Pow', [a, a], { inputs: [0, 1], outputs: [0] }],
  ['Where', [mask, a, scalar(0)], { inputs: [0] }],
  ['Max', [a, a], { inputs: [0, 1] }],

  [
    'MaxPool',
    [x(1, 2, 4, 4)],
    { inputs: [0], extraBytes: 64 },
    { attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
  ],
  [
    'MaxPool',
    [x(1, 2, 4, 4)],
    { inputs: [0], outputs: [1] },
    { attributes: { kernel_shape: [2, 2] }, outputs: 2 },
  ],
  ['AveragePool', [x(1, 2, 4, 4)], { inputs: [0] }, { attributes: { kernel_shape: [2, 2] } }],
  ['GlobalAveragePool', [x(1, 2, 4, 4)], {}],
  ['GlobalAveragePool', [x(1, 2, 4, 4)], { inputs: [0] }, {}, { pytorch: { major: 1, minor: 13 } }],
  ['ReduceMean', [a, ints(1)], {}],
  ['ReduceSum', [a, ints(1)], {}],
  ['ReduceMax', [a, ints(1)], { inputs: [0], outputs: [0] }],
  ['TopK', [a, ints(2)], { outputs: [1] }, { outputs: 2 }],

  // The mask is a byte an element on CUDA, the noise an element of the input's type on the CPU.
  ['Dropout', [a, scalar(0.1), training], { extraBytes: 32 }],
  ['Dropout', [a, scalar(0.1), training], { extraBytes: 128 }, {}, { semantics: 'cpu' }],
  ['Dropout', [a, scalar(0), training], {}],
  ['Dropout', [a, scalar(0.1), training], {}, {}, { dropout: 'none' }],
  ['Dropout', [a, scalar(0.1), scalar(0, 'bool')], {}],
  ['Dropout', [a, scalar(0.1)], {}],

  ['Gather', [weight(10, 4), indices], { inputs: [1] }],
  ['Gather', [a, scalar(0, 'int64')], {}],
  ['GatherElements', [a, indices], { inputs: [0, 1] }],
  ['ScatterND', [a, { ...indices, shape: [2, 1] }, x(2, 8)], { inputs: [1] }],
  ['Concat', [a, a], {}, { attributes: { axis: 0 } }],
  ['Pad', [a, ints(0, 0, 1, 1)], {}],
  ['Pad', [a, ints(0, 0, 1, 1)], { inputs: [0] }, { attributes: { mode: 'reflect' } }],

  // The log probabilities and one total weight.
  ['SoftmaxCrossEntropyLoss', [a, { ...indices, shape: [4] }], { inputs: [1, 2], extraBytes: 132 }],
  // Seven hidden-sized tensors a step where cells run one by one (measured with PyTorch 1.13).
  [
    'LSTM',
    [x(5, 2, 3), weight(1, 16, 3), weight(1, 16, 4)],
    { inputs: [0], extraBytes: 1120 },
    {},
    { semantics: 'cpu', pytorch: { major: 1, minor: 13 } },
  ],
  // PyTorch 2: results, first and last states, and oneDNN's workspace of at least a page for each of its seven parts.
  [
    'LSTM',
    [x(5, 2, 3), weight(1, 16, 3), weight(1, 16, 4)],
    { inputs: [0, 5, 6], outputs: [0], extraBytes: 64 + 64 + 7 * 4096 },
    {},
    { semantics: 'cpu' },
  ],
  // Seven tensors a step, the last state excepted, and the zeros it begins with.
  [
    'GRU',
    [x(5, 2, 3), weight(1, 12, 3), weight(1, 12, 4)],
    { inputs: [0, 5], extraBytes: (7 * 5 - 1) * 32 + 32 },
    {},
    { semantics: 'cpu' },
  ],
  [
    'RNN',
    [x(5, 2, 3), weight(1, 4, 3), weight(1, 4, 4)],
    { inputs: [0, 5], extraBytes: 5 * 32 + 32 },
    {},
    { semantics: 'cpu' },
  ],
  ['RotaryEmbedding', [x(1, 2, 4, 8), x(4, 4), x(4, 4)], { inputs: [1, 2, 3] }],
  [
    'Attention',
    [x(2, 4, 6, 8), x(2, 4, 6, 8), x(2, 4, 6, 8)],
    { inputs: [0, 1, 2, 3], outputs: [0], extraBytes: 192 },
    { opset: 23 },
  ],
  [
    'Attention',
    [x(2, 4, 6, 8), x(2, 4, 6, 8), x(2, 4, 6, 8)],
    { inputs: [2], extraBytes: 4224 },
    { opset: 23 },
    { attention: 'math' },
  ],
];

describe('what backward keeps', () => {
  it.each(rows)('%s %j keeps %j %j %j', (...row) => {
    const [, , kept] = row;
    expect(keptBy(row)).toEqual({ inputs: [], outputs: [], extraBytes: 0, ...kept });
  });
});

describe('matmul operands that bmm cannot take as they are', () => {
  const heads = x(2, 3, 4, 8);

  it('copies nothing when operands are contiguous', () => {
    const { rule, context } = stepOf(single('MatMul', [heads, x(2, 3, 8, 5)]));
    expect(rule.copies?.(context)).toEqual([]);
  });

  it('copies heads that a transpose put before the sequence', () => {
    const { rule, context } = stepOf(single('MatMul', [heads, x(2, 3, 8, 5)]));
    // [batch 2, length 4, heads 3, size 8], seen as [2, 3, 4, 8].
    const transposed = { ...context.input(0)!, strides: [96, 8, 24, 1] };
    const view = { ...context, input: (index: number) => (index === 0 ? transposed : context.input(index)) };
    expect(rule.copies?.(view)).toEqual([{ input: 0, bytes: 2 * 3 * 4 * 8 * 4 }]);
  });

  it('copies an operand that is broadcast over the batch', () => {
    const { rule, context } = stepOf(single('MatMul', [heads, x(1, 3, 8, 5)]));
    expect(rule.copies?.(context)).toEqual([{ input: 1, bytes: 2 * 3 * 8 * 5 * 4 }]);
  });

  it('copies nothing for a weight without a batch', () => {
    const { rule, context } = stepOf(single('MatMul', [heads, weight(8, 5)]));
    expect(rule.copies?.(context)).toEqual([]);
  });
});
