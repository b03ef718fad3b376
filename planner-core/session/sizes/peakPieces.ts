import type { WeightedSize } from '../../plan/sizePlan';
import { PeakEnvelope } from '../../planners/input-sizes/peakEnvelope';
import type { SizedProblem } from '../../planners/input-sizes/sizedPlanning';
import { stepsTo } from '../../planners/input-sizes/sizeLattice';
import type { PeakPiece } from './sizesModel';

/** Sizes looked at for a change of the moment that is highest. */
const mostLooks = 100_000;

/** The peak of keeping everything over one dimension, as polynomials; empty where it is none. */
export function peakPieces({ model }: SizedProblem, sizes: readonly WeightedSize[]): PeakPiece[] {
  const peaks = model.peaks(new Int32Array(0));
  if (!(peaks instanceof PeakEnvelope) || sizes.length === 0) return [];
  const [origin] = peaks.lattice.origin;
  const [stride] = peaks.lattice.stride;
  const ends = [sizes[0], sizes[sizes.length - 1]].map(({ size }) => stepsTo(peaks.lattice, size)?.[0]);
  const [first, last] = ends;
  if (first === undefined || last === undefined || last - first > mostLooks) return [];
  const pieces: (PeakPiece & { to: number })[] = [];
  let current = -1;
  for (let k = first; k <= last; k++) {
    const { index } = peaks.momentAt([k]);
    const x = origin + k * stride;
    if (index === current) {
      pieces[pieces.length - 1].to = x;
      continue;
    }
    current = index;
    const { coefficients, node } = peaks.moments[index];
    pieces.push({
      from: x,
      to: x,
      coefficients: monomials(coefficients, origin, stride),
      node: model.template.nodeName[node],
    });
  }
  return pieces;
}

/** Newton's form a + b · k + c · k (k − 1) / 2 with k = (x − origin) / stride, in powers of x. */
function monomials(newton: Float64Array, origin: number, stride: number): number[] {
  if (newton.length === 1) return [newton[0]];
  const [a, b, c] = newton;
  const [linear, square] = [(b - c / 2) / stride, c / 2 / stride ** 2];
  return [a - linear * origin + square * origin ** 2, linear - 2 * square * origin, square];
}
