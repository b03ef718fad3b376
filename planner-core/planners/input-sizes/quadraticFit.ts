/** A measured point: `y` of something at `x`. */
export interface FitPoint {
  readonly x: number;
  readonly y: number;
}

/**
 * Least squares for c₀ + c₁ x + c₂ x²; of lower degree where there are fewer different x. The x are scaled to at most 1, which keeps the
 * normal equations well conditioned. Throws RangeError without points.
 */
export function quadraticFit(points: readonly FitPoint[]): number[] {
  const distinct = new Set(points.map(({ x }) => x)).size;
  if (distinct === 0) throw new RangeError('nothing to fit');
  const terms = Math.min(3, distinct);
  const scale = Math.max(...points.map(({ x }) => Math.abs(x))) || 1;
  const rows = points.map(({ x }) => Array.from({ length: terms }, (_, power) => (x / scale) ** power));
  const matrix = Array.from({ length: terms }, (_, i) => [
    ...Array.from({ length: terms }, (_, j) => rows.reduce((sum, row) => sum + row[i] * row[j], 0)),
    rows.reduce((sum, row, p) => sum + row[i] * points[p].y, 0),
  ]);
  return solve(matrix).map((c, power) => c / scale ** power);
}

export const evaluate = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, c) => sum * x + c, 0);

/** Gaussian elimination with pivots; the last column is the right-hand side. */
function solve(matrix: readonly (readonly number[])[]): number[] {
  const rows = matrix.map((row) => [...row]);
  const n = rows.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let r = column + 1; r < n; r++)
      if (Math.abs(rows[r][column]) > Math.abs(rows[pivot][column])) pivot = r;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let r = 0; r < n; r++) {
      if (r === column) continue;
      const factor = rows[r][column] / rows[column][column];
      for (let c = column; c <= n; c++) rows[r][c] -= factor * rows[column][c];
    }
  }
  return rows.map((row, i) => row[n] / row[i]);
}
