import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ModelBuilder } from '../support/modelBuilder';
import { patternsOf, read, typesOf } from './support';

const silu = (builder: ModelBuilder): ModelBuilder =>
  builder.operator('Sigmoid', ['x'], ['s']).operator('Mul', ['x', 's'], ['y']);
const model = (): ModelBuilder => new ModelBuilder().input('x', [4, 4]);

describe('what the exporter says', () => {
  test('confirms pieces of one call', () => {
    const found = read(silu(model().from('silu_3')).build('y'));
    expect(found.recognitions[0]).toMatchObject({
      pattern: 'silu',
      by: 'metadata',
      pieces: ['Sigmoid_0', 'Mul_1'],
    });
  });

  test('refuses pieces of several calls, and of another call', () => {
    const several = model()
      .from('sigmoid')
      .operator('Sigmoid', ['x'], ['s'])
      .from('mul')
      .operator('Mul', ['x', 's'], ['y']);
    expect(patternsOf(read(several.build('y')))).toEqual([]);
    expect(patternsOf(read(silu(model().from('gelu')).build('y')))).toEqual([]);
  });

  test('without it the structure decides', () => {
    expect(read(silu(model()).build('y')).recognitions[0].by).toBe('structure');
  });
});

describe('as exported', () => {
  test('by the name of a pattern or of one operator', () => {
    const graph = silu(model()).build('y');
    expect(typesOf(read(graph, ['silu']))).toEqual(['Sigmoid', 'Mul']);
    expect(typesOf(read(graph, ['Mul_1']))).toEqual(['Sigmoid', 'Mul']);
    expect(typesOf(read(graph, ['gelu', 'Relu_7']))).toEqual(['Swish']);
  });
});

test('an operator keeps name, module and results of its last piece', () => {
  const graph = silu(model().in('act')).build('y');
  const { graph: found } = read(graph);
  expect(found.operators).toHaveLength(1);
  expect(found.operators[0]).toMatchObject({ name: 'Mul_1', module: 1, outputs: graph.operators[1].outputs });
});

test('what a body of control flow reads is no piece', () => {
  const graph = silu(model()).build('y');
  const gate = graph.operators[0].outputs[0];
  const branch = { name: 'then', inputs: [], outputs: [gate], operators: [] };
  const conditional = {
    ...graph.operators[1],
    name: 'If_2',
    type: 'If',
    inputs: [graph.inputs[0]],
    outputs: [],
    attributes: new Map([['then_branch', { kind: 'graph' as const, value: branch }]]),
  };
  expect(patternsOf(read({ ...graph, operators: [...graph.operators, conditional] }))).toEqual([]);
});

test('random graphs: every result stays, order stays topological, nothing is read that nobody makes', () => {
  const types = ['Sigmoid', 'Tanh', 'Sqrt', 'Erf', 'Softplus', 'Mul', 'Add', 'Div'];
  const step = fc.tuple(fc.constantFrom(...types), fc.nat(), fc.nat());
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 24 }), (steps) => {
      const builder = model().number('one', 1).number('half', 0.5).number('root2', Math.SQRT2);
      const names = ['x', 'one', 'half', 'root2'];
      steps.forEach(([type, a, b], i) => {
        const inputs = ['Mul', 'Add', 'Div'].includes(type) ? [a, b] : [a];
        builder.operator(
          type,
          inputs.map((n) => names[n % names.length]),
          [`t${i}`],
        );
        names.push(`t${i}`);
      });
      const graph = builder.build(`t${steps.length - 1}`);
      const { graph: found, recognitions } = read(graph);
      const made = new Set(found.tensors.filter(({ role }) => role !== 'activation').map(({ id }) => id));
      for (const operator of found.operators) {
        for (const id of operator.inputs) expect(made.has(id)).toBe(true);
        for (const id of operator.outputs) made.add(id);
      }
      for (const output of found.outputs) expect(made.has(output)).toBe(true);
      const gone = recognitions.reduce((sum, { pieces }) => sum + pieces.length - 1, 0);
      expect(found.operators.length).toBeLessThanOrEqual(graph.operators.length - gone);
    }),
  );
});
