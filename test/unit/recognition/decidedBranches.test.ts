import { expect, it } from 'vitest';
import type { AttributeValue, ModelGraph, Operator } from '../../../planner-core/graph/modelGraph';
import { ModelBuilder } from '../support/modelBuilder';
import { patternsOf, read, typesOf } from './support';

/** y = squeeze(relu(x), 1) if the second size of x is 1, else relu(x). */
function squeezing(channels: number): ModelGraph {
  const graph = new ModelBuilder()
    .input('x', [2, channels, 5])
    .constant('axis', [1])
    .constant('one', [1])
    .operator('Relu', ['x'], ['h'])
    .operator('Shape', ['h'], ['sizes'])
    .operator('Gather', ['sizes', 'axis'], ['size'], { axis: 0 })
    .operator('Equal', ['size', 'one'], ['isOne'])
    .operator('If', ['isOne'], ['y'])
    .operator('Squeeze', ['h', 'axis'], ['squeezed'])
    .operator('Identity', ['h'], ['same'])
    .operator('Neg', ['y'], ['z'])
    .build('z');
  const byType = (type: string): Operator => graph.operators.find((operator) => operator.type === type)!;
  const branch = (operator: Operator): AttributeValue => ({
    kind: 'graph',
    value: { name: operator.type, inputs: [], outputs: operator.outputs, operators: [operator] },
  });
  const choice: Operator = {
    ...byType('If'),
    attributes: new Map([
      ['then_branch', branch(byType('Squeeze'))],
      ['else_branch', branch(byType('Identity'))],
    ]),
  };
  const bodies = new Set(['Squeeze', 'Identity']);
  const operators = graph.operators
    .filter(({ type }) => !bodies.has(type))
    .map((operator) => (operator.type === 'If' ? choice : operator));
  return { ...graph, operators };
}

it('puts the branch that shapes decide in place of the choice', () => {
  const squeezed = read(squeezing(1));
  expect(patternsOf(squeezed)).toEqual(['decided-branches']);
  expect(typesOf(squeezed)).toContain('Squeeze');
  expect(typesOf(squeezed)).not.toContain('If');
  expect(typesOf(read(squeezing(3)))).not.toContain('Squeeze');
});

it('leaves a choice that data decides', () => {
  const graph = squeezing(1);
  const condition = graph.tensors.find(({ name }) => name === 'isOne')!.id;
  const operators = graph.operators.filter(({ outputs }) => !outputs.includes(condition));
  const found = read({ ...graph, operators, inputs: [...graph.inputs, condition] });
  expect(patternsOf(found)).toEqual([]);
});
