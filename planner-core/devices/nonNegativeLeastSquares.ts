/** A column this close to the span of those already taken adds nothing: relative to its own squared length. */
const dependence = 1e-10;

/**
 * The x ≥ 0 that brings A·x closest to b: the active-set method of Lawson and Hanson ("Solving Least Squares Problems",
 * 1974, chapter 23) on the normal equations. Unknowns are set free one at a time, the one whose growth helps most first;
 * when the free solution turns negative, the step ends where the first unknown reaches zero. Meant for tens of columns.
 */
export function nonNegativeLeastSquares(
  rows: readonly (readonly number[])[],
  right: readonly number[],
): number[] {
  const width = rows[0]?.length ?? 0;
  const scale = columnLengths(rows, width);
  const gram = Array.from({ length: width }, (_, i) =>
    Array.from({ length: width }, (_, j) =>
      rows.reduce((sum, row) => sum + (row[i] / scale[i]) * (row[j] / scale[j]), 0),
    ),
  );
  const target = Array.from({ length: width }, (_, i) =>
    rows.reduce((sum, row, r) => sum + (row[i] / scale[i]) * right[r], 0),
  );
  const tolerance = 1e-12 * Math.max(1e-300, ...target.map(Math.abs));
  const x = new Array<number>(width).fill(0);
  const free = new Set<number>();
  const refused = new Set<number>();
  for (let round = 0; round < 10 * width + 10; round++) {
    const next = steepest(gram, target, x, free, refused, tolerance);
    if (next < 0) break;
    free.add(next);
    if (settle(gram, target, x, free)) refused.clear();
    else {
      free.delete(next);
      refused.add(next);
    }
    // Setting an unknown free must not drive it back at once, or the same one would be chosen forever.
    if (!free.has(next)) refused.add(next);
  }
  return x.map((value, i) => value / scale[i]);
}

/** Lengths of the columns, 1 for columns of zeros. */
const columnLengths = (rows: readonly (readonly number[])[], width: number): number[] =>
  Array.from({ length: width }, (_, i) => Math.sqrt(rows.reduce((sum, row) => sum + row[i] ** 2, 0)) || 1);

/** The unknown at zero whose growth reduces the residual most; -1 when none does. */
function steepest(
  gram: readonly (readonly number[])[],
  target: readonly number[],
  x: readonly number[],
  free: ReadonlySet<number>,
  refused: ReadonlySet<number>,
  tolerance: number,
): number {
  let best = -1;
  let bestSlope = tolerance;
  target.forEach((value, i) => {
    if (free.has(i) || refused.has(i)) return;
    const slope = value - gram[i].reduce((sum, entry, j) => sum + entry * x[j], 0);
    if (slope > bestSlope) [best, bestSlope] = [i, slope];
  });
  return best;
}

/** Moves x to the best values of the free unknowns, fixing those that would turn negative; false if they are dependent. */
function settle(
  gram: readonly (readonly number[])[],
  target: readonly number[],
  x: number[],
  free: Set<number>,
): boolean {
  for (;;) {
    const indices = [...free].sort((a, b) => a - b);
    const wanted = solve(
      indices.map((i) => indices.map((j) => gram[i][j])),
      indices.map((i) => target[i]),
    );
    if (!wanted) return false;
    // How far towards `wanted` each unknown allows before it turns negative, and which one stops first.
    let step = 1;
    let blocking = -1;
    indices.forEach((i, k) => {
      if (wanted[k] > 0) return;
      const allowed = x[i] === 0 ? 0 : x[i] / (x[i] - wanted[k]);
      if (blocking < 0 || allowed < step) [step, blocking] = [allowed, i];
    });
    indices.forEach((i, k) => (x[i] = Math.max(0, x[i] + step * (wanted[k] - x[i]))));
    if (blocking < 0) return true;
    x[blocking] = 0;
    free.delete(blocking);
  }
}

/** Cholesky factorisation and two substitutions; undefined when the matrix is singular to working precision. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | undefined {
  const size = right.length;
  const lower = matrix.map(() => new Array<number>(size).fill(0));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i][j];
      for (let k = 0; k < j; k++) rest -= lower[i][k] * lower[j][k];
      if (i !== j) lower[i][j] = rest / lower[j][j];
      else if (rest <= dependence * matrix[i][i]) return undefined;
      else lower[i][i] = Math.sqrt(rest);
    }
  }
  const x = [...right];
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i] -= lower[i][k] * x[k];
    x[i] /= lower[i][i];
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i] -= lower[k][i] * x[k];
    x[i] /= lower[i][i];
  }
  return x;
}
