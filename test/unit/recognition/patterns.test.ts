import { describe, expect, test } from 'vitest';
import { ModelBuilder } from '../support/modelBuilder';
import { inputsOf, patternsOf, read, typesOf } from './support';

const hidden = [2, 6, 8] as const;
const model = (): ModelBuilder => new ModelBuilder().input('x', hidden);

describe('activation functions', () => {
  const erfGelu = (): ModelBuilder =>
    model()
      .number('root2', 1.4142135381698608)
      .number('one', 1)
      .number('half', 0.5)
      .operator('Div', ['x', 'root2'], ['d'])
      .operator('Erf', ['d'], ['e'])
      .operator('Add', ['one', 'e'], ['a']);

  test('GELU by erf, in every order of its products', () => {
    const orders = [
      erfGelu().operator('Mul', ['x', 'a'], ['m']).operator('Mul', ['m', 'half'], ['y']),
      erfGelu().operator('Mul', ['half', 'x'], ['m']).operator('Mul', ['a', 'm'], ['y']),
      erfGelu().operator('Mul', ['a', 'half'], ['m']).operator('Mul', ['x', 'm'], ['y']),
    ];
    for (const order of orders) {
      const found = read(order.build('y'));
      expect(typesOf(found)).toEqual(['Gelu']);
      expect(inputsOf(found, 'Gelu')).toEqual(['x']);
    }
  });

  test('another divisor is another function', () => {
    const graph = model()
      .number('two', 2)
      .number('one', 1)
      .number('half', 0.5)
      .operator('Div', ['x', 'two'], ['d'])
      .operator('Erf', ['d'], ['e'])
      .operator('Add', ['e', 'one'], ['a'])
      .operator('Mul', ['x', 'a'], ['m'])
      .operator('Mul', ['m', 'half'], ['y'])
      .build('y');
    expect(patternsOf(read(graph))).toEqual([]);
  });

  const tanhGelu = (cube: (builder: ModelBuilder) => ModelBuilder): ModelBuilder =>
    cube(
      model()
        .number('half', 0.5)
        .number('one', 1)
        .number('k', 0.044714998)
        .number('c', 0.7978845)
        .number('3', 3),
    )
      .operator('Mul', ['k', 'cube'], ['kc'])
      .operator('Add', ['x', 'kc'], ['inner'])
      .operator('Mul', ['c', 'inner'], ['scaled'])
      .operator('Tanh', ['scaled'], ['t'])
      .operator('Add', ['one', 't'], ['a'])
      .operator('Mul', ['x', 'a'], ['m'])
      .operator('Mul', ['half', 'm'], ['y']);

  test("GELU by tanh as the exporter writes it, not as a program's own formula", () => {
    const exported = tanhGelu((b) =>
      b.operator('Mul', ['x', 'x'], ['s']).operator('Mul', ['x', 's'], ['cube']),
    );
    expect(typesOf(read(exported.build('y')))).toEqual(['Gelu']);
    const handWritten = tanhGelu((b) => b.operator('Pow', ['x', '3'], ['cube']));
    expect(patternsOf(read(handWritten.build('y')))).toEqual([]);
  });

  test('SiLU, hard swish and Mish', () => {
    const silu = model().operator('Sigmoid', ['x'], ['s']).operator('Mul', ['x', 's'], ['y']);
    expect(typesOf(read(silu.build('y')))).toEqual(['Swish']);
    const mish = model()
      .operator('Softplus', ['x'], ['p'])
      .operator('Tanh', ['p'], ['t'])
      .operator('Mul', ['x', 't'], ['y']);
    expect(typesOf(read(mish.build('y')))).toEqual(['Mish']);
    const hardSwish = model()
      .number('3', 3)
      .number('0', 0)
      .number('6', 6)
      .operator('Add', ['x', '3'], ['a'])
      .operator('Clip', ['a', '0', '6'], ['c'])
      .operator('Mul', ['x', 'c'], ['m'])
      .operator('Div', ['m', '6'], ['y']);
    expect(typesOf(read(hardSwish.build('y')))).toEqual(['HardSwish']);
  });

  test('a gate of another tensor is no SiLU', () => {
    const graph = model()
      .input('z', hidden)
      .operator('Sigmoid', ['z'], ['s'])
      .operator('Mul', ['x', 's'], ['y'])
      .build('y');
    expect(patternsOf(read(graph))).toEqual([]);
  });
});

describe('normalizations', () => {
  const layerNorm = (axes: number | readonly number[]): ModelBuilder =>
    model()
      .parameter('w', [8])
      .parameter('b', [8])
      .number('two', 2)
      .number('eps', 1e-5)
      .operator('ReduceMean', ['x'], ['mean'], { axes: [axes].flat() })
      .operator('Sub', ['x', 'mean'], ['c'])
      .operator('Pow', ['c', 'two'], ['sq'])
      .operator('ReduceMean', ['sq'], ['var'], { axes: [axes].flat() })
      .operator('Add', ['var', 'eps'], ['ve'])
      .operator('Sqrt', ['ve'], ['std'])
      .operator('Div', ['c', 'std'], ['n']);

  test('layer norm with and without scale and shift', () => {
    const affine = layerNorm(-1).operator('Mul', ['n', 'w'], ['s']).operator('Add', ['s', 'b'], ['y']);
    const found = read(affine.build('y'));
    expect(typesOf(found)).toEqual(['LayerNormalization']);
    expect(inputsOf(found, 'LayerNormalization')).toEqual(['x', 'w', 'b']);
    expect(inputsOf(read(layerNorm(2).build('n')), 'LayerNormalization')).toEqual(['x']);
  });

  test('a mean over a leading axis is no layer norm', () => {
    expect(patternsOf(read(layerNorm(1).build('n')))).toEqual([]);
  });

  test('RMS norm where the module is torch.nn.RMSNorm; what a program computes itself keeps its pieces', () => {
    const graph = model()
      .parameter('w', [8])
      .number('two', 2)
      .number('eps', 1e-6)
      .in('norm')
      .operator('Pow', ['x', 'two'], ['sq'])
      .operator('ReduceMean', ['sq'], ['mean'], { axes: [-1] })
      .operator('Add', ['mean', 'eps'], ['me'])
      .operator('Sqrt', ['me'], ['root'])
      .operator('Reciprocal', ['root'], ['r'])
      .operator('Mul', ['x', 'r'], ['n'])
      .operator('Mul', ['n', 'w'], ['y'])
      .build('y');
    const inClass = (classPath: string) => ({
      ...graph,
      modules: graph.modules.map((module) => ({ ...module, classPath })),
    });
    const found = read(inClass('torch.nn.modules.normalization.RMSNorm'));
    expect(typesOf(found)).toEqual(['RMSNormalization']);
    expect(found.graph.operators[0].source?.fxNode).toBe('rms_norm');
    expect(patternsOf(read(inClass('models.llama.RMSNorm')))).toEqual(['rsqrt']);
  });

  test('group norm over an instance norm of groups', () => {
    const graph = new ModelBuilder()
      .input('x', [2, 8, 5])
      .constant('groups', [0, 4, -1])
      .constant('ones', [1, 1, 1, 1], 'float32')
      .parameter('w', [8])
      .parameter('b', [8])
      .constant('last', [1])
      .operator('Reshape', ['x', 'groups'], ['g'])
      .operator('InstanceNormalization', ['g', 'ones', 'ones'], ['n'])
      .operator('Shape', ['x'], ['shape'])
      .operator('Reshape', ['n', 'shape'], ['r'])
      .operator('Unsqueeze', ['w', 'last'], ['w1'])
      .operator('Mul', ['r', 'w1'], ['s'])
      .operator('Unsqueeze', ['b', 'last'], ['b1'])
      .operator('Add', ['s', 'b1'], ['y'])
      .build('y');
    const found = read(graph);
    expect(typesOf(found)).toEqual(['GroupNormalization']);
    expect(found.graph.operators[0].attributes.get('num_groups')).toEqual({ kind: 'int', value: 4 });
    // The constants only the pieces read are no tensors of the program.
    expect(found.graph.tensors.find(({ name }) => name === 'ones')!.role).toBe('activation');
  });
});

describe('linear layers', () => {
  test('a product with a stored weight and a bias, transposed or not', () => {
    const plain = model()
      .parameter('w', [8, 4])
      .parameter('b', [4])
      .operator('MatMul', ['x', 'w'], ['p'])
      .operator('Add', ['b', 'p'], ['y'])
      .build('y');
    expect(typesOf(read(plain))).toEqual(['aten::linear']);
    const transposed = model()
      .parameter('w', [4, 8])
      .parameter('b', [4])
      .operator('Transpose', ['w'], ['wt'], { perm: [1, 0] })
      .operator('MatMul', ['x', 'wt'], ['p'])
      .operator('Add', ['p', 'b'], ['y'])
      .build('y');
    const found = read(transposed);
    expect(inputsOf(found, 'linear')).toEqual(['x', 'w', 'b']);
    expect(found.graph.operators[0].attributes.get('transB')).toEqual({ kind: 'int', value: 1 });
  });

  test('a product somebody else reads is left alone', () => {
    const graph = model()
      .parameter('w', [8, 4])
      .parameter('b', [4])
      .operator('MatMul', ['x', 'w'], ['p'])
      .operator('Add', ['p', 'b'], ['y'])
      .build('y', 'p');
    expect(patternsOf(read(graph))).toEqual([]);
  });
});

describe('attention', () => {
  const heads = [2, 4, 6, 8] as const;
  const attention = (scale: 'both' | 'scores'): ModelBuilder => {
    const start = new ModelBuilder()
      .input('q', heads)
      .input('k', heads)
      .input('v', heads)
      .number('s', 0.5)
      .operator('Transpose', ['k'], ['kt'], { perm: [0, 1, 3, 2] });
    const scores =
      scale === 'both'
        ? start
            .operator('Mul', ['q', 's'], ['qs'])
            .operator('Mul', ['kt', 's'], ['ks'])
            .operator('MatMul', ['qs', 'ks'], ['scores'])
        : start.operator('MatMul', ['q', 'kt'], ['raw']).operator('Mul', ['raw', 's'], ['scores']);
    return scores.operator('Softmax', ['scores'], ['p'], { axis: -1 }).operator('MatMul', ['p', 'v'], ['y']);
  };

  test('with the scale split over query and key is the call, written by hand it is not', () => {
    const found = read(attention('both').build('y'));
    expect(typesOf(found)).toEqual(['Attention']);
    expect(inputsOf(found, 'Attention')).toEqual(['q', 'k', 'v']);
    expect(patternsOf(read(attention('scores').build('y')))).toEqual([]);
  });

  test('a mask of sizes and literals only is is_causal, one of data stays', () => {
    const masked = (mask: (builder: ModelBuilder) => ModelBuilder) =>
      mask(new ModelBuilder().input('q', heads).input('k', heads).input('v', heads).input('m', [6, 6]))
        .operator('Attention', ['q', 'k', 'v', 'mask'], ['y'])
        .build('y');
    const causal = read(
      masked((b) =>
        b
          .operator('Shape', ['q'], ['shape'])
          .constant('two', [2, 3])
          .operator('Gather', ['shape', 'two'], ['size'])
          .operator('ConstantOfShape', ['size'], ['full'])
          .operator('Trilu', ['full'], ['mask']),
      ),
    );
    expect(typesOf(causal)).toEqual(['Attention']);
    expect(causal.graph.operators[0].attributes.get('is_causal')).toEqual({ kind: 'int', value: 1 });
    expect(patternsOf(read(masked((b) => b.operator('Relu', ['m'], ['mask']))))).toEqual([]);
  });

  test('repeated keys and values are shared heads', () => {
    const graph = new ModelBuilder()
      .input('q', heads)
      .input('k', [2, 2, 6, 8])
      .input('v', [2, 2, 6, 8])
      .constant('axis', [2])
      .constant('five', [2, 2, 2, 6, 8])
      .constant('four', [2, 4, 6, 8])
      .operator('Unsqueeze', ['k', 'axis'], ['k1'])
      .operator('Expand', ['k1', 'five'], ['k2'])
      .operator('Reshape', ['k2', 'four'], ['k3'])
      .operator('Unsqueeze', ['v', 'axis'], ['v1'])
      .operator('Expand', ['v1', 'five'], ['v2'])
      .operator('Reshape', ['v2', 'four'], ['v3'])
      .operator('Attention', ['q', 'k3', 'v3'], ['y'])
      .build('y');
    expect(inputsOf(read(graph), 'Attention')).toEqual(['q', 'k', 'v']);
  });

  test('pieces of a packed projection become contiguous before their heads are split off', () => {
    const graph = model()
      .parameter('in_proj_weight', [8, 24])
      .parameter('in_proj_bias', [24])
      .constant('from', [0])
      .constant('to', [8])
      .constant('axis', [-1])
      .constant('heads', [2, 12, 4])
      .operator('MatMul', ['x', 'in_proj_weight'], ['p'])
      .operator('Add', ['p', 'in_proj_bias'], ['qkv'])
      .operator('Slice', ['qkv', 'from', 'to', 'axis'], ['q'])
      .operator('Reshape', ['q', 'heads'], ['y'])
      .build('y', 'qkv');
    expect(typesOf(read(graph))).toEqual(['aten::linear', 'Slice', 'aten::contiguous_view']);
  });
});

test('the reciprocal of a root is one call', () => {
  const graph = model()
    .number('one', 1)
    .operator('Sqrt', ['x'], ['r'])
    .operator('Div', ['one', 'r'], ['y'])
    .build('y');
  expect(typesOf(read(graph))).toEqual(['aten::rsqrt']);
});
