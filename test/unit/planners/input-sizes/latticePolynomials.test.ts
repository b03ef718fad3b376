import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatticePolynomials } from '../../../../planner-core/planners/input-sizes/latticePolynomials';

const whole = fc.integer({ min: 0, max: 1_000_000 });

describe('LatticePolynomials', () => {
  it('gives back every polynomial of degree 2 in each size, to the last unit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }).chain((axes) =>
          fc.record({
            axes: fc.constant(axes),
            coefficients: fc.array(whole, { minLength: 3 ** axes, maxLength: 3 ** axes }),
            steps: fc.array(fc.integer({ min: 0, max: 200 }), { minLength: axes, maxLength: axes }),
          }),
        ),
        ({ axes, coefficients, steps }) => {
          const polynomials = new LatticePolynomials(Array.from({ length: axes }, () => true));
          const truth = (k: readonly number[]): bigint =>
            polynomials.nodes.reduce(
              (sum, powers, term) =>
                sum +
                powers.reduce(
                  (product, power, axis) => product * BigInt(k[axis]) ** BigInt(power),
                  BigInt(coefficients[term]),
                ),
              0n,
            );
          const expected = truth(steps);
          if (expected > BigInt(Number.MAX_SAFE_INTEGER)) return;
          const fitted = polynomials.fit(
            polynomials.nodes.map((node) => Float64Array.of(Number(truth(node)))),
          );
          expect(BigInt(polynomials.evaluate(fitted, steps, new Float64Array(1))[0])).toBe(expected);
        },
      ),
    );
  });

  it('has one term for an axis along which nothing changes', () => {
    expect(new LatticePolynomials([false, true]).nodes).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
  });
});
