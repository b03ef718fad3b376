import { describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../planner-core/base/errors';
import type { AttributeValue, Operator } from '../../../planner-core/graph/modelGraph';
import { topologicalOrder } from '../../../planner-core/graph/topologicalOrder';

function operator(
  name: string,
  inputs: number[],
  outputs: number[],
  attributes: Record<string, AttributeValue> = {},
): Operator {
  return {
    name,
    domain: '',
    type: 'Add',
    inputs,
    outputs,
    attributes: new Map(Object.entries(attributes)),
    module: 0,
  };
}

const names = (operators: readonly Operator[]): string => operators.map(({ name }) => name).join(' ');

describe('topologicalOrder', () => {
  it('leaves an order that is one already', () => {
    const operators = [operator('a', [0], [1]), operator('b', [1, -1], [2]), operator('c', [1, 2], [3])];
    expect(topologicalOrder(operators)).toBe(operators);
  });

  it('puts producers before consumers', () => {
    const operators = [operator('c', [1, 2], [3]), operator('b', [1], [2]), operator('a', [0], [1])];
    expect(names(topologicalOrder(operators))).toBe('a b c');
  });

  it('counts what a subgraph takes from outside as an input', () => {
    const body: AttributeValue = {
      kind: 'graph',
      value: { name: '', inputs: [], outputs: [11], operators: [operator('inner', [5], [11])] },
    };
    const operators = [operator('if', [0], [1], { then_branch: body }), operator('late', [0], [5])];
    expect(names(topologicalOrder(operators))).toBe('late if');
  });

  it('names an operator on the cycle, not one behind it', () => {
    const operators = [
      operator('behind', [3], [4]),
      operator('start', [0], [1]),
      operator('first', [1, 3], [2]),
      operator('second', [2], [3]),
    ];
    expect(() => topologicalOrder(operators)).toThrow(HeadroomError);
    expect(() => topologicalOrder(operators)).toThrow(
      expect.objectContaining({
        code: 'cyclic-graph',
        where: { node: expect.stringMatching(/^(first|second)$/) as string },
      }),
    );
  });

  it('finds an operator that needs its own output', () => {
    expect(() => topologicalOrder([operator('self', [1], [1])])).toThrow(
      expect.objectContaining({ code: 'cyclic-graph', where: { node: 'self' } }),
    );
  });
});
