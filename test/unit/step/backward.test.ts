import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BuiltStep } from '../../../planner-core/step/buildStep';
import { Phase, ValueKind } from '../../../planner-core/step/stepGraph';
import type { Workload } from '../../../planner-core/step/workload';
import { ModelBuilder } from '../support/modelBuilder';
import { build, bytesOfKind, liveBytesOf, nodesOf } from './stepProbe';

/** Every expectation here was seen in torch.profiler's memory events of PyTorch 2.13. */

const side = 16;
const full = side * side * 4;
const square = [side, side] as const;

function node(
  { step }: BuiltStep,
  name: string,
): { outputs: string[]; updates: string[]; workspace: number } {
  const index = step.nodeName.indexOf(name);
  expect(index, name).toBeGreaterThanOrEqual(0);
  const names = ({ offsets, items }: typeof step.inputs): string[] =>
    [...items.slice(offsets[index], offsets[index + 1])].map((value) => step.valueName[value]);
  return {
    outputs: names(step.outputs),
    updates: names(step.updates),
    workspace: step.workspaceBytes[index],
  };
}

const backwardNodes = (built: BuiltStep): string[] => nodesOf(built, Phase.backward).slice(1);

describe('a second contribution', () => {
  test('is added in place where nobody else holds the buffer', () => {
    const built = build(
      new ModelBuilder()
        .input('x', square)
        .parameter('w', square)
        .operator('MatMul', ['x', 'w'], ['h'])
        .operator('Sigmoid', ['h'], ['a'])
        .operator('Tanh', ['h'], ['b'])
        .operator('Mul', ['a', 'b'], ['y'])
        .build('y'),
    );
    expect(node(built, 'Tanh_2 backward')).toEqual({
      outputs: ['gradient of h'],
      updates: [],
      workspace: 0,
    });
    expect(node(built, 'Sigmoid_1 backward')).toEqual({
      outputs: [],
      updates: ['gradient of h'],
      workspace: full,
    });
  });

  test('to what an addition handed on is in place once the other branch has used it', () => {
    const built = build(
      new ModelBuilder()
        .input('x', square)
        .parameter('w', square)
        .operator('MatMul', ['x', 'w'], ['h'])
        .operator('Sigmoid', ['h'], ['a'])
        .operator('Tanh', ['a'], ['b'])
        .operator('Add', ['b', 'h'], ['s'])
        .operator('Sigmoid', ['s'], ['y'])
        .build('y'),
    );
    expect(node(built, 'Sigmoid_1 backward').updates).toEqual(['gradient of s']);
    expect(backwardNodes(built)).not.toContain('Add_3 backward');
  });

  test('to the very same buffer needs a new one', () => {
    const built = build(
      new ModelBuilder()
        .input('x', square)
        .parameter('w', square)
        .operator('MatMul', ['x', 'w'], ['h'])
        .operator('Add', ['h', 'h'], ['s'])
        .operator('Sigmoid', ['s'], ['y'])
        .build('y'),
    );
    expect(node(built, 'Add_1 backward: gradient of h summed').outputs).toEqual(['gradient of h']);
  });

  test('to a view needs a new one; the third is in place again', () => {
    const width = [side, side];
    const builder = new ModelBuilder().input('x', [2, side, side]).parameter('scale', [side]);
    builder.operator('Mul', ['x', 'scale'], ['h']);
    for (const name of ['q', 'k', 'v'])
      builder
        .parameter(name, width)
        .operator('MatMul', ['h', name], [`h${name}`])
        .operator('Tanh', [`h${name}`], [`t${name}`]);
    builder.operator('Add', ['tq', 'tk'], ['s']).operator('Add', ['s', 'tv'], ['y']);
    const built = build(builder.build('y'));
    expect(backwardNodes(built).filter((name) => name.includes('summed'))).toEqual([
      'MatMul_3 backward: gradient of h summed',
    ]);
    expect(node(built, 'MatMul_1 backward').updates).toEqual(['gradient of h']);
  });

  test('to a tied weight: three copies at the second use, two at the third', () => {
    const vocabulary = 100;
    const weightBytes = vocabulary * side * 4;
    const built = build(
      new ModelBuilder()
        .input('ids', [4], 'int64')
        .input('more', [4], 'int64')
        .parameter('w', [vocabulary, side])
        .operator('Gather', ['w', 'ids'], ['e'])
        .operator('Tanh', ['e'], ['t'])
        .operator('Gather', ['w', 'more'], ['d'])
        .operator('Add', ['d', 't'], ['s'])
        .operator('Transpose', ['w'], ['wt'])
        .operator('MatMul', ['s', 'wt'], ['logits'])
        .operator('Tanh', ['logits'], ['y'])
        .build('y'),
    );
    const live = liveBytesOf(built.step);
    // The loss and its gradient are one number each.
    const resident = weightBytes + 2 * 4 * 8 + 4 * vocabulary * 4 + 8;
    const sum = live.get('Gather_2 backward: gradient of w summed')!;
    // The gradient of the sum of both embeddings and the saved Tanh are still there.
    expect(sum).toBe(resident + 3 * weightBytes + 2 * 4 * side * 4);
    expect(node(built, 'Gather_0 backward')).toEqual({
      outputs: [],
      updates: ['gradient of w'],
      workspace: weightBytes,
    });
  });
});

describe('a parameter', () => {
  test('takes the buffer of its gradient over, but copies what it shares', () => {
    const built = build(
      new ModelBuilder()
        .input('x', square)
        .parameter('w', square)
        .parameter('position', square)
        .operator('MatMul', ['x', 'w'], ['h'])
        .operator('Add', ['h', 'position'], ['s'])
        .operator('Tanh', ['s'], ['y'])
        .build('y'),
    );
    expect(backwardNodes(built)).toEqual([
      'Tanh_2 backward',
      'Add_1 backward: gradient of position accumulated',
      'MatMul_0 backward',
    ]);
    expect(bytesOfKind(built, ValueKind.parameterGradient)).toBe(2 * full);
  });

  test('seen through a transpose keeps the gradient under its own name', () => {
    const built = build(
      new ModelBuilder()
        .input('x', square)
        .parameter('w', square)
        .operator('Transpose', ['w'], ['wt'])
        .operator('MatMul', ['x', 'wt'], ['h'])
        .operator('Tanh', ['h'], ['y'])
        .build('y'),
    );
    expect(backwardNodes(built)).toEqual(['Tanh_2 backward', 'MatMul_1 backward']);
    const gradient = built.step.valueName.indexOf('gradient of w');
    expect(built.step.valueKind[gradient]).toBe(ValueKind.parameterGradient);
    expect(built.step.residentAtEnd[gradient]).toBe(1);
  });
});

describe('views', () => {
  const heads = (consume: (builder: ModelBuilder) => ModelBuilder): BuiltStep =>
    build(
      consume(
        new ModelBuilder()
          .input('x', square)
          .parameter('w', square)
          .constant('heads', [side, 4, 4])
          .operator('MatMul', ['x', 'w'], ['h'])
          .operator('Reshape', ['h', 'heads'], ['r'])
          .operator('Transpose', ['r'], ['t'], { perm: [1, 0, 2] }),
      ).build('y'),
    );

  test('hand on views, without nodes, where the layout of the gradient allows it', () => {
    // Element-wise operators keep the layout of what they read.
    const built = heads((builder) => builder.operator('Tanh', ['t'], ['y']));
    expect(backwardNodes(built)).toEqual(['Tanh_3 backward', 'MatMul_0 backward']);
  });

  test('a reshape copies the gradient of transposed heads, which a product made contiguous', () => {
    const built = heads((builder) =>
      builder.parameter('b', [4, 4, 4]).operator('MatMul', ['t', 'b'], ['p']).operator('Tanh', ['p'], ['y']),
    );
    expect(backwardNodes(built)).toEqual([
      'Tanh_4 backward',
      'MatMul_3 backward',
      'Reshape_1 backward',
      'MatMul_0 backward',
    ]);
  });

  test('each slice fills a tensor of full size, a split is concatenated once', () => {
    const pieces = (type: 'Slice' | 'Split'): BuiltStep => {
      const builder = new ModelBuilder().input('x', square).parameter('w', square);
      builder.operator('MatMul', ['x', 'w'], ['h']);
      if (type === 'Split') builder.operator('Split', ['h'], ['p0', 'p1'], { axis: 1 });
      else
        for (const [i, start] of [0, side / 2].entries())
          builder
            .constant(`start${i}`, [start])
            .constant(`end${i}`, [start + side / 2])
            .constant(`axis${i}`, [1])
            .operator('Slice', ['h', `start${i}`, `end${i}`, `axis${i}`], [`p${i}`]);
      return build(builder.operator('Tanh', ['p0'], ['a']).operator('Tanh', ['p1'], ['b']).build('a', 'b'));
    };
    const sliced = pieces('Slice');
    expect(node(sliced, 'Slice_2 backward')).toEqual({
      outputs: ['gradient of h'],
      updates: [],
      workspace: 0,
    });
    expect(node(sliced, 'Slice_1 backward')).toEqual({
      outputs: [],
      updates: ['gradient of h'],
      workspace: full,
    });
    expect(node(pieces('Split'), 'Split_1 backward').outputs).toEqual(['gradient of h']);
  });

  test('a sum hands on one number; a product writes it out first', () => {
    const built = build(
      new ModelBuilder()
        .input('x', square)
        .parameter('w', square)
        .operator('MatMul', ['x', 'w'], ['h'])
        .operator('ReduceSum', ['h'], ['y'], { keepdims: 0 })
        .build('y'),
    );
    expect(backwardNodes(built)).toEqual(['MatMul_0 backward']);
    expect(node(built, 'MatMul_0 backward').workspace).toBe(full);
  });
});

describe('temporaries', () => {
  const unary = (type: string): number => {
    const graph = new ModelBuilder()
      .input('x', square)
      .parameter('w', square)
      .operator('MatMul', ['x', 'w'], ['h'])
      .operator(type, ['h'], ['a'])
      .operator('Tanh', ['a'], ['y'])
      .build('y');
    return node(build(graph), `${type}_1 backward`).workspace / full;
  };

  test.each([
    ['Sigmoid', 0],
    ['Gelu', 0],
    ['Log', 0],
    ['Exp', 0],
    ['Sqrt', 1],
    ['Sin', 1],
    ['Abs', 1],
    ['Cos', 2],
    ['Reciprocal', 2],
    ['Erf', 4],
    ['Acos', 5],
  ])('of the formula of %s are %d tensors', (type, tensors) => {
    expect(unary(type)).toBe(tensors);
  });

  test.each([
    ['ReduceMean', 0],
    ['ReduceL2', 1],
    ['ReduceMax', 1.25],
    ['ReduceLogSumExp', 2],
  ])('of the formula of %s are %d tensors of its operand', (type, tensors) => {
    const graph = new ModelBuilder()
      .input('x', square)
      .parameter('w', square)
      .operator('MatMul', ['x', 'w'], ['h'])
      .operator(type, ['h'], ['a'], { keepdims: 1, axes: [1] })
      .operator('Tanh', ['a'], ['y'])
      .build('y');
    expect(node(build(graph), `${type}_1 backward`).workspace / full).toBe(tensors);
  });

  const binary = (type: string, other: readonly number[]): ReturnType<typeof node> => {
    const graph = new ModelBuilder()
      .input('x', square)
      .parameter('w', square)
      .parameter('other', other)
      .operator('MatMul', ['x', 'w'], ['h'])
      .operator(type, ['h', 'other'], ['a'])
      .operator('Tanh', ['a'], ['y'])
      .build('y');
    return node(build(graph), `${type}_1 backward`);
  };

  test('a quotient holds four tensors for its denominator', () => {
    expect(binary('Div', square).workspace).toBe(2 * full);
    expect(binary('Div', [side, 1]).workspace).toBe(3 * full - side * 4);
  });

  test('a broadcast factor gets its gradient at full size first, a broadcast summand does not', () => {
    expect(binary('Mul', [side, 1]).workspace).toBe(full);
    expect(binary('Mul', square).workspace).toBe(0);
    expect(binary('Add', [side, 1]).workspace).toBe(0);
    expect(binary('Sub', [side, 1]).workspace).toBe(full);
  });

  test('a difference hands its gradient to the first operand only', () => {
    expect(binary('Sub', square).outputs).toEqual(['gradient of other']);
    expect(binary('Add', [side]).outputs).toEqual(['gradient of other']);
  });
});

describe('autocast', () => {
  const graph = new ModelBuilder()
    .input('x', square)
    .parameter('w', square)
    .parameter('u', square)
    .operator('MatMul', ['x', 'w'], ['h'])
    .operator('Tanh', ['h'], ['a'])
    .operator('MatMul', ['a', 'u'], ['b'])
    .operator('MatMul', ['b', 'u'], ['y'])
    .build('y');

  test('converts the gradient of a weight once, after its last half contribution', () => {
    const built = build(graph, { precision: 'bf16-autocast' });
    expect(backwardNodes(built)).toEqual([
      'MatMul_3 backward',
      'MatMul_2 backward',
      'MatMul_2 backward: gradient of u summed',
      'MatMul_2 backward: gradient of u converted',
      'Tanh_1 backward',
      'MatMul_0 backward',
      'MatMul_0 backward: gradient of w converted',
    ]);
    const live = liveBytesOf(built.step);
    expect(bytesOfKind(built, ValueKind.parameterGradient)).toBe(2 * full);
    const end = live.get('MatMul_0 backward: gradient of w converted')!;
    // Parameters, their gradients, x, y in half, the loss and its gradient; the half gradient of w goes last.
    expect(end).toBe(2 * full + 2 * full + full + full / 2 + 8 + full / 2);
  });
});

test('cross-entropy of half logits converts them and their gradient', () => {
  const logits = new ModelBuilder()
    .input('x', square)
    .parameter('w', square)
    .operator('MatMul', ['x', 'w'], ['y'])
    .build('y');
  const built = build(logits, { precision: 'bf16-autocast', loss: 'cross-entropy' });
  expect(nodesOf(built, Phase.loss)).toEqual(['loss (cast)', 'loss (log_softmax)', 'loss (nll)']);
  expect(nodesOf(built, Phase.backward).slice(0, 4)).toEqual([
    'loss backward',
    'loss (nll) backward',
    'loss (log_softmax) backward',
    'loss (cast) backward',
  ]);
});

test('the output is there until the loss is computed, and dropped before backward where the script does', () => {
  const graph = new ModelBuilder()
    .input('x', square)
    .parameter('w', square)
    .operator('MatMul', ['x', 'w'], ['y'])
    .build('y');
  const live = liveBytesOf(build(graph, { loss: 'cross-entropy', modelOutput: 'dropped' }).step);
  const held = liveBytesOf(build(graph, { loss: 'cross-entropy', modelOutput: 'held' }).step);
  expect(live.get('loss (nll)')).toBe(held.get('loss (nll)'));
  expect(held.get('loss (nll) backward')! - live.get('loss (nll) backward')!).toBe(full);
});

test('any graph gives every reached parameter one gradient of its size, and a step that runs', () => {
  const types = ['Add', 'Mul', 'MatMul', 'Sub', 'Div', 'Tanh', 'Transpose', 'Concat'] as const;
  const step = fc.record({
    type: fc.constantFrom(...types),
    a: fc.nat(),
    b: fc.nat(),
    isWeight: fc.boolean(),
  });
  const changes = fc.record<Partial<Workload>>({
    microBatches: fc.constantFrom(1, 3),
    zeroGrad: fc.constantFrom('zero' as const, 'set-to-none' as const),
    precision: fc.constantFrom('fp32' as const, 'bf16-autocast' as const, 'bf16' as const),
    optimizer: fc.constantFrom('none' as const, 'adamw' as const, 'momentum' as const),
    stepKind: fc.constantFrom('first' as const, 'steady' as const),
    loss: fc.constantFrom('sum' as const, 'cross-entropy' as const, 'none' as const),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), changes, (steps, workload) => {
      const builder = new ModelBuilder().input('x', [4, 4]).input('fold', [4, 8]).parameter('w0', [4, 4]);
      const tensors = ['x', 'w0'];
      steps.forEach(({ type, a, b, isWeight }, i) => {
        if (isWeight) {
          builder.parameter(`p${i}`, [4, 4]);
          tensors.push(`p${i}`);
        }
        const [first, second] = [tensors[a % tensors.length], tensors[b % tensors.length]];
        const inputs = type === 'Tanh' || type === 'Transpose' ? [first] : [first, second];
        const output = type === 'Concat' ? `c${i}` : `t${i}`;
        builder.operator(type, inputs, [output], type === 'Concat' ? { axis: 0 } : {});
        // What is concatenated is summed over both halves again, so that all shapes agree.
        if (type === 'Concat') builder.operator('MatMul', ['fold', output], [`t${i}`]);
        tensors.push(`t${i}`);
      });
      builder.operator('Mul', [tensors[tensors.length - 1], 'w0'], ['y']);
      const built = build(builder.build('y'), workload);
      liveBytesOf(built.step);
      const gradients = built.step.valueName.filter(
        (_, value) => built.step.valueKind[value] === ValueKind.parameterGradient,
      );
      expect(new Set(gradients).size).toBe(gradients.length);
      expect(gradients).toContain('gradient of w0');
      const elementBytes = workload.precision === 'bf16' ? 2 : 4;
      expect(bytesOfKind(built, ValueKind.parameterGradient)).toBe(gradients.length * 16 * elementBytes);
      expect(new Set(built.step.nodeName).size).toBe(built.step.nodeCount);
    }),
    { seed: 4, numRuns: 300 },
  );
});
