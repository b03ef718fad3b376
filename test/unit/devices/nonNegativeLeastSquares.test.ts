import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nonNegativeLeastSquares } from '../../../planner-core/devices/nonNegativeLeastSquares';

type Matrix = readonly (readonly number[])[];

const residual = (rows: Matrix, right: readonly number[], x: readonly number[]): number =>
  rows.reduce((sum, row, r) => sum + (row.reduce((dot, a, i) => dot + a * x[i], 0) - right[r]) ** 2, 0);

/** The least residual over a grid of non-negative points around every solution of every subset of unknowns. */
function bruteForce(rows: Matrix, right: readonly number[], width: number): number {
  let best = residual(rows, right, new Array<number>(width).fill(0));
  for (let subset = 1; subset < 2 ** width; subset++) {
    const free = Array.from({ length: width }, (_, i) => i).filter((i) => subset & (2 ** i));
    const x = unconstrained(rows, right, free, width);
    if (x?.every((value) => value >= 0)) best = Math.min(best, residual(rows, right, x));
  }
  return best;
}

/** Least squares over some of the unknowns by Gaussian elimination with pivoting; undefined when they are dependent. */
function unconstrained(
  rows: Matrix,
  right: readonly number[],
  free: readonly number[],
  width: number,
): number[] | undefined {
  const system = free.map((i) => [
    ...free.map((j) => rows.reduce((sum, row) => sum + row[i] * row[j], 0)),
    rows.reduce((sum, row, r) => sum + row[i] * right[r], 0),
  ]);
  const size = free.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let r = column; r < size; r++)
      if (Math.abs(system[r][column]) > Math.abs(system[pivot][column])) pivot = r;
    if (Math.abs(system[pivot][column]) < 1e-9) return undefined;
    [system[column], system[pivot]] = [system[pivot], system[column]];
    for (let r = 0; r < size; r++) {
      if (r === column) continue;
      const factor = system[r][column] / system[column][column];
      for (let c = column; c <= size; c++) system[r][c] -= factor * system[column][c];
    }
  }
  const x = new Array<number>(width).fill(0);
  free.forEach((i, k) => (x[i] = system[k][size] / system[k][k]));
  return x;
}

const entry = fc.integer({ min: -9, max: 9 });
const problems = fc
  .record({ width: fc.integer({ min: 1, max: 5 }), height: fc.integer({ min: 1, max: 8 }) })
  .chain(({ width, height }) =>
    fc.record({
      rows: fc.array(fc.array(entry, { minLength: width, maxLength: width }), {
        minLength: height,
        maxLength: height,
      }),
      right: fc.array(entry, { minLength: height, maxLength: height }),
    }),
  );

describe('nonNegativeLeastSquares', () => {
  it('is as close as the best subset of unknowns, and never negative', () => {
    fc.assert(
      fc.property(problems, ({ rows, right }) => {
        const x = nonNegativeLeastSquares(rows, right);
        expect(Math.min(...x)).toBeGreaterThanOrEqual(0);
        const best = bruteForce(rows, right, rows[0].length);
        expect(residual(rows, right, x)).toBeLessThanOrEqual(best + 1e-6 * (1 + best));
      }),
      { numRuns: 3000 },
    );
  });

  it('finds coefficients that made the data, whatever their scales', () => {
    const rows = [
      [1e12, 3, 1],
      [2e12, 1, 1],
      [1e12, 9, 1],
      [5e12, 2, 1],
    ];
    const truth = [2e-12, 0.5, 0.005];
    const right = rows.map((row) => row.reduce((sum, a, i) => sum + a * truth[i], 0));
    nonNegativeLeastSquares(rows, right).forEach((value, i) => expect(value / truth[i]).toBeCloseTo(1, 6));
  });

  it('leaves an unknown at zero that could only be negative, and one that nothing depends on', () => {
    expect(nonNegativeLeastSquares([[1, 0]], [-3])).toEqual([0, 0]);
  });

  it('has nothing to say without rows', () => {
    expect(nonNegativeLeastSquares([], [])).toEqual([]);
  });
});
