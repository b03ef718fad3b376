import { describe, expect, it } from 'vitest';
import { failure, listing, open, operatorNamed, tensorNamed } from '../support';

const relu = (name: string, input: string, output: string) => ({
  type: 'Relu',
  name,
  inputs: [input],
  outputs: [output],
});

describe('wiring', () => {
  it('puts nodes in a topological order', () => {
    const graph = open({
      inputs: [{ name: 'x' }],
      nodes: [relu('c', 'h2', 'y'), relu('a', 'x', 'h1'), relu('b', 'h1', 'h2')],
      outputs: [{ name: 'y' }],
    });
    expect(listing(graph)).toEqual(['a: Relu(x) -> h1', 'b: Relu(h1) -> h2', 'c: Relu(h2) -> y']);
  });

  it('keeps the place of optional inputs and outputs', () => {
    const graph = open({
      inputs: [{ name: 'x' }],
      nodes: [{ type: 'Clip', name: 'clip', inputs: ['x', '', 'x'], outputs: ['y', '', 'z'] }],
    });
    expect(listing(graph)).toEqual(['clip: Clip(x, -, x) -> y, -, z']);
  });

  it('reports a cycle, naming a node on it', () => {
    const error = failure(() =>
      open({
        inputs: [{ name: 'x' }],
        nodes: [relu('one', 'b', 'a'), relu('two', 'a', 'b'), relu('on', 'b', 'c')],
      }),
    );
    expect(error.code).toBe('cyclic-graph');
    expect(['one', 'two']).toContain(error.where?.node);
  });

  it('warns of a value that nothing produces, once', () => {
    const graph = open({
      nodes: [relu('a', 'ghost', 'y'), relu('b', 'ghost', 'z')],
      outputs: [{ name: 'y' }],
    });
    expect(graph.diagnostics).toEqual([
      expect.objectContaining({ severity: 'warning', code: 'undefined-tensor', node: 'a' }),
    ]);
    expect(graph.diagnostics[0].message).toContain('ghost');
    expect(tensorNamed(graph, 'ghost').shape).toBeUndefined();
    expect(operatorNamed(graph, 'b').inputs).toEqual([tensorNamed(graph, 'ghost').id]);
  });

  it('warns of a graph output that nothing produces', () => {
    const graph = open({ nodes: [], outputs: [{ name: 'y', dims: [1] }] });
    expect(graph.diagnostics).toMatchObject([{ code: 'undefined-tensor' }]);
    expect(graph.outputs).toHaveLength(1);
  });

  it.each([
    ['two nodes', { nodes: [relu('a', 'x', 'y'), relu('b', 'x', 'y')], inputs: [{ name: 'x' }] }],
    ['one node twice', { nodes: [{ type: 'Split', name: 'b', outputs: ['y', 'y'] }] }],
    ['an input and a node', { nodes: [relu('b', 'x', 'x')], inputs: [{ name: 'x' }] }],
    [
      'an initializer and a node',
      { nodes: [relu('b', 'x', 'y')], initializers: [{ name: 'y' }], inputs: [{ name: 'x' }] },
    ],
  ])('refuses a value that %s produce', (_, spec) => {
    const error = failure(() => open(spec));
    expect(error).toMatchObject({ code: 'malformed-file', where: { node: 'b' } });
    expect(error.where?.byteOffset).toBeGreaterThan(0);
  });

  it('refuses two initializers of one name', () => {
    expect(failure(() => open({ initializers: [{ name: 'w' }, { name: 'w' }] })).code).toBe('malformed-file');
  });

  it('leaves Identity in place', () => {
    const graph = open({
      initializers: [{ name: 'w', dims: [1] }],
      nodes: [{ type: 'Identity', name: 'same', inputs: ['w'], outputs: ['y'] }],
    });
    expect(listing(graph)).toEqual(['same: Identity(w) -> y']);
  });
});

describe('operator names', () => {
  it('are made up from the type where the file has none', () => {
    const graph = open({
      inputs: [{ name: 'x' }],
      nodes: [
        relu('', 'x', 'a'),
        relu('mine', 'a', 'b'),
        relu('', 'b', 'c'),
        { ...relu('', 'c', 'd'), type: 'Abs' },
      ],
    });
    expect(graph.operators.map(({ name }) => name)).toEqual(['Relu_0', 'mine', 'Relu_1', 'Abs_0']);
  });

  it('are unique; names of the file go first', () => {
    const graph = open({
      inputs: [{ name: 'x' }],
      nodes: [
        relu('', 'x', 'a'),
        relu('same', 'a', 'b'),
        relu('same', 'b', 'c'),
        relu('same_1', 'c', 'd'),
        relu('Relu_0', 'd', 'e'),
      ],
    });
    expect(graph.operators.map(({ name }) => name)).toEqual([
      'Relu_0_1',
      'same',
      'same_2',
      'same_1',
      'Relu_0',
    ]);
  });
});

describe('subgraphs', () => {
  const model = {
    inputs: [
      { name: 'x', dims: [4] },
      { name: 'cond', type: 'bool' as const, dims: [] },
    ],
    nodes: [
      {
        type: 'If',
        name: 'branch',
        inputs: ['cond'],
        outputs: ['y'],
        attributes: {
          then_branch: {
            graph: {
              name: 'then',
              initializers: [{ name: 'w', dims: [4] }],
              nodes: [
                { type: 'Add', name: 'inner', inputs: ['late', 'w'], outputs: ['t'] },
                { type: 'Constant', outputs: ['two'], attributes: { value_int: 2 } },
              ],
              outputs: [{ name: 't' }],
              valueInfos: [{ name: 't', dims: ['n'] }],
            },
          },
          else_branch: {
            graph: { name: 'else', nodes: [relu('inner', 'x', 't')], outputs: [{ name: 't' }] },
          },
        },
      },
      relu('before', 'x', 'late'),
    ],
    outputs: [{ name: 'y' }],
  };

  it('see the names around them; their own names are their own', () => {
    const graph = open(model);
    const branch = operatorNamed(graph, 'branch');
    const [thenBranch, elseBranch] = ['then_branch', 'else_branch'].map((name) => {
      const attribute = branch.attributes.get(name);
      if (attribute?.kind !== 'graph') throw new Error(`${name} is no graph`);
      return attribute.value;
    });
    expect(listing(graph, thenBranch.operators)).toEqual(['inner: Add(late, w) -> t']);
    expect(listing(graph, elseBranch.operators)).toEqual(['inner_1: Relu(x) -> t']);
    expect(thenBranch.outputs).not.toEqual(elseBranch.outputs);
    expect(graph.diagnostics).toEqual([]);
    expect(graph.tensors[thenBranch.operators[0].inputs[0]].id).toBe(tensorNamed(graph, 'late').id);
  });

  it('make the operator that holds them wait for what they need', () => {
    expect(open(model).operators.map(({ name }) => name)).toEqual(['before', 'branch']);
  });

  it('have inputs of their own', () => {
    const graph = open({
      inputs: [{ name: 'x' }],
      nodes: [
        {
          type: 'Scan',
          name: 'scan',
          inputs: ['x'],
          outputs: ['y'],
          attributes: {
            body: {
              graph: {
                inputs: [{ name: 'x', type: 'float', dims: [3] }],
                nodes: [relu('step', 'x', 'z')],
                outputs: [{ name: 'z' }],
              },
            },
          },
        },
      ],
    });
    const body = operatorNamed(graph, 'scan').attributes.get('body');
    if (body?.kind !== 'graph') throw new Error('no body');
    expect(body.value.inputs).toEqual(body.value.operators[0].inputs);
    expect(body.value.inputs[0]).not.toBe(graph.inputs[0]);
    expect(graph.tensors[body.value.inputs[0]]).toMatchObject({ role: 'activation', shape: [3] });
    expect(graph.inputs).toHaveLength(1);
  });

  it('are ordered and checked for cycles too', () => {
    const body = { nodes: [relu('p', 'b', 'a'), relu('q', 'a', 'b')], outputs: [{ name: 'a' }] };
    const spec = { nodes: [{ type: 'Loop', attributes: { body: { graph: body } } }] };
    expect(failure(() => open(spec)).code).toBe('cyclic-graph');
  });
});
