import { expect, test } from 'vitest';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { denseStrides } from '../../../planner-core/graph/strides';
import { buildStep } from '../../../planner-core/step/buildStep';
import { ValueKind } from '../../../planner-core/step/stepGraph';
import { defaultWorkload, type Workload } from '../../../planner-core/step/workload';
import { findDevice } from '../../../planner-core/devices/catalogue';
import { ModelBuilder } from '../support/modelBuilder';

/** Bytes of what each operator keeps for backward, by the operator's type; parameters and inputs aside. */
function keptBytes(graph: ModelGraph, workload: Partial<Workload>): Record<string, number[]> {
  const device = { id: 'gpu0', spec: findDevice('A100 SXM 80GB')! };
  const { step, records } = buildStep(graph, { ...defaultWorkload, semantics: 'cpu', ...workload }, [device]);
  const kept: Record<string, number[]> = {};
  for (const { operator, saved } of records) {
    const bytes = saved
      .filter((value) => step.valueKind[value] === ValueKind.activation)
      .map((value) => step.valueBytes[value]);
    (kept[graph.operators[operator].type] ??= []).push(...bytes);
  }
  return kept;
}

test('element-wise results close the gaps of a piece and keep the order of its axes', () => {
  // Heads of a piece of a packed projection, [2, 4, 6, 8]: three times as far apart as they are large.
  expect(denseStrides([2, 4, 6, 8], [6 * 96, 8, 96, 1])).toEqual([192, 8, 32, 1]);
  expect(denseStrides([2, 1, 3], [3, 3, 1])).toEqual([3, 3, 1]);
});

test('a result with heads in its rows merges without a copy', () => {
  const graph = (): ModelGraph =>
    new ModelBuilder()
      .input('x', [2, 6, 32])
      .parameter('packed', [32, 96])
      .parameter('out', [32, 32])
      .constant('sizes', [32, 32, 32])
      .constant('heads', [2, 6, 4, 8])
      .constant('rows', [2, 6, 32])
      .operator('MatMul', ['x', 'packed'], ['qkv'])
      .operator('Split', ['qkv', 'sizes'], ['q', 'k', 'v'], { axis: 2 })
      .operator('Reshape', ['q', 'heads'], ['qh'])
      .operator('Transpose', ['qh'], ['qt'], { perm: [0, 2, 1, 3] })
      .operator('Neg', ['qt'], ['negative'])
      .operator('Transpose', ['negative'], ['back'], { perm: [0, 2, 1, 3] })
      .operator('Reshape', ['back', 'rows'], ['merged'])
      .operator('MatMul', ['merged', 'out'], ['y'])
      .build('y');
  const { step } = buildStep(graph(), { ...defaultWorkload, semantics: 'cpu' }, [
    { id: 'gpu0', spec: findDevice('A100 SXM 80GB')! },
  ]);
  expect(step.nodeName.filter((name) => /^Reshape_\d+$/.test(name))).toEqual([]);
});

test('what autocast has cast is copied in its new type', () => {
  const graph = new ModelBuilder()
    .input('x', [2, 6, 32])
    .parameter('w', [32])
    .constant('heads', [2, 6, 4, 8])
    .operator('Mul', ['x', 'w'], ['scaled'])
    .operator('Reshape', ['scaled', 'heads'], ['h'])
    .operator('Transpose', ['h'], ['q'], { perm: [0, 2, 1, 3] })
    .operator('Transpose', ['h'], ['kt'], { perm: [0, 2, 3, 1] })
    .operator('MatMul', ['q', 'kt'], ['y'])
    .build('y');
  const bytes = 2 * 6 * 32;
  expect(keptBytes(graph, {}).MatMul).toEqual([4 * bytes, 4 * bytes]);
  expect(keptBytes(graph, { precision: 'bf16-autocast' }).MatMul).toEqual([2 * bytes, 2 * bytes]);
});

test('a number does not widen what autocast computes with', () => {
  const graph = new ModelBuilder()
    .input('x', [2, 8])
    .parameter('w', [8, 8])
    .number('scale', 0.5)
    .operator('MatMul', ['x', 'w'], ['h'])
    .operator('Mul', ['h', 'scale'], ['s'])
    .operator('Sigmoid', ['s'], ['y'])
    .build('y');
  expect(keptBytes(graph, { precision: 'bf16-autocast' }).Sigmoid).toEqual([2 * 16]);
});

test('attention with dropout, or a gradient of its mask, is composed on the CPU', () => {
  const call = (mask: boolean, dropout: number): ModelGraph => {
    const graph = new ModelBuilder()
      .input('q', [2, 4, 6, 8])
      .parameter('k', [2, 4, 6, 8])
      .parameter('v', [2, 4, 6, 8])
      .parameter('mask', [4, 6, 6])
      .operator('Attention', ['q', 'k', 'v', ...(mask ? ['mask'] : [])], ['y'])
      .build('y');
    const [attention] = graph.operators;
    const attributes = new Map([['dropout_p', { kind: 'float' as const, value: dropout }]]);
    return { ...graph, operators: [{ ...attention, attributes }] };
  };
  const [rows, scores] = [2 * 4 * 6, 2 * 4 * 6 * 6];
  const sum = (bytes: number[]): number => bytes.reduce((total, one) => total + one, 0);
  const copies = 4 * 2 * rows * 8;
  expect(sum(keptBytes(call(false, 0), {}).Attention)).toBe(4 * (rows * 8 + rows));
  expect(sum(keptBytes(call(true, 0), {}).Attention)).toBe(copies + 4 * scores);
  expect(sum(keptBytes(call(false, 0.1), {}).Attention)).toBe(copies + 3 * 4 * scores);
  // CUDA's fused kernels do both, and dropout can be switched off.
  expect(sum(keptBytes(call(true, 0.1), { semantics: 'cuda' }).Attention)).toBe(4 * (rows * 8 + rows));
  expect(sum(keptBytes(call(false, 0.1), { dropout: 'none' }).Attention)).toBe(4 * (rows * 8 + rows));
});

test('a mask of ones and zeros that is only compared is a buffer', () => {
  const graph = new ModelBuilder()
    .input('scores', [2, 6, 6])
    .parameter('attn.bias', [8, 8])
    .parameter('w', [6, 6])
    .number('zero', 0)
    .number('hidden', -1e9)
    .constant('from', [0, 0])
    .constant('to', [6, 6])
    .operator('Slice', ['attn.bias', 'from', 'to'], ['mask'])
    .operator('Equal', ['mask', 'zero'], ['isHidden'])
    .operator('MatMul', ['scores', 'w'], ['s'])
    .operator('Where', ['isHidden', 'hidden', 's'], ['y'])
    .build('y');
  const { roles } = buildStep(graph, defaultWorkload, [{ id: 'gpu0', spec: findDevice('A100 SXM 80GB')! }]);
  const roleOf = (name: string): string => roles[graph.tensors.findIndex((tensor) => tensor.name === name)];
  expect([roleOf('attn.bias'), roleOf('w')]).toEqual(['buffer', 'parameter']);
});
