import type { Size } from '../../plan/sizePlan';
import type { NodeId } from '../../step/stepGraph';
import type { LatticePolynomials } from './latticePolynomials';
import type { PeakOverSizes } from './sizedModel';
import { stepsTo, type SizeLattice } from './sizeLattice';

/** Live bytes of one moment of a plan. */
export interface MomentPolynomial {
  readonly coefficients: Float64Array;
  readonly node: NodeId;
}

/**
 * The peak of a plan against the size: the highest of the moments that are not below another one everywhere. A moment
 * is no higher than another at any size if no coefficient of Newton's form is: all binomials are at least 0.
 */
export class PeakEnvelope implements PeakOverSizes {
  readonly isMonotone: boolean;
  readonly moments: readonly MomentPolynomial[];

  constructor(
    readonly lattice: SizeLattice,
    private readonly polynomials: LatticePolynomials,
    /** `live[term][position]` */
    live: readonly Float64Array[],
    nodes: Int32Array,
    length: number,
  ) {
    this.moments = undominated(live, nodes, length);
    this.isMonotone = this.moments.every(({ coefficients }) =>
      coefficients.every((c, term) => term === 0 || c >= 0),
    );
  }

  at(size: Size): number {
    const steps = stepsTo(this.lattice, size);
    return steps ? this.momentAt(steps).bytes : Infinity;
  }

  /** The highest moment at `steps` from the lattice's origin. */
  momentAt(steps: Size): { readonly index: number; readonly bytes: number } {
    const basis = this.polynomials.basis(steps);
    let bytes = -1;
    let index = -1;
    this.moments.forEach(({ coefficients }, i) => {
      let sum = 0;
      for (let term = 0; term < basis.length; term++) sum += coefficients[term] * basis[term];
      if (sum <= bytes) return;
      bytes = sum;
      index = i;
    });
    return { index, bytes };
  }
}

function undominated(live: readonly Float64Array[], nodes: Int32Array, length: number): MomentPolynomial[] {
  const kept: MomentPolynomial[] = [];
  const isBelow = (position: number, coefficients: Float64Array): boolean =>
    live.every((column, term) => column[position] <= coefficients[term]);
  // The highest at a large size first: it is below no other, and most others are below it.
  const last = live[live.length - 1];
  const order = Array.from({ length }, (_, position) => position).sort(
    (a, b) => last[b] - last[a] || live[0][b] - live[0][a] || a - b,
  );
  for (const position of order) {
    if (kept.some(({ coefficients }) => isBelow(position, coefficients))) continue;
    kept.push({ coefficients: Float64Array.from(live, (column) => column[position]), node: nodes[position] });
  }
  return kept;
}
