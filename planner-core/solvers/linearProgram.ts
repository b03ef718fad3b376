/**
 * A mixed-integer linear program: minimise cost·x subject to rowLower ≤ A x ≤ rowUpper, lower ≤ x ≤ upper. Plain typed
 * arrays, so that it can cross to another thread. Infinite bounds are ±Infinity.
 */
export interface LinearProgram {
  readonly columnCount: number;
  readonly rowCount: number;
  readonly cost: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** By column: 1 where it must be whole. */
  readonly integer: Uint8Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  /** A by rows: entries of row r are at starts[r] .. starts[r + 1]. */
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/** Collects a program column by column and row by row. */
export class LinearProgramBuilder {
  private readonly cost: number[] = [];
  private readonly lower: number[] = [];
  private readonly upper: number[] = [];
  private readonly integer: number[] = [];
  private readonly rowLower: number[] = [];
  private readonly rowUpper: number[] = [];
  private readonly starts: number[] = [0];
  private readonly indices: number[] = [];
  private readonly values: number[] = [];

  get columnCount(): number {
    return this.cost.length;
  }

  get rowCount(): number {
    return this.rowLower.length;
  }

  /** A column that is 0 or 1. */
  binary(cost: number): number {
    return this.column(cost, 0, 1, true);
  }

  /** Adds a column and gives its index. */
  column(cost: number, lower: number, upper: number, isInteger = false): number {
    this.lower.push(lower);
    this.upper.push(upper);
    this.integer.push(isInteger ? 1 : 0);
    return this.cost.push(cost) - 1;
  }

  /** Adds a row of [column, coefficient] terms. */
  row(terms: readonly (readonly [number, number])[], lower: number, upper: number): void {
    for (const [column, coefficient] of terms) {
      this.indices.push(column);
      this.values.push(coefficient);
    }
    this.starts.push(this.indices.length);
    this.rowLower.push(lower);
    this.rowUpper.push(upper);
  }

  build(): LinearProgram {
    return {
      columnCount: this.columnCount,
      rowCount: this.rowCount,
      cost: Float64Array.from(this.cost),
      lower: Float64Array.from(this.lower),
      upper: Float64Array.from(this.upper),
      integer: Uint8Array.from(this.integer),
      rowLower: Float64Array.from(this.rowLower),
      rowUpper: Float64Array.from(this.rowUpper),
      starts: Int32Array.from(this.starts),
      indices: Int32Array.from(this.indices),
      values: Float64Array.from(this.values),
    };
  }
}
