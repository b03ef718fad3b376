import type { Size } from '../../plan/sizePlan';
import type { LatticePolynomials } from './latticePolynomials';

/** Coefficients by term, of polynomials in steps from `origin`. */
export interface Columns {
  readonly origin: Size;
  readonly coefficients: readonly Float64Array[];
}

/**
 * Numbers that follow one polynomial from the smallest size on and, some of them, another one towards the largest, whichever is less:
 * what an embedding reads ends with the rows of its table.
 */
export class CappedColumns {
  private readonly other: Float64Array;

  constructor(
    private readonly polynomials: LatticePolynomials,
    private readonly low: Columns,
    private readonly high?: Columns,
  ) {
    this.other = new Float64Array(high ? this.length : 0);
  }

  get length(): number {
    return this.low.coefficients[0].length;
  }

  /** Writes the numbers at `steps` from the origin of the lattice. */
  evaluate(steps: Size, into: Float64Array): Float64Array {
    const { polynomials, low, high, other } = this;
    const from = ({ origin }: Columns): Size => steps.map((k, axis) => k - origin[axis]);
    polynomials.evaluate(low.coefficients, from(low), into);
    if (!high) return into;
    polynomials.evaluate(high.coefficients, from(high), other);
    for (let i = 0; i < into.length; i++) if (other[i] < into[i]) into[i] = other[i];
    return into;
  }
}
