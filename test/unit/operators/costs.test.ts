import { describe, expect, it } from 'vitest';
import { ints, scalar, single, stepOf, weight, x, type SingleSpec, type TensorSpec } from './smallGraph';

type Inputs = readonly (TensorSpec | undefined)[];

describe('multiply-accumulates', () => {
  const rows: [type: string, inputs: Inputs, macs: number, spec?: SingleSpec][] = [
    // Outputs times the weights of one filter.
    ['Conv', [x(2, 3, 8, 8), weight(4, 3, 3, 3)], 2 * 4 * 6 * 6 * 27],
    [
      'Conv',
      [x(1, 8, 4, 4), weight(8, 1, 3, 3)],
      8 * 16 * 9,
      { attributes: { group: 8, pads: [1, 1, 1, 1] } },
    ],
    // Inputs times the weights of one channel.
    ['ConvTranspose', [x(1, 8, 4, 4), weight(8, 2, 2, 2)], 8 * 16 * 8, { attributes: { strides: [2, 2] } }],
    ['Gemm', [x(4, 8), weight(2, 8), weight(2)], 4 * 8 * 2, { attributes: { transB: 1 } }],
    ['Gemm', [x(8, 4), weight(8, 2)], 4 * 8 * 2, { attributes: { transA: 1 } }],
    ['MatMul', [x(2, 3, 4, 8), x(2, 3, 8, 5)], 2 * 3 * 4 * 8 * 5],
    ['Einsum', [x(2, 4, 8), x(2, 5, 8)], 2 * 4 * 5 * 8, { attributes: { equation: 'bid,bjd->bij' } }],
    // Four gates over input and hidden state, each step.
    ['LSTM', [x(5, 2, 3), weight(1, 16, 3), weight(1, 16, 4)], 5 * 2 * 16 * 7],
    ['GRU', [x(5, 2, 3), weight(1, 12, 3), weight(1, 12, 4)], 5 * 2 * 12 * 7],
    // Query times key, probabilities times value.
    ['Attention', [x(2, 4, 6, 8), x(2, 4, 5, 8), x(2, 4, 5, 3)], 2 * 4 * 6 * 5 * 11, { opset: 23 }],
    ['Relu', [x(4, 8)], 0],
  ];

  it.each(rows)('%s %j', (type, inputs, macs, spec) => {
    const { rule, context } = stepOf(single(type, inputs, spec));
    expect(rule.macs?.(context) ?? 0).toBe(macs);
  });
});

describe('storages', () => {
  const rows: [type: string, inputs: Inputs, storage: 'new' | 'whole' | 'part', spec?: SingleSpec][] = [
    ['Relu', [x(4)], 'new'],
    ['Reshape', [x(4, 8), ints(32)], 'whole'],
    ['Flatten', [x(4, 2, 4)], 'whole'],
    ['Squeeze', [x(1, 4), ints(0)], 'whole'],
    ['Unsqueeze', [x(4), ints(0)], 'whole'],
    ['Transpose', [x(4, 8)], 'whole'],
    ['Identity', [x(4)], 'whole'],
    ['Expand', [x(1, 4), ints(8, 4)], 'whole'],
    ['Tile', [x(4), ints(2)], 'new'],
    ['Slice', [x(8), ints(0), ints(4)], 'part'],
    ['Slice', [x(8), ints(0), ints(8)], 'whole'],
    ['Slice', [x(8), ints(-1), ints(-9), ints(0), ints(-1)], 'new'],
    ['Split', [x(8)], 'part', { outputs: 2 }],
    ['Gather', [x(4, 8), scalar(0, 'int64')], 'part'],
    ['Gather', [x(4, 8), ints(0)], 'new'],
    ['Concat', [x(4), x(4)], 'new', { attributes: { axis: 0 } }],
    ['Cast', [x(4)], 'whole', { attributes: { to: 1 } }],
    ['Cast', [x(4)], 'new', { attributes: { to: 10 } }],
    ['Dropout', [x(4), scalar(0.5), scalar(1, 'bool')], 'new'],
    ['Dropout', [x(4), scalar(0), scalar(1, 'bool')], 'whole'],
    ['Dropout', [x(4), scalar(0.5)], 'whole'],
    ['Dropout', [x(4)], 'whole', { opset: 9 }],
  ];

  it.each(rows)('%s %j is %s', (type, inputs, storage, spec) => {
    const { rule, context } = stepOf(single(type, inputs, spec));
    const found = rule.storage?.(context) ?? { kind: 'new' };
    expect(found.kind === 'new' ? 'new' : found.whole ? 'whole' : 'part').toBe(storage);
  });
});

describe('autocast', () => {
  // torch/csrc and aten/src/ATen/autocast_mode.h: lists of CUDA autocast.
  const rows: [type: string, policy: string][] = [
    ['Conv', 'half'],
    ['MatMul', 'half'],
    ['PRelu', 'half'],
    ['LSTM', 'half'],
    ['Softmax', 'float'],
    ['LayerNormalization', 'float'],
    ['Pow', 'float'],
    ['ReduceSum', 'float'],
    ['CumSum', 'float'],
    ['ReduceMean', 'promote'],
    ['Gelu', 'promote'],
    ['BatchNormalization', 'first'],
    ['Add', 'promote'],
  ];

  it.each(rows)('%s: %s', (type, policy) => {
    const { rule } = stepOf(single(type, []));
    expect(rule.autocast ?? 'promote').toBe(policy);
  });
});
