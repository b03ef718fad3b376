import { describe, expect, test } from 'vitest';
import { ModelBuilder } from '../support/modelBuilder';
import { build } from '../step/stepProbe';

interface Case {
  readonly x: readonly number[];
  readonly weight: readonly number[];
  readonly attributes?: Record<string, number | readonly number[]>;
  readonly type?: string;
}

function workspace(
  { x, weight, attributes = {}, type = 'Conv' }: Case,
  semantics: 'cpu' | 'cuda' = 'cpu',
): number {
  const graph = new ModelBuilder()
    .input('x', x)
    .parameter('w', weight)
    .operator(type, ['x', 'w'], ['y'], attributes)
    .build('y');
  return build(graph, { mode: 'inference', semantics }).step.workspaceBytes[0];
}

const padded = { pads: [1, 1, 1, 1] };

/** Sizes are those of the allocations that PyTorch's profiler shows for the same call, beyond the result. */
describe('memory a convolution takes while it runs on the CPU', () => {
  test.each<[string, Case, number]>([
    [
      'oneDNN: source and weight',
      { x: [1, 512, 7, 7], weight: [512, 512, 3, 3], attributes: padded },
      100352 + 9437184,
    ],
    [
      'the result twice, when that is more',
      { x: [1, 3, 56, 56], weight: [64, 3, 7, 7], attributes: { pads: [3, 3, 3, 3] } },
      802816,
    ],
    [
      'depthwise',
      { x: [1, 96, 56, 56], weight: [96, 1, 3, 3], attributes: { ...padded, group: 96 } },
      1204224 + 3456,
    ],
    [
      'small inputs: columns',
      { x: [1, 3, 64, 64], weight: [64, 3, 3, 3], attributes: { strides: [2, 2] } },
      27 * 31 * 31 * 4,
    ],
    ['1x1 without stride: nothing', { x: [1, 64, 56, 56], weight: [64, 64, 1, 1] }, 0],
    [
      'transposed: columns of one image',
      { x: [2, 64, 32, 32], weight: [64, 32, 2, 2], attributes: { strides: [2, 2] }, type: 'ConvTranspose' },
      524288,
    ],
  ])('%s', (_, layer, bytes) => expect(workspace(layer)).toBe(bytes));

  test('an input with channels last stays as it is; the weight is copied to its layout, and blocked', () => {
    const graph = new ModelBuilder()
      .input('x', [2, 6, 6, 384])
      .parameter('w', [768, 384, 2, 2])
      .operator('Transpose', ['x'], ['channelsFirst'], { perm: [0, 3, 1, 2] })
      .operator('Conv', ['channelsFirst', 'w'], ['y'], { strides: [2, 2] })
      .build('y');
    const { step } = build(graph, { mode: 'inference', semantics: 'cpu' });
    expect(step.workspaceBytes[step.nodeName.findIndex((name) => name.startsWith('Conv'))]).toBe(2 * 4718592);
  });

  test('on CUDA it is not modelled', () => {
    expect(workspace({ x: [1, 512, 7, 7], weight: [512, 512, 3, 3], attributes: padded }, 'cuda')).toBe(0);
  });
});
