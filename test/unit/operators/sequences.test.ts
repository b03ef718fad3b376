import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indices } from './rows';
import { ints, scalar, SmallGraph, x, type NodeSpec, type TensorSpec } from './smallGraph';

const node = (
  type: string,
  inputs: readonly string[],
  output: string,
  attributes?: NodeSpec['attributes'],
): NodeSpec => ({ type, inputs, outputs: [output], attributes });

/** What is known about the last tensor of a chain of operators on `a` [2, n] and `b` [5, n]. */
function last(nodes: readonly NodeSpec[], tensors: Readonly<Record<string, TensorSpec>> = {}): string {
  const graph = new SmallGraph({
    tensors: { a: x(2, 'n'), b: x(5, 'n'), zero: scalar(0, 'int64'), one: scalar(1, 'int64'), some: indices(), ...tensors },
    nodes,
  }); // prettier-ignore
  const table = graph.infer();
  expect(table.diagnostics).toEqual([]);
  return graph.describe(table, nodes[nodes.length - 1].outputs[0]);
}

const pair = node('SequenceConstruct', ['a', 'b'], 's');

describe('sequences', () => {
  it.each<[string, NodeSpec[], string]>([
    ['give the tensor at a position', [pair, node('SequenceAt', ['s', 'one'], 'y')], 'float32 [5, n]'],
    [
      'give what all have in common where the position is not known',
      [pair, node('SequenceAt', ['s', 'some'], 'y')],
      'float32 [SequenceConstruct_0:size, n]',
    ],
    [
      'can be inserted into',
      [
        pair,
        node('SequenceInsert', ['s', 'b', 'zero'], 't'),
        node('ConcatFromSequence', ['t'], 'y', { axis: 0 }),
      ],
      'float32 [12, n]',
    ],
    [
      'can be erased from, at the end when nothing else is said',
      [pair, node('SequenceErase', ['s'], 't'), node('ConcatFromSequence', ['t'], 'y', { axis: 0 })],
      'float32 [2, n]',
    ],
    [
      'grow from nothing',
      [
        node('SequenceEmpty', [], 's'),
        node('SequenceInsert', ['s', 'a'], 't'),
        node('SequenceAt', ['t', 'zero'], 'y'),
      ],
      'float32 [2, n]',
    ],
    [
      'are stacked along a new axis',
      [
        node('SequenceConstruct', ['a', 'a', 'a'], 's'),
        node('ConcatFromSequence', ['s'], 'y', { axis: -1, new_axis: 1 }),
      ],
      'float32 [2, n, 3]',
    ],
    [
      'pass through identities and optionals',
      [
        pair,
        node('Identity', ['s'], 't'),
        node('Optional', ['t'], 'o'),
        node('OptionalGetElement', ['o'], 'u'),
        node('SequenceAt', ['u', 'zero'], 'y'),
      ],
      'float32 [2, n]',
    ],
    [
      'of pieces know the size of each',
      [node('SplitToSequence', ['b', 'two'], 's', { axis: 0 }), node('SequenceAt', ['s', 'two'], 'y')],
      'float32 [1, n]',
    ],
    [
      'of slices lose the axis',
      [
        node('SplitToSequence', ['b', ''], 's', { axis: 1, keepdims: 0 }),
        node('SequenceAt', ['s', 'zero'], 'y'),
      ],
      'float32 [5]',
    ],
    [
      'of given sizes',
      [node('SplitToSequence', ['b', 'sizes'], 's'), node('SequenceAt', ['s', 'one'], 'y')],
      'float32 [4, n]',
    ],
  ])('%s', (_, nodes, expected) => {
    expect(last(nodes, { two: scalar(2, 'int64'), sizes: ints(1, 4) })).toBe(expected);
  });

  it('know how long they are', () => {
    const graph = new SmallGraph({
      tensors: { b: x('n', 3) },
      nodes: [node('SplitToSequence', ['b', ''], 's'), node('SequenceLength', ['s'], 'y')],
    });
    expect(graph.infer().facts[graph.id('y')]?.elements?.map(String)).toEqual(['n']);
  });

  it('say where a position is outside', () => {
    const graph = new SmallGraph({
      tensors: { a: x(2), two: scalar(2, 'int64') },
      nodes: [node('SequenceConstruct', ['a', 'a'], 's'), node('SequenceAt', ['s', 'two'], 'y')],
    });
    expect(graph.infer().diagnostics).toMatchObject([{ code: 'shape-mismatch', node: 'SequenceAt_1' }]);
  });

  it('join to what was split', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 9 }), (total, size) => {
        const graph = new SmallGraph({
          tensors: { a: x(3, total), size: scalar(size, 'int64') },
          nodes: [
            node('SplitToSequence', ['a', 'size'], 's', { axis: 1 }),
            node('SequenceLength', ['s'], 'count'),
            node('ConcatFromSequence', ['s'], 'y', { axis: 1 }),
          ],
        });
        const { facts, diagnostics } = graph.infer();
        expect(diagnostics).toEqual([]);
        expect(facts[graph.id('count')]?.elements).toEqual([Math.ceil(total / size)]);
        // Tensors are followed one by one up to 256 of them; equal pieces need not be.
        const isFollowed = total > 0 && (total / size <= 256 || total % size === 0);
        const shape = facts[graph.id('y')]?.shape;
        if (isFollowed) expect(shape).toEqual([3, total]);
        else if (shape) expect([shape[0], typeof shape[1]]).toEqual([3, 'object']);
      }),
      { seed: 7 },
    );
  });
});
