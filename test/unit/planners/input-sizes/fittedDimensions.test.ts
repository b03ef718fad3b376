import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitDimensions, fittedSizes } from '../../../../planner-core/planners/input-sizes/fittedDimensions';

const of = (points: readonly (readonly [number, number])[]) =>
  points.map(([size, value]) => ({ dimension: 'u0', size: [size], value }));

describe('a dimension that depends on data', () => {
  it('is never below what it was in a batch, and off by no more than is said', () => {
    const points = fc.array(fc.tuple(fc.integer({ min: 1, max: 512 }), fc.integer({ min: 0, max: 4096 })), {
      minLength: 3,
      maxLength: 40,
    });
    fc.assert(
      fc.property(points, (batches) => {
        fc.pre(new Set(batches.map(([size]) => size)).size >= 3);
        const fitted = fitDimensions(of(batches));
        for (const [size, value] of batches) {
          const taken = fittedSizes(fitted, [size]).u0;
          expect(taken).toBeGreaterThanOrEqual(value);
          expect(taken - value).toBeLessThanOrEqual(
            (fitted[0].errorPercent / 100) * Math.max(1, value) + 1e-6,
          );
        }
      }),
    );
  });

  it('that follows the size is found', () => {
    const [fit] = fitDimensions(of([8, 16, 32, 64].map((x) => [x, 2 * x + 3])));
    expect(fit).toMatchObject({ dimension: 'u0', sizes: 4, errorPercent: 0 });
    expect(fittedSizes([fit], [48])).toEqual({ u0: 99 });
  });

  it('needs three sizes, and whole numbers', () => {
    expect(() =>
      fitDimensions(
        of([
          [8, 1],
          [16, 2],
          [16, 3],
        ]),
      ),
    ).toThrow('known at 2 sizes');
    expect(() =>
      fitDimensions(
        of([
          [8, 1],
          [16, 2.5],
          [32, 3],
        ]),
      ),
    ).toThrow('no whole number');
  });
});
