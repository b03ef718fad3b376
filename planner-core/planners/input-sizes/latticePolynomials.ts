import type { Size } from '../../plan/sizePlan';

/** Highest power of a size in what a step takes: attention scores have the square of the sequence. */
const degree = 2;

/**
 * Many polynomials of a size on a lattice, in Newton's forward form: sums of c · C(k₁, i₁) · C(k₂, i₂) …, with `k` steps
 * from the origin and binomial coefficients C. For whole numbers the coefficients are whole numbers (Newton's forward
 * differences), so byte counts stay exact; and where none but the constant is negative the polynomial never falls.
 */
export class LatticePolynomials {
  /** By axis: the highest power; 0 for an axis along which nothing changes. */
  private readonly powers: readonly number[];
  /** Steps from the origin at which samples are wanted, in the order `fit` expects them. */
  readonly nodes: readonly Size[];

  constructor(isMoving: readonly boolean[]) {
    this.powers = isMoving.map((moving) => (moving ? degree : 0));
    this.nodes = this.powers.reduce<number[][]>(
      (nodes, power) => nodes.flatMap((node) => Array.from({ length: power + 1 }, (_, k) => [...node, k])),
      [[]],
    );
  }

  /** Coefficients of a polynomial. */
  get terms(): number {
    return this.nodes.length;
  }

  /** `samples[node][i]`: what polynomial i is at a node. Returns `coefficients[term][i]`. */
  fit(samples: readonly Float64Array[]): Float64Array[] {
    const differences = samples.map((sample) => sample.slice());
    let inner = this.terms;
    for (const power of this.powers) {
      inner /= power + 1;
      for (let order = 1; order <= power; order++) {
        for (let at = this.terms - 1; at >= 0; at--) {
          const k = Math.floor(at / inner) % (power + 1);
          if (k < order) continue;
          const before = differences[at - inner];
          differences[at].forEach((value, i) => (differences[at][i] = value - before[i]));
        }
      }
    }
    return differences;
  }

  /** What each term is multiplied with at `steps` from the origin. */
  basis(steps: Size): number[] {
    return this.nodes.map((powers) =>
      powers.reduce((product, power, axis) => product * binomial(steps[axis], power), 1),
    );
  }

  /** Writes what each polynomial is at `steps` from the origin. */
  evaluate(coefficients: readonly Float64Array[], steps: Size, into: Float64Array): Float64Array {
    into.fill(0);
    this.basis(steps).forEach((factor, term) => {
      if (factor === 0) return;
      const column = coefficients[term];
      for (let i = 0; i < into.length; i++) into[i] += factor * column[i];
    });
    return into;
  }
}

/** C(k, 0), C(k, 1) or C(k, 2). */
const binomial = (k: number, order: number): number =>
  order === 0 ? 1 : order === 1 ? k : (k * (k - 1)) / 2;
