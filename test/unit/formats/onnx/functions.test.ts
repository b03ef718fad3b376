import { describe, expect, it } from 'vitest';
import { maximumOperators } from '../../../../planner-core/formats/onnx/functionLibrary';
import type { FunctionSpec, NodeSpec } from '../../../fixtures/onnx-builder/onnx';
import { failure, listing, open, tensorNamed } from '../support';

const call = (
  name: string,
  type: string,
  inputs: string[],
  outputs: string[],
  rest: Partial<NodeSpec> = {},
): NodeSpec => ({
  name,
  type,
  domain: 'local',
  inputs,
  outputs,
  ...rest,
});

const twice: FunctionSpec = {
  name: 'Twice',
  domain: 'local',
  inputs: ['a'],
  outputs: ['c'],
  nodes: [
    { type: 'Relu', name: 'first', inputs: ['a'], outputs: ['b'] },
    { type: 'Relu', inputs: ['b'], outputs: ['c'] },
  ],
};

const withFunctions = (functions: FunctionSpec[], nodes: NodeSpec[]) =>
  open({ functions, nodes, inputs: [{ name: 'x', dims: [1] }] });

describe('model-local functions', () => {
  it('are expanded where they are called, with names of the call in front', () => {
    const graph = withFunctions(
      [twice],
      [call('f', 'Twice', ['x'], ['y']), call('g', 'Twice', ['y'], ['z'])],
    );
    expect(listing(graph)).toEqual([
      'f/first: Relu(x) -> f/b',
      'f/Relu_0: Relu(f/b) -> y',
      'g/first: Relu(y) -> g/b',
      'g/Relu_1: Relu(g/b) -> z',
    ]);
  });

  it('may call each other', () => {
    const four: FunctionSpec = {
      name: 'Four',
      domain: 'local',
      inputs: ['p'],
      outputs: ['q'],
      nodes: [call('one', 'Twice', ['p'], ['m']), call('two', 'Twice', ['m'], ['q'])],
    };
    const graph = withFunctions([four, twice], [call('f', 'Four', ['x'], ['y'])]);
    expect(listing(graph)).toEqual([
      'f/one/first: Relu(x) -> f/one/b',
      'f/one/Relu_0: Relu(f/one/b) -> f/m',
      'f/two/first: Relu(f/m) -> f/two/b',
      'f/two/Relu_1: Relu(f/two/b) -> y',
    ]);
  });

  it('take attributes from the call, then defaults, or leave them out', () => {
    const body: FunctionSpec = {
      name: 'Norm',
      domain: 'local',
      inputs: ['a'],
      outputs: ['b'],
      defaults: { epsilon: 5 },
      nodes: [
        {
          type: 'LayerNormalization',
          inputs: ['a'],
          outputs: ['b'],
          attributes: {
            axis: { reference: 'axis' },
            epsilon: { reference: 'epsilon' },
            stash_type: { reference: 'stash' },
            fixed: 3,
          },
        },
      ],
    };
    const graph = withFunctions(
      [body],
      [
        call('f', 'Norm', ['x'], ['y'], { attributes: { axis: -1 } }),
        call('g', 'Norm', ['x'], ['z'], { attributes: { epsilon: 6 } }),
      ],
    );
    const attributes = graph.operators.map((operator) => Object.fromEntries(operator.attributes));
    const int = (value: number) => ({ kind: 'int', value });
    expect(attributes).toEqual([
      { axis: int(-1), epsilon: int(5), fixed: int(3) },
      { epsilon: int(6), fixed: int(3) },
    ]);
  });

  it('hand attributes on to constants, subgraphs and functions inside', () => {
    const inner: FunctionSpec = {
      name: 'Inner',
      domain: 'local',
      outputs: ['v'],
      nodes: [{ type: 'Constant', outputs: ['v'], attributes: { value_int: { reference: 'depth' } } }],
    };
    const outer: FunctionSpec = {
      name: 'Outer',
      domain: 'local',
      inputs: ['cond'],
      outputs: ['v'],
      nodes: [
        call('', 'Inner', [], ['k'], { attributes: { depth: { reference: 'size' } } }),
        {
          type: 'If',
          inputs: ['cond'],
          outputs: ['v'],
          attributes: {
            then_branch: {
              graph: {
                nodes: [
                  {
                    type: 'Add',
                    inputs: ['k', 'k'],
                    outputs: ['t'],
                    attributes: { n: { reference: 'size' } },
                  },
                ],
                outputs: [{ name: 't' }],
              },
            },
          },
        },
      ],
    };
    const graph = withFunctions(
      [inner, outer],
      [call('f', 'Outer', ['x'], ['y'], { attributes: { size: 8 } })],
    );
    expect(tensorNamed(graph, 'f/k')).toMatchObject({ role: 'constant', elements: [8] });
    const body = graph.operators[0].attributes.get('then_branch');
    if (body?.kind !== 'graph') throw new Error('no body');
    expect(listing(graph, body.value.operators)).toEqual(['f/Add_0: Add(f/k, f/k) -> f/t']);
    expect(body.value.operators[0].attributes.get('n')).toEqual({ kind: 'int', value: 8 });
  });

  it('may be called without optional inputs and outputs', () => {
    const body: FunctionSpec = {
      name: 'F',
      domain: 'local',
      inputs: ['a', 'b'],
      outputs: ['c', 'd'],
      nodes: [
        { type: 'Clip', name: 'clip', inputs: ['a', 'b'], outputs: ['c'] },
        { type: 'Relu', name: 'relu', inputs: ['c'], outputs: ['d'] },
      ],
    };
    const graph = withFunctions([body], [call('f', 'F', ['x'], ['', 'y'])]);
    expect(listing(graph)).toEqual(['f/clip: Clip(x, -) -> f/c', 'f/relu: Relu(f/c) -> y']);
  });

  it('may hand on an input, or one output twice', () => {
    const body: FunctionSpec = {
      name: 'F',
      domain: 'local',
      inputs: ['a'],
      outputs: ['a', 'b', 'b'],
      nodes: [{ type: 'Relu', name: 'relu', inputs: ['a'], outputs: ['b'] }],
    };
    const graph = withFunctions([body], [call('f', 'F', ['x'], ['p', 'q', 'r'])]);
    expect(listing(graph)).toEqual([
      'f/relu: Relu(x) -> q',
      'f/Identity: Identity(x) -> p',
      'f/Identity_1: Identity(q) -> r',
    ]);
  });

  it('do not see the names of their caller', () => {
    const body: FunctionSpec = {
      name: 'F',
      domain: 'local',
      outputs: ['b'],
      nodes: [{ type: 'Relu', name: 'relu', inputs: ['x'], outputs: ['b'] }],
    };
    const graph = withFunctions([body], [call('f', 'F', [], ['y'])]);
    expect(graph.diagnostics).toMatchObject([{ code: 'undefined-tensor', node: 'f/relu' }]);
    expect(graph.operators[0].inputs).not.toEqual(graph.inputs);
  });

  it('declare their values, for every call alike', () => {
    const declared = (name: string) => ({ name, dims: ['N', 7] as const });
    const body: FunctionSpec = { ...twice, valueInfos: [declared('b'), declared('c')] };
    const graph = withFunctions([body], [call('f', 'Twice', ['x'], ['y']), call('g', 'Twice', ['y'], ['z'])]);
    for (const name of ['f/b', 'g/b']) {
      const { dtype, shape } = tensorNamed(graph, name);
      expect([dtype, shape?.map(String)]).toEqual(['float32', [`unk__${name}_0`, '7']]);
    }
    // An output is the caller's tensor.
    expect(tensorNamed(graph, 'y').shape).toBeUndefined();
  });

  it('may be declared in the graph, as files before IR version 10 do', () => {
    const graph = open({
      functions: [twice],
      nodes: [call('f', 'Twice', ['x'], ['y'])],
      inputs: [{ name: 'x', dims: [1] }],
      valueInfos: [
        { name: 'local::Twice/b', dims: [5] },
        { name: 'other::Twice/b', dims: [6] },
      ],
    });
    expect(tensorNamed(graph, 'f/b').shape).toEqual([5]);
  });

  it('are told apart by domain and overload', () => {
    const named = (overload: string, type: string): FunctionSpec => ({
      name: 'F',
      domain: 'local',
      overload,
      inputs: ['a'],
      outputs: ['b'],
      nodes: [{ type, inputs: ['a'], outputs: ['b'] }],
    });
    const graph = withFunctions(
      [named('', 'Relu'), named('v2', 'Gelu')],
      [
        call('f', 'F', ['x'], ['p']),
        call('g', 'F', ['x'], ['q'], { overload: 'v2' }),
        call('h', 'F', ['x'], ['r'], { domain: 'other' }),
      ],
    );
    expect(graph.operators.map(({ type }) => type)).toEqual(['Relu', 'Gelu', 'F']);
  });

  it('add the operator sets they import', () => {
    const graph = withFunctions([{ ...twice, opsets: { '': 3, 'com.example': 2 } }], []);
    expect(Object.fromEntries(graph.opsets)).toEqual({ '': 17, 'com.example': 2 });
  });

  it('must not call themselves', () => {
    const loop = (name: string, calls: string): FunctionSpec => ({
      name,
      domain: 'local',
      inputs: ['a'],
      outputs: ['b'],
      nodes: [call('again', calls, ['a'], ['b'])],
    });
    for (const functions of [[loop('F', 'F')], [loop('F', 'G'), loop('G', 'F')]]) {
      const error = failure(() => withFunctions(functions, [call('f', 'F', ['x'], ['y'])]));
      expect(error).toMatchObject({ code: 'cyclic-graph', where: { node: 'again' } });
    }
  });

  it('must not blow the graph up', () => {
    const levels = 40;
    const bomb = Array.from({ length: levels }, (_, i): FunctionSpec => {
      const next = (from: string, to: string): NodeSpec =>
        i === levels - 1
          ? { type: 'Relu', inputs: [from], outputs: [to] }
          : call('', `F${i + 1}`, [from], [to]);
      return {
        name: `F${i}`,
        domain: 'local',
        inputs: ['a'],
        outputs: ['c'],
        nodes: [next('a', 'b'), next('b', 'c')],
      };
    });
    const error = failure(() => withFunctions(bomb, [call('f', 'F0', ['x'], ['y'])]));
    expect(error.code).toBe('limit-exceeded');
    expect(error.message).toContain(String(maximumOperators));
  });

  it('must not blow up by calls that do nothing, nor nest without end', () => {
    const chain = (length: number, calls: number): FunctionSpec[] =>
      Array.from({ length }, (_, i) => ({
        name: `F${i}`,
        domain: 'local',
        nodes: i === length - 1 ? [] : Array.from({ length: calls }, () => call('', `F${i + 1}`, [], [])),
      }));
    for (const functions of [chain(50, 2), chain(5000, 1)]) {
      expect(failure(() => withFunctions(functions, [call('f', 'F0', [], [])])).code).toBe('limit-exceeded');
    }
  });
});

it('names of the call, not of the body, say in which module a function runs', () => {
  const body: FunctionSpec = {
    name: 'Linear',
    domain: 'local',
    inputs: ['a'],
    outputs: ['b'],
    nodes: [{ type: 'Relu', name: '/inner/Relu', inputs: ['a'], outputs: ['b'] }],
  };
  const graph = withFunctions([body], [call('/head/fc/Linear', 'Linear', ['x'], ['y'])]);
  expect(graph.modules.map(({ name }) => name)).toEqual(['', 'head', 'head.fc']);
  expect(graph.modules[graph.operators[0].module].name).toBe('head.fc');
});

it('an output that a function does not produce is unknown', () => {
  const body: FunctionSpec = { name: 'F', domain: 'local', inputs: ['a'], outputs: ['b'] };
  const graph = withFunctions([body], [call('f', 'F', ['x'], ['y'])]);
  expect(listing(graph)).toEqual(['f/Identity: Identity(b) -> y']);
  expect(graph.diagnostics).toMatchObject([{ code: 'undefined-tensor' }]);
});
