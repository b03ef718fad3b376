import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../../../planner-core/base/errors';
import { bandwidthBreakpoints } from '../../../../../planner-core/planners/placement/cut/bandwidthBreakpoints';
import { splitInTwo } from '../../../../../planner-core/planners/placement/cut/splitInTwo';
import type { PlacementProblem, Transfers } from '../../../../../planner-core/planners/placement/problem';
import { allSides, naiveMs, problemOf, sketches } from './randomProblem';

const seed = 20_261;

const groupCountOf = ({ groups }: PlacementProblem): number => groups.offsets.length - 1;

/** The least time there is, within the memory of both devices. */
function leastMs(problem: PlacementProblem, direction: 'both' | 'one-way' = 'both', byteFactor = 1): number {
  let least = Infinity;
  for (const device of allSides(groupCountOf(problem))) {
    const bytes = [0, 0];
    device.forEach((index, group) => (bytes[index] += problem.groupBytes[group]));
    if (bytes.some((sum, index) => sum > problem.memoryBytes[index])) continue;
    least = Math.min(least, naiveMs(problem, device, direction, byteFactor));
  }
  return least;
}

const failed = async (promise: Promise<unknown>): Promise<boolean> => {
  try {
    await promise;
    return false;
  } catch (error) {
    if (error instanceof HeadroomError && error.code === 'infeasible') return true;
    throw error;
  }
};

describe('splitInTwo', () => {
  it.each<Transfers['kind']>(['links', 'through-host', 'listed'])(
    'is the best of all splits, transfers %s',
    async (kind) => {
      await fc.assert(
        fc.asyncProperty(sketches, fc.constantFrom('both', 'one-way'), async (sketch, direction) => {
          const problem = problemOf(sketch, kind);
          const least = leastMs(problem, direction);
          const split = splitInTwo(problem, 0, 1, { direction });
          if (least === Infinity) {
            expect(await failed(split)).toBe(true);
            return;
          }
          const { totalMs, boundMs, placement } = await split;
          expect(totalMs).toBeCloseTo(least, 6);
          expect(boundMs).toBeCloseTo(least, 6);
          expect(naiveMs(problem, [...placement], direction)).toBeCloseTo(totalMs, 6);
        }),
        { seed, numRuns: 1000 },
      );
    },
  );

  it('fits two memories, and never claims a bound above the best', async () => {
    let [found, exact, missed] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(sketches, fc.nat(60), fc.nat(60), async (sketch, first, second) => {
        const problem = { ...problemOf(sketch), memoryBytes: Float64Array.of(first, second) };
        const least = leastMs(problem);
        try {
          const { totalMs, boundMs, placement, firstBytes } = await splitInTwo(problem, 0, 1);
          found++;
          expect(firstBytes).toBeLessThanOrEqual(first);
          expect(naiveMs(problem, [...placement])).toBeCloseTo(totalMs, 6);
          expect(boundMs).toBeLessThanOrEqual(least + 1e-6);
          expect(totalMs).toBeGreaterThanOrEqual(least - 1e-6);
          exact += Number(totalMs < least + 1e-6);
        } catch (error) {
          if (!(error instanceof HeadroomError)) throw error;
          expect(error.code).toBe('infeasible');
          missed += Number(least < Infinity);
        }
      }),
      { seed, numRuns: 1500 },
    );
    expect(exact / found).toBeGreaterThan(0.9);
    expect(missed / found).toBeLessThan(0.05);
  });

  it('names a pin that contradicts the device, and a task that neither device runs', async () => {
    const base = problemOf({
      times: [
        [1, 1],
        [5, 200],
        [1, 1],
      ],
      results: [
        [0, [1], 4],
        [1, [1], 4],
      ],
      tied: [9, 9, 9],
      bytes: [1, 1, 1],
      pins: [-1, 1, -1],
      latencyMs: [1, 1],
      msPerByte: [1, 1],
    });
    const impossible = { ...base, durationMs: base.durationMs.map((ms) => (ms === 200 ? Infinity : ms)) };
    await expect(splitInTwo(impossible, 0, 1)).rejects.toMatchObject({
      code: 'infeasible',
      where: { node: 'task1' },
    });
    const nowhere = {
      ...impossible,
      durationMs: base.durationMs.map((ms, i) => (i % 3 === 1 ? Infinity : ms)),
    };
    await expect(splitInTwo({ ...nowhere, pinnedDevice: Int32Array.of(-1, -1, -1) }, 0, 1)).rejects.toThrow(
      /Neither phone nor server can run task1/,
    );
    const third = { ...base, pinnedDevice: Int32Array.of(-1, 2, -1), deviceName: ['phone', 'server', 'tpu'] };
    await expect(splitInTwo(third, 0, 1)).rejects.toThrow(/task1 is pinned to tpu/);
    await expect(splitInTwo(base, 0, 0)).rejects.toMatchObject({ code: 'bad-usage' });
  });
});

describe('bandwidthBreakpoints', () => {
  const range = [1 / 64, 64] as const;

  it('is the lower envelope of all splits', async () => {
    let most = 0;
    await fc.assert(
      fc.asyncProperty(
        sketches,
        fc.array(fc.double({ min: -6, max: 6, noNaN: true }), { maxLength: 6 }),
        async (sketch, at) => {
          const problem = problemOf(sketch);
          if (leastMs(problem) === Infinity) {
            expect(await failed(bandwidthBreakpoints(problem, 0, 1, range))).toBe(true);
            return;
          }
          const segments = await bandwidthBreakpoints(problem, 0, 1, range);
          most = Math.max(most, segments.length);
          expect(segments[0].fromFactor).toBe(range[0]);
          expect(segments.at(-1)!.toFactor).toBe(range[1]);
          segments.forEach(({ fromFactor, toFactor, fixedMs, byteMs, split }, i) => {
            expect(fromFactor).toBeLessThan(toFactor);
            if (i > 0) {
              expect(fromFactor).toBe(segments[i - 1].toFactor);
              // Each is another split with more over the link and less besides.
              expect(byteMs).toBeGreaterThan(segments[i - 1].byteMs);
              expect(fixedMs).toBeLessThan(segments[i - 1].fixedMs);
            }
            expect(naiveMs(problem, [...split.placement], 'both', 1 / fromFactor)).toBeCloseTo(
              split.totalMs,
              6,
            );
          });
          for (const factor of [
            ...at.map((exponent) => 2 ** exponent),
            ...segments.map((s) => s.fromFactor),
          ]) {
            const segment = segments.find(
              ({ fromFactor, toFactor }) => factor >= fromFactor && factor <= toFactor,
            )!;
            expect(segment.fixedMs + segment.byteMs / factor).toBeCloseTo(
              leastMs(problem, 'both', 1 / factor),
              6,
            );
          }
        },
      ),
      { seed, numRuns: 600 },
    );
    expect(most).toBeGreaterThan(2);
  });
});
