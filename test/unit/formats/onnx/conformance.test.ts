import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelGraph, Operator } from '../../../../planner-core/graph/modelGraph';
import { data, openFileAt } from '../support';

const folder = join(data, 'onnx-conformance');

/** What a conformance case says of its model. */
interface Expected {
  readonly graph_inputs: readonly { name: string; dtype: string; shape?: readonly (number | string)[] }[];
  readonly ops: Readonly<Record<string, number>>;
}

function casesOf(category: string): string[] {
  const path = join(folder, category);
  return existsSync(path)
    ? readdirSync(path).filter((name) => existsSync(join(path, name, 'model.onnx')))
    : [];
}

/** Every operator, those in subgraphs included. */
function all(operators: readonly Operator[]): Operator[] {
  return operators.flatMap((operator) => [
    operator,
    ...[...operator.attributes.values()].flatMap((value) =>
      value.kind === 'graph' ? all(value.value.operators) : [],
    ),
  ]);
}

function check(graph: ModelGraph, expected: Expected): void {
  expect(graph.diagnostics).toEqual([]);
  expect(graph.inputs.map((id) => graph.tensors[id].name)).toEqual(
    expected.graph_inputs.map(({ name }) => name),
  );
  graph.inputs.forEach((id, index) => {
    const { shape } = expected.graph_inputs[index];
    const declared = graph.tensors[id].shape;
    // Optional and sequence inputs have no shape of their own in the expectations.
    if (shape && !shape.includes('?')) expect(declared).toHaveLength(shape.length);
    shape?.forEach((dim, axis) => {
      if (typeof dim === 'number') expect(declared?.[axis]).toBe(dim);
    });
  });
  const operators = all(graph.operators);
  expect(operators.filter(({ type }) => type === 'Constant')).toEqual([]);
  expect(new Set(operators.map(({ name }) => name)).size).toBe(operators.length);
}

describe.skipIf(!existsSync(folder))('models of the ONNX conformance suite (needs ../shared/data)', () => {
  it.each(['node', 'simple', 'light', 'pytorch-operator', 'pytorch-converted'])('%s', (category) => {
    const cases = casesOf(category);
    expect(cases.length).toBeGreaterThan(0);
    for (const name of cases) {
      const path = join(folder, category, name);
      const expected = JSON.parse(readFileSync(join(path, 'expected.json'), 'utf8')) as Expected;
      const graph = openFileAt(join(path, 'model.onnx'));
      expect(() => check(graph, expected), name).not.toThrow();
    }
  });
});
