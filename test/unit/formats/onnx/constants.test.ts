import { describe, expect, it } from 'vitest';
import type { AttributeSpec } from '../../../fixtures/onnx-builder/onnx';
import { listing, open, tensorNamed } from '../support';

const constant = (attributes: Record<string, AttributeSpec>) =>
  open({
    nodes: [
      { type: 'Constant', outputs: ['c'], attributes },
      { type: 'Relu', name: 'use', inputs: ['c'], outputs: ['y'] },
    ],
    outputs: [{ name: 'y' }],
  });

describe('Constant nodes', () => {
  it.each<[string, AttributeSpec, object]>([
    [
      'value',
      { tensor: { type: 'int64', dims: [2], int64s: [3, -1] } },
      { dtype: 'int64', shape: [2], elements: [3, -1] },
    ],
    [
      'value',
      { tensor: { dims: [], floats: [0.1] } },
      { dtype: 'float32', shape: [], elements: [Math.fround(0.1)] },
    ],
    ['value', { tensor: { dims: [512, 512] } }, { dtype: 'float32', shape: [512, 512], elements: undefined }],
    ['value_int', 7, { dtype: 'int64', shape: [], elements: [7] }],
    ['value_ints', [7, 8], { dtype: 'int64', shape: [2], elements: [7, 8] }],
    ['value_ints', [], { dtype: 'int64', shape: [0], elements: [] }],
    ['value_float', { float: 0.5 }, { dtype: 'float32', shape: [], elements: [0.5] }],
    ['value_floats', { floats: [0.5, 2] }, { dtype: 'float32', shape: [2], elements: [0.5, 2] }],
    ['value_string', 'abc', { dtype: 'string', shape: [], elements: undefined }],
    ['value_strings', { strings: ['a', 'b', 'c'] }, { dtype: 'string', shape: [3], elements: undefined }],
    [
      'sparse_value',
      { sparse: { dims: [10, 20] } },
      { dtype: 'float32', shape: [10, 20], elements: undefined },
    ],
  ])('with %s %j become constants', (name, value, expected) => {
    const graph = constant({ [name]: value });
    expect(tensorNamed(graph, 'c')).toMatchObject({ role: 'constant', ...expected });
    expect(listing(graph)).toEqual(['use: Relu(c) -> y']);
  });

  it('may be outputs of the graph', () => {
    const graph = open({
      nodes: [{ type: 'Constant', outputs: ['c'], attributes: { value_int: 3 } }],
      outputs: [{ name: 'c', type: 'int64', dims: [] }],
    });
    expect(graph.operators).toEqual([]);
    expect(graph.outputs).toEqual([tensorNamed(graph, 'c').id]);
  });

  it('in other domains are operators', () => {
    const graph = open({ nodes: [{ type: 'Constant', domain: 'com.example', outputs: ['c'] }] });
    expect(graph.operators).toHaveLength(1);
  });
});

describe('attributes', () => {
  it('keep their types', () => {
    const { operators, tensors } = open({
      nodes: [
        {
          type: 'Custom',
          outputs: ['y'],
          attributes: {
            axis: -1,
            mode: 'linear',
            ratio: { float: 0.25 },
            perm: [0, 2, 1],
            scales: { floats: [1, 2] },
            names: { strings: ['a', 'b'] },
            fill: { tensor: { type: 'int64', dims: [1], int64s: [9] } },
          },
        },
      ],
    });
    const { fill, ...others } = Object.fromEntries(operators[0].attributes);
    expect(others).toEqual({
      axis: { kind: 'int', value: -1 },
      mode: { kind: 'string', value: 'linear' },
      ratio: { kind: 'float', value: 0.25 },
      perm: { kind: 'ints', value: [0, 2, 1] },
      scales: { kind: 'floats', value: [1, 2] },
      names: { kind: 'strings', value: ['a', 'b'] },
    });
    expect(fill.kind).toBe('tensor');
    expect(tensors[fill.value as number]).toMatchObject({ role: 'constant', elements: [9] });
  });

  it('are not kept when they are huge lists', () => {
    const { operators } = open({
      nodes: [{ type: 'Trees', outputs: ['y'], attributes: { leaves: new Array<number>(70_000).fill(1) } }],
    });
    expect(operators[0].attributes.get('leaves')?.kind).toBe('other');
  });
});

it('a Constant without a value is a constant of unknown type and shape', () => {
  const graph = constant({});
  const { id } = tensorNamed(graph, 'c');
  expect(graph.tensors[id]).toEqual({ id, name: 'c', role: 'constant' });
  expect(listing(graph)).toEqual(['use: Relu(c) -> y']);
});
