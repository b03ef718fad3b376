import { expect, it } from 'vitest';
import { single, type SingleSpec, type TensorSpec } from './smallGraph';

/** An operator, its inputs (undefined is an absent one), and what is expected of its outputs: "float32 [2, batch]". */
export type Row = [
  type: string,
  inputs: readonly (TensorSpec | undefined)[],
  options: SingleSpec,
  ...outputs: string[],
];

/** One test for each row: the expected outputs, and nothing to complain about. */
export function check(rows: readonly Row[]): void {
  it.each(rows)('%s %j %j', (type, inputs, options, ...outputs) => {
    const graph = single(type, inputs, { ...options, outputs: outputs.length });
    const table = graph.infer();
    expect(table.diagnostics).toEqual([]);
    expect(table.unprofiledOperators).toEqual([]);
    expect(outputs.map((_, i) => graph.describe(table, `out${i}`))).toEqual(outputs);
  });
}

/** A floating-point attribute. */
export const float = (value: number): { kind: 'float'; value: number } => ({ kind: 'float', value });

/** An integer input that is fed to the model. */
export const indices = (...shape: (number | string)[]): TensorSpec => ({
  dtype: 'int64',
  shape,
  role: 'input',
});

/** A constant list of floats. */
export const floats = (...elements: number[]): TensorSpec => ({
  dtype: 'float32',
  shape: [elements.length],
  elements,
  role: 'constant',
});
