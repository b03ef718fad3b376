import { describe, expect, it } from 'vitest';
import { findDevice } from '../../../planner-core/devices/catalogue';
import { bounds } from '../../../planner-core/devices/roofline';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { buildStep } from '../../../planner-core/step/buildStep';
import { distinctBytes, workClassOf } from '../../../planner-core/step/operatorWork';
import type { StepContext } from '../../../planner-core/operators/rule';
import { defaultWorkload, type Workload } from '../../../planner-core/step/workload';
import { ModelBuilder } from '../support/modelBuilder';

interface NodeCosts {
  readonly macs: number;
  readonly trafficBytes: number;
  readonly bound: string;
}

/** By node name: what it costs on an A100. */
function costs(graph: ModelGraph, changes: Partial<Workload> = {}): Record<string, NodeCosts> {
  const device = { id: 'gpu0', spec: findDevice('A100 SXM 80GB')! };
  const { step } = buildStep(graph, { ...defaultWorkload, ...changes }, [device]);
  return Object.fromEntries(
    step.nodeName.map((name, node) => [
      name,
      { macs: step.macs[node], trafficBytes: step.trafficBytes[node], bound: bounds[step.bound[node]] },
    ]),
  );
}

const x = 64 * 32 * 4;
const w = 32 * 16 * 4;
const y = 64 * 16 * 4;

const product = (): ModelBuilder => new ModelBuilder().input('x', [64, 32]).parameter('w', [32, 16]);

describe('a matrix product', () => {
  it('reads each operand once and writes its result', () => {
    const { MatMul_0: forward } = costs(product().operator('MatMul', ['x', 'w'], ['y']).build('y'));
    expect(forward).toMatchObject({ macs: 64 * 32 * 16, trafficBytes: x + w + y });
  });

  it('takes one product backward in the first layer, two in later ones', () => {
    const graph = product()
      .parameter('v', [16, 16])
      .operator('MatMul', ['x', 'w'], ['h'])
      .operator('Sigmoid', ['h'], ['a'])
      .operator('MatMul', ['a', 'v'], ['y'])
      .operator('Tanh', ['y'], ['z'])
      .build('z');
    const found = costs(graph);
    expect(found['MatMul_0 backward'].macs).toBe(found.MatMul_0.macs);
    expect(found['MatMul_2 backward'].macs).toBe(2 * found.MatMul_2.macs);
    // dW: the incoming gradient and the input are read, the weight's gradient is written.
    expect(found['MatMul_0 backward'].trafficBytes).toBe(y + x + w);
    // Both gradients: the incoming one is read twice.
    expect(found['MatMul_2 backward'].trafficBytes).toBe(2 * y + (y + 16 * 16 * 4) * 2);
  });

  it('takes a bias for no product', () => {
    const graph = product()
      .parameter('b', [16])
      .operator('Gemm', ['x', 'w', 'b'], ['y'])
      .operator('Tanh', ['y'], ['z'])
      .build('z');
    const found = costs(graph);
    expect(found['Gemm_0 backward'].macs).toBe(found.Gemm_0.macs);
  });

  it('reads an operand that it multiplies with itself once', () => {
    const graph = new ModelBuilder().input('x', [8, 8]).operator('MatMul', ['x', 'x'], ['y']).build('y');
    expect(costs(graph).MatMul_0.trafficBytes).toBe(2 * 8 * 8 * 4);
  });

  it('converts both operands under autocast, and a weight once', () => {
    const graph = product()
      .operator('MatMul', ['x', 'w'], ['y'])
      .operator('MatMul', ['x', 'w'], ['z'])
      .build('y', 'z');
    const found = costs(graph, { precision: 'bf16-autocast' });
    const converted = (bytes: number): number => bytes + bytes / 2;
    expect(found.MatMul_0.trafficBytes).toBe(converted(x) + converted(w) + (x + w + y) / 2);
    expect(found.MatMul_1.trafficBytes).toBe(converted(x) + (x + w + y) / 2);
  });
});

describe('memory traffic', () => {
  it('of a view is none: it has no node', () => {
    const graph = new ModelBuilder()
      .input('x', [4, 6])
      .constant('shape', [6, 4])
      .operator('Relu', ['x'], ['a'])
      .operator('Reshape', ['a', 'shape'], ['v'])
      .operator('Relu', ['v'], ['y'])
      .build('y');
    expect(Object.keys(costs(graph)).filter((name) => name.startsWith('Reshape'))).toEqual([]);
  });

  it('reads a small operand that is broadcast once', () => {
    const graph = new ModelBuilder()
      .input('x', [64, 32])
      .input('b', [32])
      .operator('Add', ['x', 'b'], ['y'])
      .build('y');
    expect(costs(graph).Add_0.trafficBytes).toBe(2 * x + 32 * 4);
  });

  it('reads an expanded tensor as far as it lies in memory', () => {
    const graph = new ModelBuilder()
      .input('b', [1, 32])
      .constant('shape', [64, 32])
      .operator('Expand', ['b', 'shape'], ['e'])
      .operator('Relu', ['e'], ['y'])
      .build('y');
    expect(costs(graph).Relu_1.trafficBytes).toBe(32 * 4 + x);
    expect(
      distinctBytes({
        dtype: 'float32',
        shape: [2, 1, 3],
        strides: [0, 0, 1],
        elements: 6,
        bytes: 24,
        role: 'input',
      }),
    ).toBe(12);
  });

  it('reads the rows a lookup takes, not the table', () => {
    const graph = new ModelBuilder()
      .parameter('table', [1000, 8])
      .input('tokens', [5], 'int64')
      .operator('Gather', ['table', 'tokens'], ['rows'])
      .operator('Tanh', ['rows'], ['y'])
      .build('y');
    const found = costs(graph);
    expect(found.Gather_0.trafficBytes).toBe(2 * 5 * 8 * 4 + 5 * 8);
    // Backward fills the whole gradient with zeros, and adds the rows.
    expect(found['Gather_0 backward'].trafficBytes).toBeGreaterThan(1000 * 8 * 4);
    expect(found['Gather_0 backward'].trafficBytes).toBeLessThan(1000 * 8 * 4 + 5 * 8 * 4 * 4);
  });

  it('counts statistics over a batch as a pass of their own', () => {
    const normalized = (outputs: readonly string[]) => {
      const builder = new ModelBuilder().input('x', [4, 8, 5, 5]);
      for (const name of ['scale', 'bias', 'mean', 'var']) builder.parameter(name, [8]);
      builder.operator('BatchNormalization', ['x', 'scale', 'bias', 'mean', 'var'], outputs, {
        training_mode: outputs.length > 1 ? 1 : 0,
      });
      return costs(builder.build('y'), { mode: 'inference' }).BatchNormalization_0.trafficBytes;
    };
    const image = 4 * 8 * 5 * 5 * 4;
    expect(normalized(['y', 'm', 'v']) - normalized(['y'])).toBeGreaterThanOrEqual(image);
  });

  it.each([
    ['adam', 'fused', 7],
    ['adam', 'foreach', 18],
    ['adamw', 'foreach', 20],
    ['sgd', 'foreach', 3],
  ] as const)('of %s, %s, is %d passes over the parameters', (optimizer, optimizerUpdate, passes) => {
    const graph = product().operator('MatMul', ['x', 'w'], ['y']).build('y');
    const total = Object.entries(costs(graph, { optimizer, optimizerUpdate }))
      .filter(([name]) => name.startsWith(optimizer))
      .reduce((sum, [, { trafficBytes }]) => sum + trafficBytes, 0);
    expect(total).toBe(passes * w);
  });
});

describe('what bounds a node', () => {
  const square = (size: number): ModelGraph =>
    new ModelBuilder()
      .input('x', [size, size])
      .parameter('w', [size, size])
      .operator('MatMul', ['x', 'w'], ['h'])
      .operator('Relu', ['h'], ['y'])
      .build('y');

  it('is arithmetic for large products, memory for large element-wise work, the launch for small work', () => {
    const large = costs(square(4096));
    expect(large.MatMul_0.bound).toBe('compute');
    expect(large.Relu_1.bound).toBe('memory');
    expect(costs(square(16)).MatMul_0.bound).toBe('launch');
  });
});

describe('workClassOf', () => {
  const context = (type: string, input: number[], weight: number[], group = 1): StepContext =>
    ({
      operator: { type },
      input: (index: number) => ({ shape: index === 0 ? input : weight }),
      int: (_: string, fallback: number) => (group === 1 ? fallback : group),
    }) as unknown as StepContext;

  it.each([
    ['Conv', [1, 64, 9, 9], [64, 64, 3, 3], 1, 1, 'convolution'],
    ['Conv', [1, 64, 9, 9], [64, 64, 1, 1], 1, 1, 'pointwise-convolution'],
    ['Conv', [1, 64, 9, 9], [64, 1, 3, 3], 64, 1, 'depthwise-convolution'],
    ['Conv', [1, 64, 9, 9], [64, 2, 3, 3], 32, 1, 'convolution'],
    ['Conv', [1, 3, 9, 9], [64, 3, 7, 7], 1, 1, 'first-convolution'],
    ['MatMul', [4, 4], [4, 4], 1, 1, 'gemm'],
    ['linear', [4, 4], [4, 4], 1, 1, 'gemm'],
    ['Attention', [1, 2, 4, 4], [1, 2, 4, 4], 1, 1, 'attention'],
    ['LSTM', [4, 1, 4], [1, 16, 4], 1, 1, 'recurrent'],
    ['LayerNormalization', [4, 4], [4], 1, 0, 'normalization'],
    ['LogSoftmax', [4, 4], [4], 1, 0, 'normalization'],
    ['MaxPool', [1, 4, 4, 4], [], 1, 0, 'pooling'],
    ['Gather', [4, 4], [2], 1, 0, 'gather'],
    ['Relu', [4, 4], [], 1, 0, 'elementwise'],
  ] as const)('%s of %j with %j in %d groups', (type, input, weight, group, macs, expected) => {
    expect(workClassOf(context(type, [...input], [...weight], group), macs)).toBe(expected);
  });
});

describe('rotary embeddings', () => {
  it('read of long tables of angles what the tokens take', () => {
    const at = (rows: number) =>
      costs(
        new ModelBuilder()
          .input('x', [1, 2, 1, 8])
          .parameter('cos', [rows, 4])
          .parameter('sin', [rows, 4])
          .input('positions', [1, 1])
          .operator('RotaryEmbedding', ['x', 'cos', 'sin', 'positions'], ['y'])
          .build('y'),
      ).RotaryEmbedding_0.trafficBytes;
    expect(at(131072)).toBe(at(4096));
    expect(at(4096)).toBeGreaterThan(at(1));
  });
});
